import { add as addOp } from "../../../ir/ops/add.js";
import { clip } from "../../../ir/ops/clip.js";
import { lut } from "../../../ir/ops/lut.js";
import { mul as mulOp } from "../../../ir/ops/mul.js";
import { prelu } from "../../../ir/ops/prelu.js";
import { relu } from "../../../ir/ops/relu.js";
import { sub as subOp } from "../../../ir/ops/sub.js";
import { slotBytes, storages } from "../../../ir/storage.js";
import { add, atLeast, type Expr, load, max, min, mul, select, sub } from "../expr.js";
import { type Emission, kernel, type Source } from "../kernel.js";
import { broadcast, dense, nest } from "../view.js";

/** y = of(x), element by element. */
function map(e: Emission, x: Source, y: Source, of: (x: Expr) => Expr): void {
  nest(e.code, y.shape, [dense(x.buffer, x.shape), dense(y.buffer, y.shape)], (from, to) =>
    to!.store(e.code, of(from!.load())),
  );
}

/** y = of(a - zero, b - zero), sizes of 1 repeated. */
function combine(e: Emission, a: Source, b: Source, y: Source, of: (a: Expr, b: Expr) => Expr): void {
  const views = [broadcast(a.buffer, a.shape), broadcast(b.buffer, b.shape), dense(y.buffer, y.shape)];
  nest(e.code, y.shape, views, (p, q, to) =>
    to!.store(e.code, of(sub(p!.load(), a.zero), sub(q!.load(), b.zero))),
  );
}

const addKernel = kernel(addOp, (e, { a, b }, { mul: [p, q] }, y) =>
  combine(e, a, b, y, (u, v) => add(mul(u, p!), mul(v, q!))),
);
const subKernel = kernel(subOp, (e, { a, b }, { mul: [p, q] }, y) =>
  combine(e, a, b, y, (u, v) => sub(mul(u, p!), mul(v, q!))),
);
const mulKernel = kernel(mulOp, (e, { a, b }, _, y) => combine(e, a, b, y, mul));

const reluKernel = kernel(relu, (e, { x }, _, y) => map(e, x, y, (v) => max(v, x.zero)));
const clipKernel = kernel(clip, (e, { x }, { lo, hi }, y) => {
  const { min: least, max: most } = storages[x.type.storage];
  map(e, x, y, (v) => {
    const above = lo !== undefined && lo > least ? max(v, lo) : v;
    return hi !== undefined && hi < most ? min(above, hi) : above;
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
  map(e, x, y, (v) => load({ buffer: table.buffer, offset: 0, pointer: mul(sub(v, least), slot) }));
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
