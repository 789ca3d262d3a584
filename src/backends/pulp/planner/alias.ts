/** A value in the bytes of another: a part of it, or its axes in another order. */
import type { Node, Value } from "../../../ir/graph.js";
import { slotBytes } from "../../../ir/storage.js";
import { sizes } from "../../../ir/type.js";
import type { Extent, Layout } from "../contract.js";
import { extentOf } from "./extent.js";
import type { Home } from "./moves.js";

type Axis = keyof Extent;

/** The axis of an extent that an axis of a shape is; nothing for batches and reshaped shapes. */
function axisOf({ type }: Value, axis: number): Axis | undefined {
  const rank = type.shape.length;
  const axes: readonly (Axis | undefined)[] =
    rank === 4 ? [undefined, "h", "w", "c"] : rank === 3 ? [undefined, "w", "c"] : ["w", "c"];
  return axes[axis < 0 ? axis + rank : axis];
}

/** Bytes from one position along an axis to the next. */
type Steps = Readonly<Record<Axis, number>>;
const stepsOf = ({ layout, pitch, stride }: Home, bytes: number): Steps =>
  layout.order === "hwc" ? { h: stride, w: pitch, c: bytes } : { h: pitch, w: bytes, c: stride };
const withSteps = (home: Home, layout: Layout, offset: number, { h, w, c }: Steps): Home =>
  layout.order === "hwc"
    ? { ...home, layout, offset, pitch: w, stride: h }
    : { ...home, layout, offset, pitch: h, stride: c };

/** A value in the bytes of another, and what layouts the two may have: its own, then the other's. */
export interface Alias {
  readonly value: Value;
  readonly within: Value;
  readonly layouts: readonly (readonly [Layout, Layout])[];
  /** Where it lies, given where the other does. */
  home(within: Home, own: Layout): Home;
}

const pixels = (align: 1 | 4): Layout => ({ order: "hwc", align });
const planes = (align: 1 | 4): Layout => ({ order: "chw", align });
/** Rows of pixels and planes whose ends touch the next value's bytes are never padded. */
const exact = ({ c }: Extent): Layout => pixels(c % 4 === 0 ? 4 : 1);

/** A part of `within`: `from` along each axis, every `step`-th position. */
function part(value: Value, within: Value, from: Partial<Steps>, step: Partial<Steps> = {}): Alias {
  const bytes = slotBytes(value.type.storage);
  const own = extentOf(value)!;
  const whole = extentOf(within)!;
  const moved = (axis: Axis) => (from[axis] ?? 0) !== 0 || own[axis] !== whole[axis];
  const inPlanes = !moved("w") && (step.h ?? 1) === 1;
  return {
    value,
    within,
    layouts: [
      ...([1, 4] as const).map((align) => [exact(own), pixels(align)] as const),
      ...(inPlanes ? [[planes(4), planes(4)] as const] : []),
    ],
    home(outer, layout) {
      const s = stepsOf(outer, bytes);
      const at = (["h", "w", "c"] as const).reduce((n, a) => n + (from[a] ?? 0) * s[a], outer.offset);
      const each = (a: Axis) => s[a] * (step[a] ?? 1);
      return withSteps(outer, layout, at, { h: each("h"), w: each("w"), c: each("c") });
    },
  };
}

/** Rows as columns. */
const swapped = (value: Value, within: Value): Alias => ({
  value,
  within,
  layouts: ([1, 4] as const).map((align) => [exact(extentOf(value)!), pixels(align)]),
  home(outer, layout) {
    const s = stepsOf(outer, slotBytes(value.type.storage));
    return withSteps(outer, layout, outer.offset, { h: s.w, w: s.h, c: s.c });
  },
});

/** A value whose rows are the pixels of `within`; `order` names its axes as those of `within`. */
const turned = (value: Value, within: Value, order: Readonly<Record<Axis, Axis>>): Alias => ({
  value,
  within,
  layouts: ([1, 4] as const).map((align) => [planes(align), pixels(align)]),
  home(outer, layout) {
    const s = stepsOf(outer, slotBytes(value.type.storage));
    return withSteps(outer, layout, outer.offset, { h: s[order.h], w: s[order.w], c: s[order.c] });
  },
});

