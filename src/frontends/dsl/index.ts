/** Models as text (`.pulse`): read, formatted, printed. */
export { formatPulse } from "./format.js";
export type { WeightFile } from "./params.js";
export { type PulseOptions, parsePulse } from "./parse.js";
export { printPulse } from "./print.js";
export type * from "./types.js";
