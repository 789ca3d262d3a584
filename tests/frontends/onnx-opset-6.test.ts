/** Models of opset 6, as PyTorch 0.4 and 1.0 wrote them: they compute what onnxruntime makes of the same model in opset 9. */
import * as assert from "uvu/assert";
import { mainGraph } from "../../src/ir/graph.js";
import { randomFrom } from "../../src/ir/random.js";
import { suite } from "../harness.js";
import { imported, refusal } from "./onnx-check.js";
import { near, runFloatModel } from "./onnx-float-check.js";
import { f32, node, type TestAttribute, type TestNode, type TestTensor } from "./onnx-model.js";
import { onnxruntimeOutputs } from "./onnx-oracle.js";

const test = suite("onnx opset 6");

const next = randomFrom(6);
const drawn = (low: number, ...shape: number[]): TestTensor =>
  f32(
    shape,
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => Math.fround(low + (1 - low) * next())),
  );
const noise = (...shape: number[]): TestTensor => drawn(-1, ...shape);
const positive = (...shape: number[]): TestTensor => drawn(0.5, ...shape);

type Attributes = Readonly<Record<string, TestAttribute>>;
interface Old {
  readonly op: string;
  readonly operands?: readonly TestTensor[];
  readonly attributes?: Attributes;
  /** Where opset 9 says it otherwise. */
  readonly now?: { readonly operands?: readonly TestTensor[]; readonly attributes?: Attributes };
}

/** A chain of operators from x to y, with constants behind their first operand. */
function chain(opset: number, x: TestTensor, old: readonly Old[]) {
  const initialisers: Record<string, TestTensor> = {};
  const nodes = old.map(({ op, operands = [], attributes = {} }, i): TestNode => {
    const names = operands.map((t, k) => {
      initialisers[`c${i}.${k}`] = t;
      return `c${i}.${k}`;
    });
    return node(
      op,
      [i === 0 ? "x" : `v${i}`, ...names],
      i === old.length - 1 ? "y" : `v${i + 1}`,
      attributes,
    );
  });
  return { opset, inputs: { x: x.shape }, outputs: ["y"], initialisers, nodes };
}

const modern = ({ now, ...old }: Old): Old => ({ ...old, ...now });

async function agrees(x: TestTensor, old: readonly Old[]): Promise<readonly string[]> {
  const found = await imported(chain(6, x, old));
  const [y] = await runFloatModel(found, { x });
  const theirs = await onnxruntimeOutputs(chain(9, x, old.map(modern)), { x });
  near(y!.data, theirs.get("y")!, "y");
  return mainGraph(found.module).nodes.map((n) => n.op.name);
}

const bias = noise(4);
const [slopes, mean] = [noise(8), noise(8)];
const norm = [positive(8), noise(8), mean, positive(8)];

test("grouped and dilated Conv, BatchNormalization, PRelu of one axis, Dropout", async () => {
  const conv = { kernel_shape: [3], dilations: [2], group: 2, pads: [2, 2], strides: [1] };
  const epsilon = { float: 1e-3 };
  const ops = await agrees(noise(2, 4, 16), [
    { op: "Conv", operands: [noise(8, 2, 3), noise(8)], attributes: conv },
    {
      op: "BatchNormalization",
      operands: norm,
      attributes: {
        epsilon,
        momentum: { float: 0.9 },
        is_test: 1,
        spatial: 1,
        consumed_inputs: [0, 0, 0, 1, 1],
      },
      now: { attributes: { epsilon } },
    },
    { op: "PRelu", operands: [slopes], now: { operands: [{ ...slopes, shape: [8, 1] }] } },
    { op: "Dropout", attributes: { is_test: 1, ratio: { float: 0.5 } }, now: { attributes: {} } },
  ]);
  assert.equal(ops, ["conv", "batchnorm", "prelu"]);
});

test("ConvTranspose with groups and output padding, Add along an axis", async () => {
  const up = { kernel_shape: [4], group: 2, pads: [1, 1], strides: [2], output_padding: [1] };
  const ops = await agrees(noise(1, 6, 9), [
    { op: "ConvTranspose", operands: [noise(6, 2, 4), noise(4)], attributes: up },
    {
      op: "Add",
      operands: [bias],
      attributes: { broadcast: 1, axis: 1 },
      now: { operands: [{ ...bias, shape: [4, 1] }], attributes: {} },
    },
  ]);
  assert.equal(ops, ["conv_transpose", "add"]);
});

test("a network without weights, which no opset of integer tools is", async () => {
  const ops = await agrees(noise(1, 3, 8), [
    { op: "Pad", attributes: { mode: "reflect", pads: [0, 0, 2, 0, 0, 1] } },
    { op: "MaxPool", attributes: { kernel_shape: [2], strides: [2], pads: [0, 0] } },
  ]);
  assert.equal(ops, ["pad", "maxpool"]);
  const relu = chain(6, noise(1, 4), [{ op: "Relu" }]);
  const [refused] = await refusal(relu, { network: "integer" });
  assert.is(refused!.id, "onnx/opset");
});

test("BatchNormalization with statistics per element is refused", async () => {
  const each = [positive(4, 6), noise(4, 6), noise(4, 6), positive(4, 6)];
  const model = chain(6, noise(1, 4, 6), [
    { op: "BatchNormalization", operands: each, attributes: { is_test: 1, spatial: 0 } },
  ]);
  const [refused] = await refusal(model);
  assert.is(refused!.id, "onnx/unsupported");
  assert.match(refused!.text, "not per channel");
});

test.run();
