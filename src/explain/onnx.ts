/** The diagnostics `onnx/...`. */
import type { Explanation } from "./explanation.js";
import { onnxArithmetic } from "./onnx/arithmetic.js";
import { onnxAssumptions } from "./onnx/assumptions.js";
import { onnxFiles } from "./onnx/files.js";
import { onnxOperators } from "./onnx/operators.js";

export const onnxExplanations: readonly Explanation[] = [
  ...onnxArithmetic,
  ...onnxAssumptions,
  ...onnxFiles,
  ...onnxOperators,
].toSorted((a, b) => (a.id < b.id ? -1 : 1));
