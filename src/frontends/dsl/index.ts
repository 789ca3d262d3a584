/** Models as text (`.pulse`): read, formatted, printed. */

export { argumentKinds, rowOf, signature } from "./arguments.js";
export { notCallable } from "./call.js";
export type { ArgumentKind } from "./calls.js";
export { formatPulse } from "./format.js";
export { functions } from "./functions.js";
export { describe, type Meaning } from "./meaning.js";
export type { WeightFile } from "./params.js";
export { type PulseOptions, parsePulse } from "./parse.js";
export { printPulse } from "./print.js";
export { type PrintedModels, printModels } from "./print-weights.js";
export {
  deploySettings,
  phaseSettings,
  type SettingRow,
  type SettingTable,
  settingValues,
  targets,
  trainSettings,
} from "./settings.js";
export type * from "./types.js";
