/** The diagnostics `dsl/...`. */
import { dslFileExplanations } from "./dsl-file.js";
import { dslModelExplanations } from "./dsl-model.js";
import { dslNameExplanations } from "./dsl-name.js";
import type { Explanation } from "./explanation.js";

export const dslExplanations: readonly Explanation[] = [
  ...dslFileExplanations,
  ...dslModelExplanations,
  ...dslNameExplanations,
];
