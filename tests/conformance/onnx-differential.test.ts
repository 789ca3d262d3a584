/**
 * Random models of every operator against onnxruntime: what we compute is equal, or the model is refused with a
 * reason. `ONNX_DRAWS=200` draws more models per operator, `ONNX_OP=Resize` those of one, `SEED=2` others.
 */
import * as assert from "uvu/assert";
import { decodeModel } from "../../src/frontends/onnx/decode.js";
import { floatRows } from "../../src/frontends/onnx/float/rows.js";
import type { RawTensor } from "../../src/frontends/onnx/raw.js";
import { onnxFile, type TestTensor } from "../frontends/onnx-model.js";
import { seed, suite } from "../harness.js";
import { computations } from "./draw/computed.js";
import { drawModel, type Generator } from "./draw/draw.js";
import { elementwise } from "./draw/elementwise.js";
import { resampled } from "./draw/resampled.js";
import { shapes } from "./draw/shapes.js";
import { windows } from "./draw/windows.js";
import { judgeCase } from "./onnx.js";
import { oracleOutputs } from "./oracle.js";

const test = suite("onnx against onnxruntime");

const generators = { ...elementwise, ...windows, ...shapes, ...computations, ...resampled };
const draws = Number(process.env.ONNX_DRAWS ?? 6);

/** The oracle's own sums are of f32. */
const tolerance = { relative: 1e-3, absolute: 1e-6 };

interface Tally {
  passed: number;
  refused: Map<string, number>;
  failed: string[];
  /** Models that onnxruntime does not run. */
  skipped: Map<string, number>;
}

const count = (map: Map<string, number>, key: string): void => void map.set(key, (map.get(key) ?? 0) + 1);

async function rawTensor(name: string, t: TestTensor): Promise<RawTensor> {
  return { name, type: t.type ?? "f32", shape: t.shape, data: () => Float64Array.from(t.data) };
}

async function drawn(name: string, generator: Generator, index: number, tally: Tally): Promise<void> {
  const { model, inputs, oracle } = drawModel(generator, seed * 100003 + index);
  const outputs = await oracleOutputs(oracle, inputs);
  if (typeof outputs === "string") return count(tally.skipped, outputs.replace(/.*?: /, "").slice(0, 90));
  const bytes = onnxFile(model);
  const file = `${name}.onnx`;
  const raw = await decodeModel(bytes, { file });
  const entries = Object.entries(inputs).map(async ([k, t]) => [k, await rawTensor(k, t)] as const);
  const set = { name, inputs: new Map(await Promise.all(entries)), outputs };
  const { verdict, reason } = await judgeCase({ name, file, bytes, raw, tolerance }, [set]);
  if (verdict === "PASS") tally.passed++;
  else if (verdict === "UNSUPPORTED") count(tally.refused, reason);
  else
    tally.failed.push(
      `#${index} opset ${model.opset}: ${reason}\n${JSON.stringify(model.nodes)} ${JSON.stringify(model.inputs)} ${JSON.stringify(model.initialisers).slice(0, 300)}`,
    );
}

const sum = (m: ReadonlyMap<string, number>): number => [...m.values()].reduce((a, b) => a + b, 0);

function told(name: string, { passed, refused, skipped, failed }: Tally): void {
  const counts = [`${passed} passed`, `${sum(refused)} refused`, `${failed.length} failed`];
  console.log(`${name}: ${counts.join(", ")}, ${sum(skipped)} not run by onnxruntime`);
  for (const [why, n] of refused) console.log(`   refused ${n}: ${why}`);
  for (const [why, n] of skipped) console.log(`   not run ${n}: ${why}`);
}

const all = { passed: 0, refused: 0 };

for (const [name, generator] of Object.entries(generators)) {
  if (process.env.ONNX_OP && process.env.ONNX_OP !== name) continue;
  test(name, async () => {
    const tally: Tally = { passed: 0, refused: new Map(), failed: [], skipped: new Map() };
    for (let i = 0; i < draws; i++) await drawn(name, generator, i, tally);
    if (process.env.ONNX_DRAWS) told(name, tally);
    assert.is(tally.failed.slice(0, 3).join("\n"), "");
    if (!Object.hasOwn(floatRows, name)) return;
    assert.ok(tally.passed > 0, `no drawn model passes: ${[...tally.refused.keys()].join("\n")}`);
    all.passed += tally.passed;
    all.refused += sum(tally.refused);
  });
}

test("most models of operators that are read pass", () => {
  const { passed, refused } = all;
  console.log(`${passed} models as onnxruntime, ${refused} refused`);
  assert.ok(passed > 4 * refused, `${passed} passed, ${refused} refused`);
});

test("every operator that is read is drawn", () => {
  const quantising = /^(Q|DequantizeLinear|ConvInteger|MatMulInteger|IntQuant|BipolarQuant|Trunc)/;
  const missing = Object.keys(floatRows).filter(
    (op) => !quantising.test(op) && !Object.hasOwn(generators, op),
  );
  assert.equal(missing, []);
});

test.run();
