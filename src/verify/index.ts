/** Verification: engines against the reference, and the graph against the user's own goldens. */
export { type Difference, difference } from "./difference.js";
export {
  compareEngines,
  compareValues,
  type DifferingTile,
  type EngineOutcome,
  type EngineReport,
  type TestVector,
  type ValueDifference,
  withTile,
} from "./engines.js";
export type { Divergence } from "./explain.js";
export { type GoldenSet, type GoldenSetOptions, goldenSets, takeInputs } from "./golden-sets.js";
export { type GoldenMatch, type GoldenReport, type Goldens, matchGoldens } from "./goldens.js";
export type { Layout } from "./layout.js";
export { type Extra, type NamedValue, namedValues } from "./names.js";
export {
  type GoldenRenderOptions,
  renderDifferences,
  renderEngineReport,
  renderGoldenReport,
} from "./render.js";
