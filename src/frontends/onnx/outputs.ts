/** The outputs of an integer network, and the module that they end. */
import { type Diagnostic, error, Refusal } from "../../ir/diagnostic.js";
import type { Graph, Value } from "../../ir/graph.js";
import { inOrder, presented } from "./arrange.js";
import { collected } from "./collected.js";
import { type Collected, type Context, type Mapped, nearTensor } from "./context.js";
import type { Dialect } from "./dialects/dialect.js";
import type { ImportedModel } from "./index.js";
import type { RawModel } from "./raw.js";
import { range } from "./shapes.js";
import type { FloatTensor } from "./tensor.js";

interface Outputs {
  readonly value: Value;
  readonly as: Mapped;
}

/** The file's outputs, integers for @main and floats for @tail. What is pending on one belongs to its node. */
function outputsOf(cx: Context, model: RawModel): { main: readonly Outputs[]; tail: readonly Outputs[] } {
  const [main, tail]: [Outputs[], Outputs[]] = [[], []];
  const refused: Diagnostic[] = [];
  for (const { name } of model.outputs) {
    cx.node = model.nodes.find((n) => n.outputs.includes(name));
    collected(cx, refused, { file: cx.file, node: name }, () => {
      const found = cx.tensors.get(name);
      if (found?.kind === "tensor") main.push(presented(cx, found));
      else if (found?.kind === "float") tail.push(tailOutput(cx, found, name));
      else refuseOutput(cx, name);
    });
  }
  cx.node = undefined;
  if (refused.length > 0) throw new Refusal(...refused);
  for (const [value, { as }] of cx.boundary)
    if (!main.some((o) => o.value === value)) main.push({ value, as });
  return { main, tail };
}

function tailOutput(cx: Context, found: FloatTensor, name: string): Outputs {
  const value = inOrder(cx.tail(), found, range(found.shape.length));
  return { value, as: { name: value.name, onnxName: name, onnxShape: found.shape } };
}

function refuseOutput(cx: Context, name: string): never {
  const constant = cx.tensors.get(name)?.kind === "constant" || cx.constants.has(name);
  const text = constant ? `output ${name} is a constant` : `nothing defines the output ${name}`;
  const guess = constant ? undefined : nearTensor(cx, name);
  const place = { file: cx.file, node: name };
  throw new Refusal(
    error("onnx/output", text, { place, ...(guess ? { help: `did you mean ${guess}?` } : {}) }),
  );
}

function tailGraph(cx: Context, outputs: readonly Outputs[]): Graph {
  const graph = cx.tail().finish(outputs.map((o) => o.value));
  const names = [...new Set(graph.nodes.map((n) => n.op.name))].join(", ");
  const text = `the network ends in float operators (${names}): they are the graph @tail`;
  cx.note("onnx/float-tail", `${text}, the integer graph ends before them`);
  return graph;
}

/** The imported model, once all nodes are lowered. */
export function finished(
  cx: Context & Collected,
  model: RawModel,
  dialect: Dialect,
  inputs: readonly Mapped[],
): ImportedModel {
  const { main, tail } = outputsOf(cx, model);
  const graphs = [
    cx.main.finish(main.map((o) => o.value)),
    ...(tail.length > 0 ? [tailGraph(cx, tail)] : []),
  ];
  const meta = { producer: model.producer, dialect: dialect.name, opset: String(model.opset) };
  return {
    module: { graphs, meta },
    dialect: dialect.name,
    inputs,
    outputs: main.map((o) => o.as),
    ...(tail.length > 0 ? { tailOutputs: tail.map((o) => o.as) } : {}),
    values: cx.values,
    notes: cx.notes(),
  };
}
