/** The suites by their name on the command line, and what runs one of their cases. */
import type { CaseFolder } from "./cases.js";
import { runOnnxCase } from "./onnx.js";
import { type Outcome, runCase } from "./run.js";

export const suites: Readonly<
  Record<"dory" | "deeploy" | "onnx", (c: CaseFolder) => Promise<readonly Outcome[]>>
> = { dory: runCase, deeploy: runCase, onnx: runOnnxCase };
