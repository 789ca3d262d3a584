/** What the server is given by the program that starts it: ops, and what lies beside a text on the disk. */
import type { PulseOptions } from "../frontends/dsl/index.js";
import type { ParamSource } from "../frontends/text/index.js";
import type { OpDef } from "../ir/op.js";

export interface Host {
  readonly ops: readonly OpDef[];
  /** Loads the weights that a model of `file` names. */
  weights(file: string): NonNullable<PulseOptions["weights"]>;
  /** The params that IR text names by their hash; nothing where no container lies beside `file`. Throws `Refusal`. */
  params(file: string): Promise<ParamSource | undefined>;
}
