/** Layers whose values lie in L3: a section of the output after the other, through windows in L2. */

import { alignUp } from "../../memory.js";
import {
  type Expr,
  evaluate,
  least,
  minus,
  over,
  plus,
  rest,
  substitute,
  times,
} from "../../schedule/expr.js";
import type { Address, Channel, Start, Step } from "../../schedule/program.js";
import type { Extent, Layer, LayerInput } from "../contract.js";
import { interval, outsideOf } from "./geometry.js";
import { contiguous, type Home, type Section } from "./moves.js";
import type { Homes } from "./operands.js";

/** Place in L2 for the part of a value that a section needs. */
export interface Window {
  /** Block in L2. */
  readonly block: string;
  /** Of one place, and how many there are. */
  readonly bytes: number;
  readonly slots: number;
  /** Bytes from the value's begin to the window's, and how many they are, for section `m`. */
  readonly begin: Expr;
  readonly length: Expr;
  /** Others write some of the same bytes: they are brought in before they are written back. */
  readonly shared: boolean;
}

/** Sections have one size; the last one is moved back to end where the output ends. */
export interface Stream {
  readonly axis: "h" | "w";
  readonly size: number;
  readonly count: number;
  readonly from: Expr;
  /** For each input that lies in L3. */
  readonly inputs: readonly (Window | undefined)[];
  readonly output: Window | undefined;
}

/** Of the loop over sections. */
export const sectionIndex = "m";
const index = sectionIndex;
const sectionBegin = (size: number, count: number, total: number, m: Expr): Expr =>
  count === 1 ? 0 : least(times(m, size), total - size);

/** The axis along which sections lie one behind the other in memory. */
export const sectionAxis = (out: Extent): "h" | "w" => (out.h > 1 ? "h" : "w");

/** Bytes of whole rows before a value that lies in the bytes of another. */
const rowsBefore = ({ offset }: Home, row: number): number => offset - (offset % row);

/** Bytes of an input that the section from `from` needs: begin and length. */
export function inputWindow(
  input: LayerInput,
  home: Home,
  out: Extent,
  section: { axis: "h" | "w"; from: Expr; size: number },
): { begin: Expr; length: Expr } {
  const { extent } = input;
  if (section.axis === "w" && extent.h > 1)
    return { begin: rowsBefore(home, home.stride), length: extent.h * home.stride };
  const access = section.axis === "h" ? input.y : input.x;
  const [size, whole] = [extent[section.axis], out[section.axis]];
  const at = interval(access, section.from, section.size, size, outsideOf(access, whole, size));
  const row = section.axis === "h" ? home.stride : home.pitch;
  return {
    begin: plus(rowsBefore(home, row), times(plus(at.begin, at.before), row)),
    length: times(minus(minus(at.length, at.before), at.behind), row),
  };
}

export const outputWindow = (home: Home, section: { axis: "h" | "w"; from: Expr; size: number }) => {
  const row = section.axis === "h" ? home.stride : home.pitch;
  return { begin: plus(rowsBefore(home, row), times(section.from, row)), length: section.size * row };
};

/** The same bytes and, where they may begin at an odd address of L3, the one before. */
function fromEven({ begin, length }: { begin: Expr; length: Expr }): { begin: Expr; length: Expr } {
  const even = times(over(begin, 2), 2);
  return { begin: even, length: plus(length, minus(begin, even)) };
}

/** A stream over `size` output positions at a time; windows exist for the operands that lie in L3. */
export function makeStream(
  layer: Layer,
  homes: Homes,
  far: { readonly inputs: readonly boolean[]; readonly output: boolean; readonly shared: boolean },
  size: number,
): Stream {
  const axis = sectionAxis(layer.out);
  const total = layer.out[axis];
  const count = Math.ceil(total / size);
  const section = { axis, from: sectionBegin(size, count, total, index), size };
  const window = (
    name: string,
    odd: { begin: Expr; length: Expr },
    slots: number,
    shared: boolean,
  ): Window => {
    const w = fromEven(odd);
    const lengths = Array.from({ length: count }, (_, m) => evaluate(w.length, new Map([[index, m]])));
    return { block: `${layer.name}.${name}`, bytes: alignUp(Math.max(...lengths), 16), slots, ...w, shared };
  };
  const slots = Math.min(2, count);
  const begins = outputWindow(homes.output, section);
  const shared = far.shared || fromEven(begins).length !== begins.length;
  return {
    axis,
    size,
    count,
    from: section.from,
    inputs: layer.inputs.map((input, i) =>
      far.inputs[i]
        ? window(`x${i}.window`, inputWindow(input, homes.inputs[i]!, layer.out, section), slots, false)
        : undefined,
    ),
    output: far.output ? window("y.window", begins, shared ? 1 : slots, shared) : undefined,
  };
}

export const sectionOf = ({ axis, from }: Stream): Section => ({ axis, from });

const slotAt = (w: Window, m: Expr): Expr => (w.slots === 1 ? 0 : rest(m, w.slots));

/** Where bytes of a value lie while a section is computed: in its home, or in the window. */
export function farAddress(home: Home, bytes: Expr, window: Window | undefined): Address {
  if (!window) return { block: home.block, offset: plus(home.offset, bytes) };
  const slot = times(slotAt(window, index), window.bytes);
  return { block: window.block, offset: plus(slot, home.offset, minus(bytes, window.begin)) };
}

export const streamChannels = (s: Stream): Channel[] => [
  ...s.inputs.flatMap((w, i) => (w ? [{ name: `x${i}.window`, slots: w.slots }] : [])),
  ...(s.output ? [{ name: "y.window", slots: s.output.slots }] : []),
];

function transfer(channel: string, direction: "in" | "out", home: Home, w: Window, m: Expr): Start {
  const slot = slotAt(w, m);
  return {
    kind: "start",
    channel,
    slot,
    direction,
    near: { block: w.block, offset: times(slot, w.bytes) },
    far: { block: home.block, offset: substitute(w.begin, index, m) },
    shape: contiguous(substitute(w.length, index, m)),
  };
}

/** The tiles of every section between the transfers of its windows, the next section's under way meanwhile. */
export function streamed(s: Stream, homes: Homes, tiles: readonly Step[]): Step[] {
  const inputs = s.inputs.flatMap((w, i) =>
    w ? [{ w, channel: `x${i}.window`, home: homes.inputs[i]! }] : [],
  );
  const load = (m: Expr) => inputs.map(({ w, channel, home }) => transfer(channel, "in", home, w, m));
  const out = s.output;
  const next = plus(index, 1);
  const body = (m: Expr): Step[] => [
    ...(s.count > 1 && inputs.length > 0
      ? [{ kind: "when", left: next, is: "<", right: s.count, body: load(next) } as const]
      : []),
    ...inputs.map(({ w, channel }): Step => ({ kind: "wait", channel, slot: slotAt(w, m) })),
    ...(out ? [{ kind: "wait", channel: "y.window", slot: slotAt(out, m) } as const] : []),
    ...(out?.shared
      ? [
          transfer("y.window", "in", homes.output, out, m),
          { kind: "wait", channel: "y.window", slot: slotAt(out, m) } as const,
        ]
      : []),
    ...tiles,
    ...(out ? [transfer("y.window", "out", homes.output, out, m)] : []),
  ];
  const drain = Array.from(
    { length: out?.slots ?? 0 },
    (_, slot): Step => ({ kind: "wait", channel: "y.window", slot }),
  );
  return [...load(0), { kind: "loop", index, count: s.count, body: body(index) }, ...drain];
}
