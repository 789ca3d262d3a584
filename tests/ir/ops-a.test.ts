/** Integer and float meaning (on stock tfjs) and bounds of windowed, weighted, elementwise and moving ops. */
import fc from "fast-check";
import * as assert from "uvu/assert";
import { boundsOf } from "../../src/ir/bounds.js";
import type { OpDef } from "../../src/ir/op.js";
import { linear } from "../../src/ir/ops/linear.js";
import { maxpool } from "../../src/ir/ops/maxpool.js";
import { upsample } from "../../src/ir/ops/upsample.js";
import { storages } from "../../src/ir/storage.js";
import { type TensorType, tensorType } from "../../src/ir/type.js";
import { suite } from "../harness.js";
import { graphOf, type OneOp, outside, runInt } from "./build-one.js";
import { runFloat } from "./float.js";
import { type Case, cases, real, type } from "./ops-a-cases.js";

const test = suite("ops-a");

const integer = ({ operands, attrs }: Case): OneOp => ({
  operands: map(operands, (o): [TensorType, (readonly number[])?] => (o.param ? [o.type, o.data] : [o.type])),
  attrs,
});
const float = ({ operands, attrs, floatAttrs }: Case): OneOp => ({
  operands: map(operands, (o): [TensorType, number[]?] => {
    const t = tensorType("f32", o.type.shape);
    return o.param ? [t, real(o)] : [t];
  }),
  attrs: floatAttrs ?? attrs,
});
const map = <A, B>(record: Readonly<Record<string, A>>, of: (a: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([k, v]) => [k, of(v)]));

/** Same function on both sides, and no integer result outside its bounds. */
async function agrees(op: OpDef, c: Case): Promise<void> {
  const graph = graphOf(op, integer(c));
  const inputs = Object.values(c.operands).filter((o) => !o.param);
  const data = await runInt(graph, ...inputs.map((o) => o.data));
  assert.is(outside(graph, data), undefined);
  const { outputs } = await runFloat(graphOf(op, float(c)), inputs.map(real));
  const y = graph.outputs[0]!.type;
  assert.is(outputs[0]!.length, data.length);
  for (const [i, wanted] of outputs[0]!.entries()) {
    const stored = Number(data[i]);
    if (wanted < -1e38) assert.is(stored, storages[y.storage].min, `element ${i}: nothing under the window`);
    else {
      const error = Math.abs((stored - y.quant!.zero) * y.quant!.scale - wanted);
      assert.ok(
        error <= (c.tolerance ?? 0),
        `element ${i} is ${stored} (off by ${error}), floats give ${wanted}`,
      );
    }
  }
}

for (const [op, arbitrary] of cases)
  test(`${op.name}: integers mean what stock tfjs computes on their real values, within bounds`, async () => {
    const property = fc.asyncProperty(fc.gen(), (g) =>
      agrees(
        op,
        arbitrary((a) => g(() => a)),
      ),
    );
    await fc.assert(property, { numRuns: 150, interruptAfterTimeLimit: 3000 });
  });

test("bounds of a weighted sum are reached by the extreme input", async () => {
  const one: OneOp = {
    operands: {
      x: [type("u8", [1, 3], 1, 10)],
      w: [type("i8", [2, 3]), [1, -2, 127, -128, 0, 5]],
      b: [type("i32", [2]), [7, -9]],
    },
  };
  const graph = graphOf(linear, one);
  assert.equal(
    [...(await runInt(graph, [255, 0, 255]))],
    [245 + 20 + 245 * 127 + 7, -245 * 128 + 245 * 5 - 9],
  );
  const bounds = boundsOf(graph).get(graph.outputs[0]!)!;
  assert.equal(bounds.hi, [245 + 20 + 245 * 127 + 7, 10 * 128 + 245 * 5 - 9]);
  assert.equal(bounds.lo, [-10 - 490 - 1270 + 7, -245 * 128 - 50 - 9]);
  assert.equal(bounds.partial, [130 * 245 + 7, 133 * 245 + 9]);
});

test("elements of i32 are interpolated and moved exactly", async () => {
  const ends = [2147483647, -2147483648];
  const stretched = graphOf(upsample, {
    operands: { x: [tensorType("i32", [1, 2, 1])] },
    attrs: { size: [3], mode: "linear", align: "align_corners" },
  });
  assert.equal([...(await runInt(stretched, ends))], [2147483647, 0, -2147483648]);
  const pooled = graphOf(maxpool, {
    operands: { x: [tensorType("i32", [1, 2, 1])] },
    attrs: { kernel: [2], pads: [2, 2] },
  });
  assert.equal(
    [...(await runInt(pooled, ends))],
    [-2147483648, 2147483647, 2147483647, -2147483648, -2147483648],
  );
});

test.run();
