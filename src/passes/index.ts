/** Every pass, one line each, and the pipelines made of them. */
import type { Pass } from "../ir/contracts.js";
import type { OpDef } from "../ir/op.js";
import { canonicalise } from "./canonicalise.js";
import { deadCode } from "./dead-code.js";
import { deduplicate } from "./deduplicate.js";
import { equalise } from "./equalise.js";
import { foldConstants } from "./fold-constants.js";
import { foldNorms } from "./fold-norms.js";
import { normAfterConv } from "./norm-after-conv.js";
import { normToConv } from "./norm-to-conv.js";
import { preluToRelu } from "./prelu-to-relu.js";
import { calibrate } from "./quantise/calibrate.js";
import { toInteger } from "./quantise/to-integer.js";
import { runningStatistics } from "./running-statistics.js";
import { shortcutToConv } from "./shortcut-to-conv.js";

export { valueCheck } from "./check-values.js";
export { parsePipeline, pipelineFile, printPipeline, printStep, type Step } from "./pipeline.js";
export { pipelines } from "./pipelines.js";
export type { Bits } from "./quantise/activation.js";
export { type LayerBits, layerBits } from "./quantise/bits.js";
export { type Budgeted, fitBudget, type Widths } from "./quantise/budget.js";
export { layerSizes, weightedLayers } from "./quantise/layer-list.js";
export { realValues, storedTensor } from "./quantise/noise.js";
export { integerRun, type Reference, referenceOf } from "./quantise/reference.js";
export { type QuantisationReport, quantisationReport } from "./quantise/report.js";
export { paramBytes, storedBytes } from "./quantise/stored-bytes.js";
export { type PassRun, type RunOptions, runPasses } from "./run.js";

/** The passes over graphs made of `ops`: the standard list, or that with a user's own ops. */
export const allPasses = (ops: readonly OpDef[]): readonly Pass[] => [
  canonicalise(ops),
  deadCode,
  deduplicate,
  foldConstants,
  foldNorms,
  normToConv,
  equalise,
  calibrate,
  toInteger,
  normAfterConv,
  preluToRelu,
  runningStatistics,
  shortcutToConv,
];
