/**
 * ONNX export.
 *
 *   exportOnnx(module, { dialect: "onnx" | "qdq", graph?, opset? }): Promise<Result<Uint8Array>>
 *
 * "onnx" writes a float graph; "qdq" writes an integer graph whose types carry scales, as
 * QuantizeLinear/DequantizeLinear pairs around float operators. Inputs and outputs are channels-first; values keep
 * their names. Everything that cannot be written is told at once, as diagnostics `export/...`.
 * The DORY dialect is `exportDory` in ./dory/index.ts; models as data and their bytes are ./model.ts.
 */
import { attempt, error, Refusal, type Result } from "../../ir/diagnostic.js";
import type { Graph, Module } from "../../ir/graph.js";
import { graphNamed } from "./graph-named.js";
import { neededOpset, unfit, writeGraph } from "./write.js";

/** Which graph is written, and as what. */
export interface OnnxExportOptions {
  readonly dialect: "onnx" | "qdq";
  /** Name of the graph; default the first. */
  readonly graph?: string;
  /** 13 to 24; default 17, or 21 for graphs that hold 16-bit integers. */
  readonly opset?: number;
}

/** Widely supported, and the newest whose forms all runtimes of the last years read. */
const usualOpset = 17;
/** Between them every operator that is written keeps its form, or has a case of its own. */
export const opsets = { oldest: 13, newest: 24 } as const;

/** The bytes of an `.onnx` file. Everything that cannot be written comes back as diagnostics at once. */
export async function exportOnnx(module: Module, options: OnnxExportOptions): Promise<Result<Uint8Array>> {
  const written = attempt(() => {
    const graph = graphNamed(module, options.graph);
    const wrong = unfit(graph, options.dialect);
    if (wrong) throw new Refusal(wrong);
    return writeGraph(graph, { ...options, opset: opsetFor(graph, options.opset), metadata: module.meta });
  });
  return written.ok ? { ...written, value: await written.value.finish() } : written;
}

function opsetFor(graph: Graph, wanted: number | undefined): number {
  const least = Math.max(neededOpset(graph), opsets.oldest);
  const opset = wanted ?? Math.max(usualOpset, least);
  if (opset >= least && opset <= opsets.newest) return opset;
  const why = least > opsets.oldest ? "; its 16-bit integers came with that" : "";
  throw new Refusal(
    error("export/opset", `@${graph.name} cannot be written in opset ${opset}`, {
      found: `opset ${opset}`,
      expected: `opset ${least} to ${opsets.newest}${why}`,
    }),
  );
}
