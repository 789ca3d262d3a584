/** Exports graphs, reads them back, runs them on onnxruntime; tensors in the IR's axis order throughout. */
import * as assert from "uvu/assert";
import { floatEngine } from "../../src/backends/float/index.js";
import { exportOnnx, type OnnxExportOptions } from "../../src/backends/onnx/index.js";
import { decodeModel } from "../../src/frontends/onnx/decode.js";
import { importOnnx } from "../../src/frontends/onnx/index.js";
import type { RawModel } from "../../src/frontends/onnx/raw.js";
import { renderDiagnostic, unwrap } from "../../src/ir/diagnostic.js";
import { type Graph, mainGraph } from "../../src/ir/graph.js";
import { range } from "../../src/ir/ops/take.js";
import { type Data, storages } from "../../src/ir/storage.js";
import { permute, type Tensor, tensor } from "../../src/ir/tensor.js";
import { sizes } from "../../src/ir/type.js";
import { verifyModule } from "../../src/ir/verify.js";

export const exported = async (graph: Graph, options: Partial<OnnxExportOptions> = {}): Promise<Uint8Array> =>
  unwrap(await exportOnnx({ graphs: [graph], meta: {} }, { dialect: "onnx", ...options }));

export const decoded = (bytes: Uint8Array): Promise<RawModel> => decodeModel(bytes, { file: "test.onnx" });

/** Axis i of a channels-first tensor is axis channelsFirst[i] of ours. */
const channelsFirst = (rank: number): number[] =>
  rank === 3 || rank === 4 ? [0, rank - 1, ...range(1, rank - 1)] : range(0, rank);
const inverse = (perm: readonly number[]): number[] => perm.map((_, i) => perm.indexOf(i));

const arrays = {
  float32: Float32Array,
  uint8: Uint8Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
};

interface OrtTensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: Data;
}

export interface OrtRun {
  readonly outputs: ReadonlyMap<string, Tensor>;
  /** Outputs in the file's order. */
  readonly list: readonly Tensor[];
}

/** The outputs of the file on onnxruntime, in the IR's axis order, under their ONNX names. */
export async function onRuntime(bytes: Uint8Array, graph: Graph, inputs: readonly Tensor[]): Promise<OrtRun> {
  const ort = await import("onnxruntime-node");
  const options = { logSeverityLevel: 4, intraOpNumThreads: 1 } as const;
  const session = await ort.InferenceSession.create(bytes, options);
  const fed = graph.inputs.map((value, i) => {
    const { type, data } = inputs[i]!;
    const perm = channelsFirst(type.shape.length);
    const { array } = storages[type.storage];
    const name = Object.entries(arrays).find(([, a]) => a === (array as unknown))![0];
    const moved = permute(data, sizes(type), perm);
    return [
      value.name,
      new ort.Tensor(
        name as "float32",
        moved as never,
        perm.map((a) => type.shape[a] as number),
      ),
    ];
  });
  const found = await session.run(Object.fromEntries(fed));
  const names = session.outputNames;
  await session.release();
  const list = names.map((name) => ours(found[name] as unknown as OrtTensor));
  return { list, outputs: new Map(names.map((name, i) => [name, list[i]!])) };
}

function ours({ type, dims, data }: OrtTensor): Tensor {
  const back = inverse(channelsFirst(dims.length));
  const shape = back.map((a) => dims[a]!);
  const storage = ({ float32: "f32", uint8: "u8", int8: "i8", int16: "i16", int32: "i32" } as const)[
    type as "float32"
  ];
  return { type: { storage, shape }, data: permute(data, dims, back) };
}

/** Reads the file back and runs it on engine float. Outputs in the IR's axis order of the graph it came from. */
export async function readBack(
  bytes: Uint8Array,
  graph: Graph,
  inputs: readonly Tensor[],
): Promise<readonly Tensor[]> {
  const found = unwrap(await importOnnx(bytes, { file: "test.onnx", network: "float" }));
  assert.is(
    verifyModule(found.module)
      .map((d) => renderDiagnostic(d))
      .join("\n"),
    "",
  );
  const main = mainGraph(found.module);
  const fed = main.inputs.map((value, i) => {
    const at = graph.inputs.findIndex((v) => v.name === found.inputs[i]!.onnxName);
    const { type, data } = inputs[at]!;
    const first = channelsFirst(type.shape.length);
    const perm = (found.inputs[i]!.perm ?? range(0, first.length)).map((a) => first[a]!);
    const shape = perm.map((a) => type.shape[a] as number);
    return tensor({ ...value.type, shape }, permute(data, sizes(type), perm));
  });
  const session = await floatEngine.prepare(main, { expose: "outputs" });
  const values = await session.run(fed);
  await session.dispose();
  return found.outputs.map(({ name, onnxShape, perm }, i) => {
    const { data, type } = values.get(name)!;
    const file = inverse(perm ?? range(0, onnxShape.length));
    const back = inverse(channelsFirst(onnxShape.length)).map((a) => file[a]!);
    const wanted = graph.outputs[i]!.type;
    const shape = wanted.shape.map((d, a) => (d === "N" ? (type.shape[back[a]!] as number) : d));
    if (type.shape.length !== back.length) return { type: { ...type, shape }, data };
    return {
      type: { ...type, shape: back.map((a) => type.shape[a]!) },
      data: permute(data, sizes(type), back),
    };
  });
}

/** Elements that differ by more than `allowed`, relative to the larger of 1 and the size of what is meant. */
export function near(found: Tensor, meant: Tensor, allowed: number, what: string): void {
  assert.equal(found.type.shape, meant.type.shape, `${what}: shape`);
  for (let i = 0; i < meant.data.length; i++) {
    const [a, b] = [Number(found.data[i]), Number(meant.data[i])];
    const apart = Math.abs(a - b) > allowed * (1 + Math.abs(b));
    assert.not.ok(apart || Number.isNaN(a) !== Number.isNaN(b), `${what}: element ${i} is ${a}, not ${b}`);
  }
}

/** The graph with all its values as outputs. */
export const exposed = (graph: Graph): Graph => ({ ...graph, outputs: graph.nodes.map((n) => n.result) });
