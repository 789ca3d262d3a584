/** The diagnostics `text/...`: IR text that cannot be read. */
import type { Explanation } from "./explanation.js";
import { textNameExplanations } from "./text/names.js";
import { textSyntaxExplanations } from "./text/syntax.js";

export const textExplanations: readonly Explanation[] = [...textNameExplanations, ...textSyntaxExplanations];
