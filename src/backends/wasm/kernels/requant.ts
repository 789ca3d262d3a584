import { requant, requantClamp, requantFits32 } from "../../../ir/ops/requant.js";
import { type Data, slotBytes, storages } from "../../../ir/storage.js";
import { add, clamp, constant, type Expr, mul, narrow, type Scalar, shiftRight, wide } from "../expr.js";
import { type Finish, type Requant, requantFinish } from "../finish.js";
import { type Emission, kernel, type Source } from "../kernel.js";
import { finisher, loadWide, overEights, rowWidth } from "../lanes.js";
import { byteAt } from "../vector.js";
import { type Cursor, dense, nest, type View, view } from "../view.js";

export const requantKernel = kernel(requant, (e, { x, mul: m, add: a }, { shift, lo, hi, axis }, y) => {
  const r: Requant = { x: x.known, mul: m.known, add: a.known, shift, lo, hi, axis };
  const finish = requantFinish(r, y.type);
  if (!finish || !inLanes(e, x, y, finish)) oneByOne(e, x, y, r);
});

const count = (sizes: readonly number[]): number => sizes.reduce((p, q) => p * q, 1);

/** Eight at a time; false, and nothing emitted, where there are too few elements. */
function inLanes(e: Emission, x: Source, y: Source, finish: Finish): boolean {
  const total = count(x.shape);
  const width = rowWidth(total, finish.channels);
  if (width === 0) return false;
  const { tableBytes, apply } = finisher(e, finish, width, finish.channels);
  const streams = [{ slot: slotBytes(x.type.storage) }, { slot: finish.slot }];
  overEights(e.code, total, width, streams, tableBytes, ([from, to], table) => {
    const value = loadWide(e.code, byteAt(x.buffer, from!), x.type.storage);
    finish.storePair(e.code, byteAt(y.buffer, to!), ...apply(value, table));
  });
  return true;
}

/** A number per channel of the middle axis, or one for all. */
interface Factor {
  readonly view: View | undefined;
  read(cursor: Cursor | undefined): Expr;
}

function factor(e: Emission, data: Data, type: Scalar): Factor {
  if (data.every((v: number | bigint) => v === data[0]))
    return { view: undefined, read: () => constant(data[0]!, type) };
  const buffer = e.constant(
    data instanceof BigInt64Array ? "i64" : data instanceof Uint8Array ? "u8" : "i32",
    data,
  );
  const read = (cursor: Cursor | undefined) => (type === "i64" ? wide(cursor!.load()) : cursor!.load());
  return { view: view(buffer, [0, 1, 0]), read };
}

function oneByOne(e: Emission, x: Source, y: Source, r: Requant): void {
  const limits = requantClamp(r, y.type);
  // Clamped before the zero point joins, which need not fit beside what the shift leaves.
  const [least, most] = [limits.lo - y.zero, limits.hi - y.zero];
  const fits = (v: number) => v >= storages.i32.min && v <= storages.i32.max;
  const type = fits(least) && fits(most) && requantFits32(r.x, r.mul, r.add, r.axis) ? "i32" : "i64";
  const along = r.axis < 0 ? r.axis + x.shape.length : r.axis;
  const counts = [x.shape.slice(0, along), x.shape.slice(along, along + 1), x.shape.slice(along + 1)].map(
    count,
  );
  // A product that fits 32 bits is its sign after 31 shifts.
  const shifts = Uint8Array.from(r.shift, (s) => (type === "i32" ? Math.min(s, 31) : s));
  const adds = type === "i32" ? Int32Array.from(r.add.data as BigInt64Array, Number) : r.add.data!;
  const factors = [factor(e, r.mul.data!, type), factor(e, adds, type), factor(e, shifts, type)];
  const present = factors.flatMap((f) => f.view ?? []);
  const views = [dense(x.buffer, counts), dense(y.buffer, counts), ...present];
  nest(e.code, counts, views, (from, to, ...cursors) => {
    const read = (f: Factor) => f.read(f.view && cursors[present.indexOf(f.view)]);
    const [times, plus, by] = factors.map(read) as [Expr, Expr, Expr];
    const value = from!.load();
    const scaled = shiftRight(add(mul(type === "i64" ? wide(value) : value, times), plus), by);
    to!.store(e.code, add(narrow(clamp(scaled, least, most)), y.zero));
  });
}
