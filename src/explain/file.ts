/** The diagnostics `file/...`. */

import type { Explanation } from "./explanation.js";
import { archiveExplanations } from "./file-archive.js";
import { diskExplanations } from "./file-disk.js";
import { tensorExplanations } from "./file-tensor.js";
import { textExplanations } from "./file-text.js";

export const fileExplanations: readonly Explanation[] = [
  ...diskExplanations,
  ...tensorExplanations,
  ...textExplanations,
  ...archiveExplanations,
];
