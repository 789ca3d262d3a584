/** The suites by their name on the command line: how their cases are found, and what runs one. */
import { type CaseFolder, caseFolders } from "./cases.js";
import { networkCases, runNetwork } from "./networks.js";
import { runOnnxCase } from "./onnx.js";
import { type Outcome, runCase } from "./run.js";

type SuiteName = "dory" | "deeploy" | "onnx" | "networks";

export const suites: Readonly<Record<SuiteName, (c: CaseFolder) => Promise<readonly Outcome[]>>> = {
  dory: runCase,
  deeploy: runCase,
  onnx: runOnnxCase,
  networks: runNetwork,
};

/** A network is a `.pulse` file of the folder; cases of all others are folders with an ONNX file. */
export const casesOf = (suite: SuiteName, dir: string): readonly CaseFolder[] =>
  suite === "networks" ? networkCases(dir) : caseFolders(dir);
