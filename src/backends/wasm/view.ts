/** Strided views of buffers and loops over them: a kernel is a formula inside a nest of loops. */
import { slotBytes } from "../../ir/storage.js";
import { strides } from "../../ir/tensor.js";
import type { Code, Variable } from "./code.js";
import { add, type Buffer, constant, type Expr, load, mul, type Operand, type Place } from "./expr.js";
import { steps } from "./turns.js";
import { loadLanes, splat, storeLanes } from "./vector.js";

/** A position in a buffer that a running loop has reached. Offsets are in elements. */
export interface Cursor extends Omit<View, "strides"> {
  load(offset?: number): Expr;
  store(code: Code, value: Operand, offset?: number): void;
  place(offset?: number): Place;
  /** A view that begins here, `start` elements further on. */
  view(strides: readonly number[], start?: number): View;
  /** The same place from another pointer on. */
  at(pointer: Expr): Cursor;
  /** The position `elements` further on, known only when running. */
  moved(code: Code, elements: Expr): Cursor;
}

/** Element [i, j]: `start + i * strides[0] + ...` elements past byte `pointer`. No stride is negative. */
export interface View {
  readonly buffer: Buffer;
  readonly start: number;
  readonly pointer: Expr;
  readonly strides: readonly number[];
}

const origin = constant(0);

export const view = (buffer: Buffer, steps: readonly number[], start = 0): View => ({
  buffer,
  start,
  pointer: origin,
  strides: steps,
});
/** The whole buffer, row major. */
export const dense = (buffer: Buffer, shape: readonly number[]): View => view(buffer, strides(shape));

/** The whole buffer of shape `from`, whose sizes of 1 repeat. */
export function broadcast(buffer: Buffer, from: readonly number[]): View {
  const steps = strides(from).map((step, i) => (from[i] === 1 ? 0 : step));
  return view(buffer, steps);
}

function cursor(buffer: Buffer, start: number, pointer: Expr): Cursor {
  const slot = slotBytes(buffer.storage);
  const place = (offset = 0): Place => ({ buffer, offset: (start + offset) * slot, pointer });
  return {
    buffer,
    start,
    pointer,
    place,
    load: (offset) => load(place(offset)),
    store: (code, value, offset) => code.store(place(offset), value),
    view: (steps, further = 0) => ({ buffer, start: start + further, pointer, strides: steps }),
    at: (from) => cursor(buffer, start, from),
    moved: (code, elements) => cursor(buffer, start, code.let(add(pointer, mul(elements, slot)))),
  };
}

interface Axis {
  readonly count: number;
  /** One per view, in elements. */
  readonly steps: readonly number[];
}

/** Axes that run once go; two become one where every view steps through them evenly. */
function merged(counts: readonly number[], views: readonly View[]): Axis[] {
  const axes: Axis[] = [];
  for (const [i, count] of counts.entries()) {
    if (count === 1) continue;
    const steps = views.map((v) => v.strides[i]!);
    const outer = axes.at(-1);
    if (outer?.steps.every((step, k) => step === steps[k]! * count))
      axes[axes.length - 1] = { count: outer.count * count, steps };
    else axes.push({ count, steps });
  }
  return axes;
}

/** Runs `body` at every index of `counts`, row-major, with one cursor per view. */
export function nest(
  code: Code,
  counts: readonly number[],
  views: readonly View[],
  body: (...cursors: Cursor[]) => void,
): void {
  if (counts.some((n) => n <= 0)) return;
  const axes = merged(counts, views);
  const level = (depth: number, pointers: readonly Expr[]): void => {
    const axis = axes[depth];
    if (!axis) {
      body(...views.map((v, i) => cursor(v.buffer, v.start, pointers[i]!)));
      return;
    }
    const steps = axis.steps.map((step, i) => step * slotBytes(views[i]!.buffer.storage));
    const moving = pointerVariables(code, pointers, steps);
    const reached = pointers.map((p, i) => moving.of(p, steps[i]!));
    code.repeat(axis.count, () => {
      level(depth + 1, reached);
      moving.advance();
    });
  };
  const starts = views.map((v) => v.pointer);
  level(0, starts);
}

/** One variable for all views that start at the same pointer and move alike. */
function pointerVariables(code: Code, pointers: readonly Expr[], steps: readonly number[]) {
  const made = new Map<Expr, Map<number, Variable>>();
  for (const [i, pointer] of pointers.entries()) {
    const step = steps[i]!;
    const bySteps = made.get(pointer) ?? new Map<number, Variable>();
    made.set(pointer, bySteps);
    if (step !== 0 && !bySteps.has(step)) bySteps.set(step, code.variable(pointer));
  }
  return {
    of: (pointer: Expr, step: number): Expr => made.get(pointer)?.get(step)?.value ?? pointer,
    advance() {
      for (const bySteps of made.values())
        for (const [step, pointer] of bySteps) pointer.set(add(pointer.value, step));
    },
  };
}

/** From here on one call of memory.copy beats a loop over vectors. */
const blockCopyBytes = 1024;
/** Below, elements are copied one by one. */
const leastCopyBytes = 4;

/** Copies what `from` shows to where `to` shows it: in blocks where both are contiguous. */
export function copy(code: Code, counts: readonly number[], from: View, to: View): void {
  const axes = merged(counts, [from, to]);
  const last = axes.at(-1);
  const run = last?.steps.every((step) => step === 1) ? last.count * slotBytes(from.buffer.storage) : 0;
  const inBlocks = run >= leastCopyBytes;
  const loops = inBlocks ? axes.slice(0, -1) : axes;
  const along = (v: View, k: number): View => ({ ...v, strides: loops.map((axis) => axis.steps[k]!) });
  const sizes = loops.map((axis) => axis.count);
  nest(code, sizes, [along(from, 0), along(to, 1)], (x, y) => {
    if (inBlocks) copyRun(code, x!, y!, run);
    else y!.store(code, x!.load());
  });
}

/** `bytes` in a row: by vectors, the last of which may overlap the one before. */
function copyRun(code: Code, from: Cursor, to: Cursor, bytes: number): void {
  if (bytes >= blockCopyBytes) {
    code.add({ kind: "copy", to: to.place(), from: from.place(), bytes });
    return;
  }
  const [size, load] =
    bytes >= 16
      ? ([16, "load"] as const)
      : bytes >= 8
        ? ([8, "load64_zero"] as const)
        : ([4, "load32_zero"] as const);
  const streams = [
    [from.pointer, 1],
    [to.pointer, 1],
  ] as const;
  steps(code, bytes, size, streams, ([x, y]) =>
    storeLanes(code, to.at(y!).place(), loadLanes(from.at(x!).place(), load), size),
  );
}

/** Sets every element of a buffer to one stored value. */
export function fill(code: Code, buffer: Buffer, value: number): void {
  const { bytes, storage } = buffer;
  const start = cursor(buffer, 0, origin);
  const slot = slotBytes(storage);
  if (slot === 1 || value === 0) code.add({ kind: "fill", to: start.place(), byte: value & 0xff, bytes });
  else if (bytes < 16) nest(code, [bytes / slot], [start.view([1])], (y) => y.store(code, value));
  else {
    const same = slot === 2 ? ((value & 0xffff) << 16) | (value & 0xffff) : value;
    steps(code, bytes, 16, [[origin, 1]], ([y]) => storeLanes(code, start.at(y!).place(), splat(same)));
  }
}
