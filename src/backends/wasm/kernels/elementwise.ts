import { add as addOp } from "../../../ir/ops/add.js";
import { clip } from "../../../ir/ops/clip.js";
import { lut } from "../../../ir/ops/lut.js";
import { mul as mulOp } from "../../../ir/ops/mul.js";
import { prelu } from "../../../ir/ops/prelu.js";
import { relu } from "../../../ir/ops/relu.js";
import { sub as subOp } from "../../../ir/ops/sub.js";
import { slotBytes, storages } from "../../../ir/storage.js";
import { add, atLeast, type Expr, load, max, min, mul, select, sub } from "../expr.js";
import { type Finish, plain } from "../finish.js";
import { type Emission, kernel, type Source } from "../kernel.js";
import { both, type Eight, eight, finisher, loadWide, overEights, rowWidth, storeWide } from "../lanes.js";
import { byteAt, lanes, splat } from "../vector.js";
import { broadcast, dense, nest } from "../view.js";

/** One formula on single elements and on four lanes of i32. */
interface Formula<Args extends readonly Expr[]> {
  one(...args: Args): Expr;
  four(...args: Args): Expr;
}

/** y = of(x), element by element. */
function map(e: Emission, x: Source, y: Source, of: Formula<[x: Expr]>): void {
  const total = count(y.shape);
  if (total < eight) {
    const views = [dense(x.buffer, x.shape), dense(y.buffer, y.shape)];
    nest(e.code, y.shape, views, (from, to) => to!.store(e.code, of.one(from!.load())));
    return;
  }
  const [storage, result] = [x.type.storage, y.type.storage];
  const streams = [{ slot: slotBytes(storage) }, { slot: slotBytes(result) }];
  overEights(e.code, total, total, streams, 0, ([from, to]) => {
    const value = loadWide(e.code, byteAt(x.buffer, from!), storage);
    storeWide(e.code, byteAt(y.buffer, to!), result, both(value, of.four));
  });
}

const count = (sizes: readonly number[]): number => sizes.reduce((p, q) => p * q, 1);

/** How an operand lies beside the result: as large, the last axis alone, or in some other way. */
function spread(x: Source, y: Source): "whole" | "row" | undefined {
  if (x.shape.every((size, d) => size === y.shape[d])) return "whole";
  const row = x.shape.every((size, d) => size === (d === y.shape.length - 1 ? y.shape[d] : 1));
  return row ? "row" : undefined;
}

/** Elements per row when a and b are taken eight at a time; 0 where they cannot be. */
function widthBeside(a: Source, b: Source, y: Source, channels: number): number {
  const spreads = [spread(a, y), spread(b, y)];
  if (spreads.includes(undefined)) return 0;
  const last = y.shape.at(-1)!;
  if (spreads.includes("row")) return last >= eight ? last : 0;
  return rowWidth(count(y.shape), channels);
}

/** y = of(a - zero, b - zero), sizes of 1 repeated. */
function combine(
  e: Emission,
  a: Source,
  b: Source,
  y: Source,
  of: Formula<[a: Expr, b: Expr]>,
  finish: Finish = plain,
): void {
  const width = widthBeside(a, b, y, finish.channels);
  if (width === 0) {
    const views = [broadcast(a.buffer, a.shape), broadcast(b.buffer, b.shape), dense(y.buffer, y.shape)];
    nest(e.code, y.shape, views, (p, q, to) =>
      to!.store(e.code, of.one(sub(p!.load(), a.zero), sub(q!.load(), b.zero))),
    );
    return;
  }
  const { tableBytes, apply } = finisher(e, finish, width, finish.channels);
  const stream = (x: Source) => ({ slot: slotBytes(x.type.storage), repeats: spread(x, y) === "row" });
  const streams = [stream(a), stream(b), { slot: finish.slot }];
  overEights(e.code, count(y.shape), width, streams, tableBytes, ([p, q, to], table) => {
    const [u, v] = [centred(e, a, p!), centred(e, b, q!)];
    const sums = both(u, (half, which) => of.four(half, v[which]));
    finish.storePair(e.code, byteAt(y.buffer, to!), ...apply(sums, table));
  });
}

