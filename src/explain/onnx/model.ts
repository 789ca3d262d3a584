/** Small models in ONNX's textual syntax. */
import { fixedIn } from "../explanation.js";

export interface Text {
  /** Inputs => outputs. */
  readonly graph: string;
  readonly nodes: readonly string[];
  readonly weights?: readonly string[];
  readonly opset?: number;
}

export function onnxText({ graph, nodes, weights = [], opset = 17 }: Text): string {
  const [inputs, outputs] = graph.split(" => ");
  return [
    `<ir_version: 8, opset_import: ["" : ${opset}]>`,
    `net (${inputs}) => (${outputs})`,
    ...(weights.length > 0 ? [`<${weights.join(",\n ")}>`] : []),
    "{",
    ...nodes.map((n) => `  ${n}`),
    "}",
    "",
  ].join("\n");
}

/** A model, and what differs in it when it is put right; `options` go behind `pulsec check net.onnxtxt`. */
export const corrected = (wrong: Text, right: Partial<Text>, options = "") =>
  fixedIn(
    "net.onnxtxt",
    `check net.onnxtxt${options && ` ${options}`}`,
    onnxText(wrong),
    onnxText({ ...wrong, ...right }),
  );
