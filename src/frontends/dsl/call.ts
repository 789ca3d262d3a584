/** A call of an op becomes a node: arguments are sorted, params made, the op's own rules asked. */
import type { Extent } from "../../../grammar/ir-syntax.js";
import { makeNode } from "../../ir/build.js";
import { type Complaint, inferResult } from "../../ir/check.js";
import { type Place, Refusal } from "../../ir/diagnostic.js";
import { isParam, type Node, type Value } from "../../ir/graph.js";
import type { Attrs, OpDef, OperandSpec } from "../../ir/op.js";
import { activation, printType, type TensorType, tensorType, wrongShape } from "../../ir/type.js";
import { type Argument, rowOf, type Sorted, signature, sortArguments } from "./arguments.js";
import type { CallRow, ParamRow, Sized } from "./calls.js";
import type { Context } from "./context.js";
import type { Meaning } from "./meaning.js";
import { makeModelParam, type ParamMaker } from "./params.js";

/** What may still be made. */
export interface Left {
  /** Nodes and block expansions: nested blocks multiply. */
  nodes: number;
  /** Elements of params. */
  elements: number;
}

/** The model that calls add nodes to. */
export interface Build {
  readonly cx: Context;
  readonly nodes: Node[];
  /** Names of values that are taken, with the number that the next one of that name gets. */
  readonly names: Map<string, number>;
  /** Names that statements give and that no value has yet: taken for all others. */
  readonly reserved: Set<string>;
  readonly maker: ParamMaker;
  /** Words that some argument of some op takes: a block's parameter may carry them. */
  readonly words: ReadonlySet<string>;
  readonly left: Left;
}

/** `wish` itself, or `wish_1`, `wish_2`, ... when it is taken. `own`: a statement gives this name. */
export function freshName(build: Pick<Build, "names" | "reserved">, wish: string, own = false): string {
  const { names, reserved } = build;
  if (own && reserved.delete(wish)) return wish;
  let name = wish;
  for (let count = names.get(wish) ?? 0; names.has(name); count++) {
    name = `${wish}_${count}`;
    names.set(wish, count + 1);
  }
  names.set(name, 1);
  return name;
}

/** What the result of a call is called, and whether a statement says so. */
export interface Name {
  readonly text: string;
  readonly own: boolean;
}

/** How values are called: the one that an expression gives, and those on the way to it. */
export interface Naming {
  readonly result: string | undefined;
  readonly prefix: string;
}
export const inner = ({ prefix }: Naming): Naming => ({ result: undefined, prefix });
export const nameFor = ({ result, prefix }: Naming, op: string): Name => ({
  text: result ?? (prefix ? `${prefix}.${op}` : op),
  own: result !== undefined,
});

/** Blocks that call blocks can mean more work than anyone wrote: then reading ends. */
export function spend(build: Build, at: Extent): void {
  if (--build.left.nodes >= 0) return;
  build.cx.error("dsl/too-large", at, "the models of this file expand into more calls than they may have", {
    help: "check how often its blocks call each other",
  });
  throw new Refusal();
}

export const tensorOf = (value: Value | undefined): Meaning | undefined =>
  value === undefined ? undefined : { kind: "tensor", value };

/** Why an op of the list is none that a model can call. */
export function notCallable(op: OpDef): string | undefined {
  if (!op.float) return `${op.name} has no float meaning: it belongs to graphs that are quantised`;
  const params = Object.entries(op.operands as OperandSpec).filter(
    ([, kind]) => kind.param && !kind.optional,
  );
  const unknown = params.find(([name]) => !rowOf(op)?.params?.[name]);
  return unknown && `nothing says how large the param ${unknown[0]} of ${op.name} is`;
}

/** The result's value; nothing when a complaint was made. */
export function callOp(
  build: Build,
  op: OpDef,
  args: readonly Argument[],
  at: Extent,
  name: Name,
): Value | undefined {
  const { cx } = build;
  const wrong = notCallable(op);
  if (wrong) cx.error("dsl/unknown-call", at, wrong);
  const sorted = wrong === undefined ? sortArguments(cx, op, args, at) : undefined;
  const call = sorted && complete(cx, op, sorted, at);
  if (!sorted || !call) return undefined;
  const fresh = freshName(build, name.text, name.own);
  const operands = addParams(build, op, sorted.tensors, call.sized, fresh, at);
  if (!operands) return undefined;
  const inferred = inferResult(op, operands, call.attrs);
  const shape = "text" in inferred ? undefined : wrongShape(inferred.type.shape);
  if ("text" in inferred || shape) {
    complain(cx, op, sorted, "text" in inferred ? inferred : { text: shape! }, at);
    return undefined;
  }
  const node = makeNode(op, operands, call.attrs, { name: fresh, places: [cx.span(at)] });
  build.nodes.push(node);
  return node.result;
}

