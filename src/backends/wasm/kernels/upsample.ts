import { upsample } from "../../../ir/ops/upsample.js";
import { strides } from "../../../ir/tensor.js";
import { add, type Buffer, type Expr, mul, narrow, shiftRight, sub, wide } from "../expr.js";
import { type Emission, kernel } from "../kernel.js";
import { type Cursor, copy, dense, nest, view } from "../view.js";
import { take } from "./take.js";

/** Fraction bits of the weights. */
const fraction = 15;
type Align = "half_pixel" | "align_corners";

/** Result i lies `weights[i]` * 2^-15 of the way from position `from[i]` of x to `from[i] + step[i]`. */
interface Positions {
  readonly from: Int32Array;
  readonly step: Int32Array;
  readonly weights: Int32Array;
}

function linearPositions(lin: number, lout: number, align: Align): Positions {
  const [from, step, weights] = [new Int32Array(lout), new Int32Array(lout), new Int32Array(lout)];
  const divisor = align === "half_pixel" ? 2 * lout : Math.max(1, lout - 1);
  for (let i = 0; i < lout; i++) {
    const p = align === "half_pixel" ? Math.max(0, (2 * i + 1) * lin - lout) : i * (lin - 1);
    from[i] = Math.min(Math.floor(p / divisor), lin - 1);
    const inside = from[i]! < lin - 1;
    step[i] = inside ? 1 : 0;
    weights[i] = inside ? Math.floor(((p % divisor) * 2 ** (fraction + 1) + divisor) / (2 * divisor)) : 0;
  }
  return { from, step, weights };
}

/** One axis of a dense tensor stretched, rounding after it; `x` and `y` differ in that axis alone. */
function stretch(
  e: Emission,
  x: Buffer,
  shape: readonly number[],
  axis: number,
  p: Positions,
  y: Buffer,
): void {
  const lout = p.from.length;
  const count = (sizes: readonly number[]) => sizes.reduce((a, b) => a * b, 1);
  const [outer, lin, inner] = [count(shape.slice(0, axis)), shape[axis]!, count(shape.slice(axis + 1))];
  const perPosition = (list: Int32Array) => view(e.constant("i32", list), [0, 1]);
  const offsets = [p.from, p.step].map((list) => perPosition(list.map((i) => i * inner)));
  const exact = (v: Expr) => (x.storage === "i32" ? wide(v) : v);
  const views = [
    view(x, [lin * inner, 0]),
    view(y, [lout * inner, inner]),
    ...offsets,
    perPosition(p.weights),
  ];
  nest(e.code, [outer, lout], views, (block, to, from, step, weight) => {
    const here = block!.moved(e.code, from!.load());
    const next = here.moved(e.code, step!.load());
    const right = e.code.let(exact(weight!.load()));
    const left = e.code.let(sub(1 << fraction, right));
    nest(e.code, [inner], [here.view([1]), next.view([1]), to!.view([1])], (a, b, out) => {
      const product = (at: Cursor, w: Expr) => mul(exact(at.load()), w);
      const sum = add(add(product(a!, left), product(b!, right)), 1 << (fraction - 1));
      out!.store(e.code, narrow(shiftRight(sum, fraction)));
    });
  });
}

export const upsampleKernel = kernel(upsample, (e, { x }, { size, mode, align }, y) => {
  if (mode === "nearest") {
    const sources = x.shape.map((lin, d) => {
      const lout = y.shape[d]!;
      return Array.from({ length: lout }, (_, i) => Math.floor((i * lin) / lout));
    });
    take(e, dense(x.buffer, x.shape), dense(y.buffer, y.shape), sources, 0);
    return;
  }
  // Rounding makes the order matter: height first. An axis that keeps its size is left as it is exactly.
  const changed = size.map((_, i) => i + 1).filter((d) => x.shape[d] !== y.shape[d]);
  let [from, shape] = [x.buffer, x.shape];
  for (const d of changed) {
    const wider = shape.with(d, y.shape[d]!);
    const to = d === changed.at(-1) ? y.buffer : e.scratch(from.storage, strides(wider)[0]! * wider[0]!);
    stretch(e, from, shape, d, linearPositions(shape[d]!, y.shape[d]!, align), to);
    [from, shape] = [to, wider];
  }
  if (changed.length === 0) copy(e.code, x.shape, dense(x.buffer, x.shape), dense(y.buffer, y.shape));
});
