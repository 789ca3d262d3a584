/** The suites by their name on the command line: how their cases are found, and what runs one. */
import { type CaseFolder, caseFolders } from "./cases.js";
import { firmwareCases, runFirmwareCase } from "./firmware.js";
import { gap8Programs, runGap8Program } from "./gap8.js";
import { networkCases, runNetwork } from "./networks.js";
import { runOnnxCase } from "./onnx.js";
import { type Outcome, runCase } from "./run.js";

type SuiteName = "dory" | "deeploy" | "onnx" | "networks" | "gap8" | "firmware";

export const suites: Readonly<Record<SuiteName, (c: CaseFolder) => Promise<readonly Outcome[]>>> = {
  dory: runCase,
  deeploy: runCase,
  onnx: runOnnxCase,
  networks: runNetwork,
  gap8: runGap8Program,
  firmware: runFirmwareCase,
};

/** Where cases are other than folders with an ONNX file: `.pulse` files, programs with what they print, both for firmware. */
const finders: Partial<Readonly<Record<SuiteName, (dir: string) => readonly CaseFolder[]>>> = {
  networks: networkCases,
  gap8: gap8Programs,
  firmware: firmwareCases,
};

export const casesOf = (suite: SuiteName, dir: string): readonly CaseFolder[] =>
  (finders[suite] ?? caseFolders)(dir);