function complete(cx: Context, op: OpDef, { tensors, written, places }: Sorted, at: Extent) {
  const row = rowOf(op);
  const sized = sizedOf(tensors[0]?.type, row, written);
  if (typeof sized === "string") return refuse(cx, op, at, sized);
  const attrs: Record<string, Attrs[string]> = Object.fromEntries(
    Object.entries(written).filter(([name]) => Object.hasOwn(op.attrs, name)),
  );
  const made = row?.attrs?.(sized) ?? {};
  if (typeof made === "string") return refuse(cx, op, places.get("pad") ?? at, made);
  for (const [name, value] of Object.entries(made)) {
    const [said, follows] = [JSON.stringify(attrs[name]), JSON.stringify(value)];
    if (name in attrs && said !== follows)
      return refuse(
        cx,
        op,
        places.get(name) ?? at,
        `${name} is ${said}, but the other arguments make it ${follows}`,
      );
    attrs[name] = value;
  }
  const needed = Object.entries(row?.arguments ?? {}).find(
    ([name, kind]) => kind.kind === "ints" && !("optional" in kind) && !(name in written),
  );
  return needed ? refuse(cx, op, at, `${op.name} needs ${needed[0]}`) : { attrs, sized };
}

function refuse(cx: Context, op: OpDef, at: Extent, text: string): undefined {
  cx.error("dsl/argument", at, text, { help: signature(op) });
  return undefined;
}

function sizedOf(x: TensorType | undefined, row: CallRow | undefined, written: Attrs): Sized | string {
  const defaults = Object.entries(row?.arguments ?? {}).flatMap(([name, kind]) =>
    "default" in kind ? [[name, kind.default] as const] : [],
  );
  const given = { ...Object.fromEntries(defaults), ...written };
  if (!x || x.shape.length < 2) return { channels: 1, spatial: [], given };
  const { spatial, channels } = activation(x);
  return { channels, spatial, given };
}

/** All operands in the record's order, or nothing where the model has grown too large. */
function addParams(
  build: Build,
  op: OpDef,
  tensors: readonly Value[],
  sized: Sized,
  name: string,
  at: Extent,
): readonly Value[] | undefined {
  const { cx, maker } = build;
  const rows = rowOf(op)?.params ?? {};
  const specs = Object.entries(op.operands as OperandSpec);
  if (specs[0]?.[1].variadic) return tensors;
  const [operands, waiting]: [Value[], Value[]] = [[], [...tensors]];
  for (const [operand, kind] of specs) {
    const row: ParamRow | undefined = kind.param ? rows[operand] : undefined;
    if (!kind.param)
      operands.push(...waiting.splice(0, 1).map(named(maker, `${name}.${operand}`, cx.span(at))));
    if (!row || row.when?.(sized) === false) continue;
    const param = makeModelParam(maker, `${name}.${operand}`, row, sized, [cx.span(at)]);
    if (!param) {
      cx.error("dsl/too-large", at, `${op.name} makes more weights than a model may have`, {
        help: "microcontrollers hold a few million; check the sizes",
      });
      return undefined;
    }
    operands.push(param);
  }
  return operands;
}

/** A number that was written gets the name of its operand; nothing trains it, and no file replaces it. */
const named =
  ({ prefix }: ParamMaker, name: string, place: Place) =>
  (value: Value): Value =>
    isParam(value) ? { ...value, name: `${prefix}${name}`, places: [place] } : value;

/** Points at the tensor or argument that the op complains of, else at the call, and shows the shapes. */
function complain(
  cx: Context,
  op: OpDef,
  sorted: Sorted,
  { text, operand, attr, help }: Complaint,
  at: Extent,
): void {
  const { tensors, tensorPlaces, places } = sorted;
  const shown = tensors
    .slice(0, 8)
    .map((v) => `${v.name}: ${printType(tensorType(v.type.storage, v.type.shape))}`);
  const place =
    (operand === undefined ? undefined : tensorPlaces[operand]) ?? (attr && places.get(attr)) ?? at;
  const more = shown.length > 0 ? `; ${shown.join(", ")}` : "";
  const subject = text.startsWith(op.name) ? "" : `${op.name}: `;
  cx.error(
    "dsl/shape",
    place || at,
    `${subject}${text}${more}`,
    help || attr ? { help: help ?? signature(op) } : joining(tensors),
  );
}

/** The usual cause where branches meet: a convolution that shortens one of them. */
function joining(tensors: readonly Value[]): { readonly help?: string } {
  const spatial = tensors.map((v) => (v.type.shape.length < 3 ? "" : v.type.shape.slice(1, -1).join("x")));
  return new Set(spatial).size > 1 && !spatial.includes("")
    ? { help: "pad: same keeps the size of a window's input; crop cuts the larger branch" }
    : {};
}
