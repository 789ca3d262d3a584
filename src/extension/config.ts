/** `pulsec.config.ts`: what a project adds to pulsec. */
import type { CostModel, Engine, Kernel, Pass } from "../ir/contracts.js";
import type { OpDef } from "../ir/op.js";

/** The format of configurations that this version reads. */
export const configVersion = 1;

/** What a project adds to what is built in. Names must be new: nothing built in is replaced. */
export interface Config {
  /** Of the configuration's format. A version of pulsec that reads another one refuses the file and says so. */
  readonly version: typeof configVersion;
  /** Ops that models may use, made with `defineOp`. */
  readonly ops?: readonly OpDef[];
  /** Passes that `--passes` may name, made with `definePass`. */
  readonly passes?: readonly Pass[];
  /** Rows of passes under a name of their own: `{ small: "mine,canonicalise,dead-code" }`. */
  readonly pipelines?: Readonly<Record<string, string>>;
  /** C kernels for these ops or for built-in ones. They are asked before the built-in kernels; the first that does not refuse wins. */
  readonly kernels?: readonly Kernel[];
  /** Formulas of cost, for `pulsec cost`. */
  readonly costModels?: readonly CostModel[];
  /** Engines that `--engine` may name. */
  readonly engines?: readonly Engine[];
}

/** The configuration itself: gives editors and `tsc` its type. */
export const defineConfig = (config: Config): Config => config;
