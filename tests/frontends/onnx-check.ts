/** Imports a model, verifies and runs it, and compares it with the reference. */
import * as assert from "uvu/assert";
import { type ImportedModel, type ImportOptions, importOnnx } from "../../src/frontends/onnx/index.js";
import { type Diagnostic, renderDiagnostic, unwrap } from "../../src/ir/diagnostic.js";
import { mainGraph } from "../../src/ir/graph.js";
import { interpret } from "../../src/ir/interpreter.js";
import { permute, type Tensor, tensor } from "../../src/ir/tensor.js";
import { verifyModule } from "../../src/ir/verify.js";
import { bytes, f32, onnxFile, type TestModel } from "./onnx-model.js";
import { type Array_, evaluate } from "./onnx-reference.js";

export const file = "test.onnx";

export async function imported(
  model: TestModel,
  options: Partial<ImportOptions> = {},
): Promise<ImportedModel> {
  return unwrap(await importOnnx(onnxFile(model), { file, ...options }));
}

/** The diagnostics of a model that must be refused. */
export async function refusal(
  model: TestModel | Uint8Array,
  options: Partial<ImportOptions> = {},
): Promise<readonly Diagnostic[]> {
  const result = await importOnnx(model instanceof Uint8Array ? model : onnxFile(model), {
    file,
    ...options,
  });
  assert.not.ok(result.ok, "the model was not refused");
  return result.diagnostics;
}

/** Every value of the imported network, in ONNX's axis order, by ONNX name. */
export async function run(
  found: ImportedModel,
  inputs: Readonly<Record<string, Array_>>,
): Promise<ReadonlyMap<string, number[]>> {
  const complaints = verifyModule(found.module);
  assert.is(complaints.map((d) => renderDiagnostic(d)).join("\n"), "");
  const graph = mainGraph(found.module);
  const fed = graph.inputs.map((value, i): Tensor => {
    const { onnxName, onnxShape, perm } = found.inputs[i]!;
    const data = Int32Array.from(inputs[onnxName]!.data);
    return tensor(value.type, perm ? permute(data, onnxShape, perm) : data);
  });
  const values = await interpret(graph).run(fed);
  const all = [...found.values, ...found.outputs].map(({ name, onnxName, perm }): [string, number[]] => {
    const { data, type } = values.get(name)!;
    const back = perm?.map((_, i) => perm.indexOf(i));
    return [onnxName, [...(back ? permute(data, type.shape as number[], back) : data)].map(Number)];
  });
  return new Map(all);
}

/** All mapped values of the imported model equal the reference. Gives the model for further questions. */
export async function agrees(
  model: TestModel,
  inputs: Readonly<Record<string, Array_>>,
  options: Partial<ImportOptions> = {},
) {
  const samples = new Map(Object.entries(inputs));
  const found = await imported(model, { samples, ...options });
  const [ours, theirs] = [await run(found, inputs), evaluate(model, inputs)];
  for (const output of model.outputs) assert.ok(ours.has(output), `output ${output} is not mapped`);
  for (const [name, data] of ours)
    assert.equal(
      data,
      theirs.get(name)!.data.map((v) => v + 0),
      `tensor ${name}`,
    );
  return found;
}

export const opsOf = (found: ImportedModel): string[] => mainGraph(found.module).nodes.map((n) => n.op.name);

/** The output `y` of a network of one u8 input `x`, in ONNX's order. */
export async function output(
  model: Omit<TestModel, "outputs" | "inputs">,
  shape: readonly number[],
  data = bytes(shape.reduce((a, b) => a * b, 1)),
) {
  const inputTypes = new Map([["*", "u8" as const]]);
  const found = await imported({ inputs: { x: shape }, outputs: ["y"], ...model }, { inputTypes });
  return { y: (await run(found, { x: f32(shape, data) })).get("y")!, found, ops: opsOf(found) };
}
