/** onnxruntime, one operator after the other as the file writes them, on a test model. */
import { elements, onnxFile, type TestModel, type TestTensor } from "./onnx-model.js";

const names = { f32: "float32", u8: "uint8", i8: "int8" } as const;

/** The outputs by name, row-major in ONNX's axis order. */
export async function onnxruntimeOutputs(
  model: TestModel,
  inputs: Readonly<Record<string, TestTensor>>,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const ort = await import("onnxruntime-node");
  const options = { logSeverityLevel: 4, intraOpNumThreads: 1, graphOptimizationLevel: "disabled" } as const;
  const session = await ort.InferenceSession.create(onnxFile(model), options);
  const fed = Object.entries(inputs).map(([name, t]) => {
    const type = names[(t.type ?? "f32") as keyof typeof names];
    return [name, new ort.Tensor(type as "float32", elements(t) as never, [...t.shape])];
  });
  const found = await session.run(Object.fromEntries(fed));
  await session.release();
  return new Map(model.outputs.map((name) => [name, Array.from(found[name]!.data as Float32Array, Number)]));
}
