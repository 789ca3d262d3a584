/** Every pass, one line each. */
import type { Pass } from "../ir/contracts.js";
import type { OpDef } from "../ir/op.js";
import { canonicalise } from "./canonicalise.js";
import { deadCode } from "./dead-code.js";
import { deduplicate } from "./deduplicate.js";
import { normAfterConv } from "./norm-after-conv.js";
import { preluToRelu } from "./prelu-to-relu.js";
import { shortcutToConv } from "./shortcut-to-conv.js";

export { type RunOptions, runPasses } from "./run.js";

/** The passes over graphs made of `ops`: the standard list, or that with a user's own ops. */
export const allPasses = (ops: readonly OpDef[]): readonly Pass[] => [
  canonicalise(ops),
  deadCode,
  deduplicate,
  normAfterConv,
  preluToRelu,
  shortcutToConv,
];