/** Eight elements less their zero point. */
function centred(e: Emission, { buffer, type, zero }: Source, pointer: Expr): Eight {
  const value = loadWide(e.code, byteAt(buffer, pointer), type.storage);
  return zero === 0 ? value : both(value, (half) => lanes("i32x4.sub", half, splat(zero)));
}

const times4 = (a: Expr, by: number): Expr => (by === 1 ? a : lanes("i32x4.mul", a, splat(by)));
const weighted = (op: "add" | "sub", p: number, q: number): Formula<[Expr, Expr]> => ({
  one: (u, v) => (op === "add" ? add : sub)(mul(u, p), mul(v, q)),
  four: (u, v) => lanes(`i32x4.${op}`, times4(u, p), times4(v, q)),
});
const product: Formula<[Expr, Expr]> = { one: mul, four: (u, v) => lanes("i32x4.mul", u, v) };

/** Where `combine` can finish what it combines. */
const inLanes = ({ a, b }: { a: Source; b: Source }, y: Source): boolean =>
  widthBeside(a, b, y, y.shape.at(-1) ?? 1) > 0;

const addKernel = kernel(
  addOp,
  (e, { a, b }, { mul: [p, q] }, y, finish) => combine(e, a, b, y, weighted("add", p!, q!), finish),
  inLanes,
);
const subKernel = kernel(
  subOp,
  (e, { a, b }, { mul: [p, q] }, y, finish) => combine(e, a, b, y, weighted("sub", p!, q!), finish),
  inLanes,
);
const mulKernel = kernel(mulOp, (e, { a, b }, _, y, finish) => combine(e, a, b, y, product, finish), inLanes);

const reluKernel = kernel(relu, (e, { x }, _, y) =>
  map(e, x, y, { one: (v) => max(v, x.zero), four: (v) => lanes("i32x4.max_s", v, splat(x.zero)) }),
);
const clipKernel = kernel(clip, (e, { x }, { lo, hi }, y) => {
  const { min: least, max: most } = storages[x.type.storage];
  const from = lo !== undefined && lo > least ? lo : undefined;
  const to = hi !== undefined && hi < most ? hi : undefined;
  map(e, x, y, {
    one(v) {
      const above = from === undefined ? v : max(v, from);
      return to === undefined ? above : min(above, to);
    },
    four(v) {
      const above = from === undefined ? v : lanes("i32x4.max_s", v, splat(from));
      return to === undefined ? above : lanes("i32x4.min_s", above, splat(to));
    },
  });
});

const preluKernel = kernel(prelu, (e, { x, alpha }, { positive }, y) => {
  const slopes = [...y.shape.map(() => 1).slice(1), alpha.shape[0]!];
  const views = [dense(x.buffer, x.shape), broadcast(alpha.buffer, slopes), dense(y.buffer, y.shape)];
  nest(e.code, y.shape, views, (from, slope, to) => {
    const d = e.code.let(sub(from!.load(), x.zero));
    to!.store(e.code, mul(d, select(atLeast(d, 0), positive, slope!.load())));
  });
});

const lutKernel = kernel(lut, (e, { x, table }, _, y) => {
  const least = storages[x.type.storage].min;
  const slot = slotBytes(table.type.storage);
  const views = [dense(x.buffer, x.shape), dense(y.buffer, y.shape)];
  nest(e.code, y.shape, views, (from, to) => {
    const pointer = mul(sub(from!.load(), least), slot);
    to!.store(e.code, load({ buffer: table.buffer, offset: 0, pointer }));
  });
});

export const elementwiseKernels = [
  addKernel,
  subKernel,
  mulKernel,
  reluKernel,
  clipKernel,
  preluKernel,
  lutKernel,
];
