import { requant, requantClamp, requantFits32 } from "../../../ir/ops/requant.js";
import { type Data, storages } from "../../../ir/storage.js";
import { add, clamp, constant, type Expr, mul, narrow, type Scalar, shiftRight, wide } from "../expr.js";
import { type Emission, kernel } from "../kernel.js";
import { type Cursor, dense, nest, type View, view } from "../view.js";

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

export const requantKernel = kernel(requant, (e, { x, mul: m, add: a }, { shift, lo, hi, axis }, y) => {
  const limits = requantClamp({ lo, hi }, y.type);
  // Clamped before the zero point joins, which need not fit beside what the shift leaves.
  const [least, most] = [limits.lo - y.zero, limits.hi - y.zero];
  const fits = (v: number) => v >= storages.i32.min && v <= storages.i32.max;
  const type = fits(least) && fits(most) && requantFits32(x.known, m.known, a.known, axis) ? "i32" : "i64";
  const along = axis < 0 ? axis + x.shape.length : axis;
  const counts = [x.shape.slice(0, along), x.shape.slice(along, along + 1), x.shape.slice(along + 1)].map(
    (part) => part.reduce((p, q) => p * q, 1),
  );
  // A product that fits 32 bits is its sign after 31 shifts.
  const shifts = Uint8Array.from(shift, (s) => (type === "i32" ? Math.min(s, 31) : s));
  const adds = type === "i32" ? Int32Array.from(a.data as BigInt64Array, Number) : a.data!;
  const factors = [factor(e, m.data!, type), factor(e, adds, type), factor(e, shifts, type)] as const;
  const present = factors.flatMap((f) => f.view ?? []);
  nest(
    e.code,
    counts,
    [dense(x.buffer, counts), dense(y.buffer, counts), ...present],
    (from, to, ...cursors) => {
      const [times, plus, by] = factors.map((f) => f.read(f.view && cursors[present.indexOf(f.view)])) as [
        Expr,
        Expr,
        Expr,
      ];
      const value = from!.load();
      const scaled = shiftRight(add(mul(type === "i64" ? wide(value) : value, times), plus), by);
      to!.store(e.code, add(narrow(clamp(scaled, least, most)), y.zero));
    },
  );
});
