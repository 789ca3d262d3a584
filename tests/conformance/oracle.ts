/** onnxruntime as the oracle for one model: its outputs as ONNX tensors. */
import type { RawData, RawTensor } from "../../src/frontends/onnx/raw.js";
import {
  elements,
  onnxFile,
  type TestModel,
  type TestTensor,
  type TestType,
} from "../frontends/onnx-model.js";

const names: Readonly<Record<TestType, string>> = {
  f32: "float32",
  f64: "float64",
  f16: "float16",
  i64: "int64",
  i32: "int32",
  i16: "int16",
  i8: "int8",
  u8: "uint8",
  u16: "uint16",
  u32: "uint32",
  bool: "bool",
};

/** The result, or why onnxruntime does not run the model. */
export async function oracleOutputs(
  model: TestModel,
  inputs: Readonly<Record<string, TestTensor>>,
): Promise<ReadonlyMap<string, RawTensor> | string> {
  const ort = await import("onnxruntime-node");
  try {
    const options = {
      logSeverityLevel: 4,
      intraOpNumThreads: 1,
      graphOptimizationLevel: "disabled",
    } as const;
    const session = await ort.InferenceSession.create(onnxFile(model), options);
    const fed = Object.entries(inputs)
      .filter(([name]) => session.inputNames.includes(name))
      .map(([name, t]) => [
        name,
        new ort.Tensor(names[t.type ?? "f32"] as "float32", elements(t) as never, [...t.shape]),
      ]);
    const found = await session.run(Object.fromEntries(fed));
    await session.release();
    return new Map(model.outputs.map((name) => [name, rawTensor(name, found[name] as never)]));
  } catch (e) {
    return e instanceof Error ? e.message : String(e);
  }
}

interface OrtTensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: RawData;
}

function rawTensor(name: string, { type, dims, data }: OrtTensor): RawTensor {
  const own = (Object.keys(names) as TestType[]).find((t) => names[t] === type) ?? "f32";
  const values = type === "float16" && !(data instanceof Float32Array) ? halves(data) : data;
  return { name, type: own, shape: [...dims], data: () => values };
}

/** Node's onnxruntime gives 16-bit floats as numbers where the runtime knows Float16Array, else as patterns. */
function halves(data: RawData): RawData {
  if (!(data instanceof Uint16Array)) return Float32Array.from(data as never);
  return Float32Array.from(data, (h) => {
    const [sign, exponent, fraction] = [h & 0x8000 ? -1 : 1, (h >> 10) & 31, h & 1023];
    if (exponent === 31) return fraction ? Number.NaN : sign * Infinity;
    return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -24 * fraction);
  });
}
