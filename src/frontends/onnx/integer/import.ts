/** Quantised float networks (QuantizeLinear and its kin, QLinear operators, QONNX) as integer graphs, where they can be. */
import { type Diagnostic, error, Refusal, warning } from "../../../ir/diagnostic.js";
import { mainGraph, type Value } from "../../../ir/graph.js";
import type { Mapped } from "../context.js";
import { type FloatModelOptions, importFloatModel, importForOne } from "../float/import.js";
import type { ImportedModel } from "../index.js";
import type { RawModel } from "../raw.js";
import { type Converted, type Obstacle, toIntegers } from "./convert.js";

const quantising =
  /^(QLinear\w+|QGemm|(Quantize|Dequantize)Linear|(Conv|MatMul)Integer|Quant|IntQuant|BipolarQuant|Trunc)$/;

/** Does the network say by its operators what its integers are? */
export const isQuantised = (model: RawModel): boolean => model.nodes.some((n) => quantising.test(n.op));

/** `needed`: a network that stays float is refused; else it comes back as float, with a warning. */
export function importQuantised(model: RawModel, options: FloatModelOptions, needed: boolean): ImportedModel {
  const { imported, exact } = importForOne(model, options);
  const source = mainGraph(imported.module);
  const converted = toIntegers(source, exact, options.ops);
  if ("main" in converted) return withNotes(model, assembled(imported, converted));
  const why = obstacle(converted, options.file);
  if (needed) throw new Refusal(error("onnx/stays-float", why.text, why.more));
  const float = importFloatModel(model, options);
  return { ...float, notes: [...float.notes, warning("onnx/stays-float", why.text, why.more)] };
}

function obstacle({ node, why }: Obstacle, file: string) {
  const [place] = node?.result.places ?? [];
  const text = `this quantised network does not become an integer graph: ${why}`;
  const help = "quantise what that node reads and gives, or import the network as a float network";
  return { text, more: { place: place ?? { file, node: "" }, help } };
}

function withNotes(model: RawModel, imported: ImportedModel): ImportedModel {
  if (!model.inputs.some((v) => typeof v.shape?.[0] === "string")) return imported;
  const text = "the symbolic batch is 1: integer graphs have a fixed batch";
  const note: Diagnostic = { ...error("onnx/fixed-batch", text), severity: "note" };
  return { ...imported, notes: [...imported.notes, note] };
}

function assembled(imported: ImportedModel, c: Converted): ImportedModel {
  const source = mainGraph(imported.module);
  const { tail, main } = c;
  const values = imported.values.flatMap((m) => {
    const name = c.integers.get(m.name);
    return name === undefined ? [] : [{ ...m, name }];
  });
  const outputs = source.outputs.map((v, i) => ({ v, as: imported.outputs[i]! }));
  const isFloat = ({ type }: Value) => type.storage === "f32";
  const given = outputs
    .filter(({ v }) => !isFloat(v))
    .map(({ as }) => ({ ...as, name: c.integers.get(as.name)! }));
  const asMapped = (v: Value): Mapped =>
    [...given, ...values].find((m) => m.name === v.name) ?? {
      name: v.name,
      onnxName: v.name,
      onnxShape: v.type.shape as readonly number[],
    };
  const tailOutputs = outputs
    .filter(({ v }) => isFloat(v))
    .map(({ as }, i) => ({ ...as, name: tail!.outputs[i]!.name }));
  const dialect = "quantised";
  return {
    module: { graphs: [main, ...(tail ? [tail] : [])], meta: { ...imported.module.meta, dialect } },
    dialect,
    inputs: imported.inputs,
    outputs: main.outputs.map(asMapped),
    ...(tail ? { tailOutputs } : {}),
    values,
    notes: tail ? [...imported.notes, tailNote(tail.nodes.map((n) => n.op.name))] : imported.notes,
    roundings: c.roundings,
  };
}

function tailNote(ops: readonly string[]): Diagnostic {
  const names = [...new Set(ops)].join(", ");
  const text = `the network ends in float operators (${names}): they are the graph @tail`;
  return { ...error("onnx/float-tail", `${text}, the integer graph ends before them`), severity: "note" };
}
