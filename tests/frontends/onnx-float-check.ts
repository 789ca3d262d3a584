/** Imports a model as a float network, verifies it, runs it on engine `float`. */
import * as assert from "uvu/assert";
import { floatEngine } from "../../src/backends/float/index.js";
import type { ImportedModel } from "../../src/frontends/onnx/index.js";
import { renderDiagnostic } from "../../src/ir/diagnostic.js";
import { mainGraph } from "../../src/ir/graph.js";
import { permute, type Tensor, tensor } from "../../src/ir/tensor.js";
import { atBatch } from "../../src/ir/type.js";
import { verifyModule } from "../../src/ir/verify.js";
import { imported } from "./onnx-check.js";
import type { TestModel } from "./onnx-model.js";
import type { Array_ } from "./onnx-reference.js";

export const importedFloat = (model: TestModel): Promise<ImportedModel> =>
  imported(model, { network: "float" });

/** The outputs in ONNX's axis order, for inputs in ONNX's axis order whose leading size may be any batch. */
export async function runFloatModel(
  found: ImportedModel,
  inputs: Readonly<Record<string, Array_>>,
): Promise<readonly Array_[]> {
  assert.is(
    verifyModule(found.module)
      .map((d) => renderDiagnostic(d))
      .join("\n"),
    "",
  );
  const graph = mainGraph(found.module);
  const fed = graph.inputs.map((value, i): Tensor => {
    const { onnxName, perm } = found.inputs[i]!;
    const { shape, data } = inputs[onnxName]!;
    const moved = perm ? permute(Float64Array.from(data) as never, shape, perm) : data;
    return tensor(atBatch(value.type, shape[0]!), moved as ArrayLike<number>);
  });
  assert.equal(floatEngine.refuses(graph), []);
  const session = await floatEngine.prepare(graph, { expose: "outputs" });
  const values = await session.run(fed);
  await session.dispose();
  return found.outputs.map(({ name, onnxShape, perm }) => {
    const { data, type } = values.get(name)!;
    const back = perm?.map((_, i) => perm.indexOf(i));
    const ordered = back ? permute(data, type.shape as number[], back) : data;
    return { shape: onnxShape, data: Array.from(ordered, Number) };
  });
}

export function near(found: readonly number[], expected: readonly number[], what = "", allowed = 1e-5): void {
  assert.is(found.length, expected.length, what);
  const size = Math.max(1, ...expected.map(Math.abs));
  for (const [i, v] of expected.entries())
    assert.ok(Math.abs(found[i]! - v) <= allowed * size, `${what}[${i}] is ${found[i]}, not ${v}`);
}
