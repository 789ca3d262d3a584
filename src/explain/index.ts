/** Every diagnostic that pulsec can print, explained. */
import { cExplanations } from "./c.js";
import { configExplanations } from "./config.js";
import { containerExplanations } from "./container.js";
import { dslExplanations } from "./dsl.js";
import { engineExplanations } from "./engine.js";
import type { Explanation } from "./explanation.js";
import { doryExplanations } from "./export-dory.js";
import { onnxExportExplanations } from "./export-onnx.js";
import { extensionExplanations } from "./extension.js";
import { fileExplanations } from "./file.js";
import { goldenExplanations } from "./golden.js";
import { inputExplanations } from "./input.js";
import { irExplanations } from "./ir.js";
import { onnxExplanations } from "./onnx.js";
import { passExplanations } from "./pass.js";
import { pulpExplanations } from "./pulp.js";
import { quantExplanations } from "./quant.js";
import { runExplanations } from "./run.js";
import { scheduleExplanations } from "./schedule.js";
import { simExplanations } from "./sim.js";
import { textExplanations } from "./text.js";
import { verifyExplanations } from "./verify.js";
import { wasmExplanations } from "./wasm.js";

export type { Explanation } from "./explanation.js";

const all: readonly Explanation[] = [
  ...cExplanations,
  ...configExplanations,
  ...containerExplanations,
  ...dslExplanations,
  ...engineExplanations,
  ...doryExplanations,
  ...onnxExportExplanations,
  ...extensionExplanations,
  ...fileExplanations,
  ...goldenExplanations,
  ...inputExplanations,
  ...irExplanations,
  ...onnxExplanations,
  ...passExplanations,
  ...pulpExplanations,
  ...quantExplanations,
  ...runExplanations,
  ...scheduleExplanations,
  ...simExplanations,
  ...textExplanations,
  ...verifyExplanations,
  ...wasmExplanations,
];

export const explanations: readonly Explanation[] = all.toSorted((a, b) => (a.id < b.id ? -1 : 1));