/** Joins, of which each operand is a part of the result. */
export function joined(node: Node, operands: readonly Value[]): readonly Alias[] | undefined {
  const axis = axisOf(node.result, node.attrs.axis as number);
  if (!axis || ![...operands, node.result].every(extentOf)) return undefined;
  let from = 0;
  return operands.map((v) => {
    const alias = part(v, node.result, { [axis]: from });
    from += extentOf(v)![axis];
    return alias;
  });
}

/** The result of a slice or a crop as a part of the operand. */
function taken({ op, attrs, operands: [x], result }: Node): Alias | undefined {
  if (!extentOf(x!) || !extentOf(result)) return undefined;
  if (op.name === "crop") {
    const edges = attrs.edges as readonly number[];
    const [top, left] = edges.length === 2 ? [0, edges[0]!] : [edges[0]!, edges[1]!];
    return part(result, x!, { h: top, w: left });
  }
  const axis = op.name === "slice" ? axisOf(x!, attrs.axis as number) : undefined;
  const step = attrs.step as number;
  if (!axis || (axis === "c" && step !== 1)) return undefined;
  return part(result, x!, { [axis]: attrs.begin as number }, { [axis]: step });
}

/** Which axis of a transposition's operand each axis of its result is. */
function axesOf({ op, attrs, operands: [x], result }: Node): Readonly<Record<Axis, Axis>> | undefined {
  if (op.name !== "transpose" || !extentOf(x!) || !extentOf(result)) return undefined;
  const perm = attrs.perm as readonly number[];
  const axes = { h: "h", w: "w", c: "c" } as Record<Axis, Axis>;
  for (const [i, from] of perm.entries()) {
    const [to, own] = [axisOf(x!, i), axisOf(x!, from)];
    if ((to === undefined) !== (own === undefined)) return undefined;
    if (to && own) axes[to] = own;
  }
  return axes;
}

/** A node as aliases, and the copy between them that it may need. */
export interface Taken {
  /** Before the copy. */
  readonly before: readonly Alias[];
  readonly copy?: { readonly from: Value; readonly to: Value };
  /** Of what the copy makes. */
  readonly behind: readonly Alias[];
}

/** A value of the plan's own, like another. */
export const other = (name: string, { type, places }: Value, shape = sizes(type)): Value => ({
  name,
  type: { ...type, shape },
  places,
});

/** What becomes of a node that moves no elements, or all of them alike; `strided`: its result may be a part of others' bytes. */
export function takenBy(node: Node, strided: boolean): Taken | undefined {
  const { name } = node.result;
  const forward = (make: (value: Value) => Alias | undefined): Taken | undefined => {
    const value = strided ? node.result : other(`${name}.part`, node.result);
    const alias = make(value);
    if (!alias) return undefined;
    return strided
      ? { before: [alias], behind: [] }
      : { before: [alias], copy: { from: value, to: node.result }, behind: [] };
  };
  const axes = axesOf(node);
  if (!axes) return forward((result) => taken({ ...node, result }));
  const [x] = node.operands as [Value];
  if (axes.c === "c") return axes.h === "w" ? forward((result) => swapped(result, x)) : undefined;
  // Rows of what is copied are the pixels of the result.
  const before = axes.c === "h" ? [swapped(other(`${name}.rows`, x, rowsAsColumns(x)), x)] : [];
  const from = before[0]?.value ?? x;
  const to = other(`${name}.planes`, from);
  const order = { h: "h", w: "w", c: "c" } as Record<Axis, Axis>;
  for (const axis of ["h", "w", "c"] as const)
    order[before.length > 0 ? flipped[axes[axis]] : axes[axis]] = axis;
  return { before, copy: { from, to }, behind: [turned(to, node.result, order)] };
}

const flipped = { h: "w", w: "h", c: "c" } as const;
function rowsAsColumns({ type }: Value): readonly number[] {
  const [n, h, w, c] = sizes(type) as [number, number, number, number];
  return [n, w, h, c];
}
