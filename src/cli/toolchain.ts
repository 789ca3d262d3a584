/** What the commands work with: all that is built in, and what a project's configuration adds. Built once per call. */
import type { CostModel, Engine, Kernel, Pass } from "../ir/contracts.js";
import { macs, weightBytes } from "../ir/cost.js";
import type { OpDef } from "../ir/op.js";
import { ops } from "../ir/ops/index.js";
import { pipelines } from "../passes/pipelines.js";

export interface Toolchain {
  /** The configuration file behind it; absent where only what is built in is known. */
  readonly config?: string;
  readonly ops: readonly OpDef[];
  /** Rows of passes that have a name of their own wherever a pass may be named. */
  readonly pipelines: Readonly<Record<string, string>>;
  passes(): Promise<readonly Pass[]>;
  /** C kernels in the order in which they are asked: a project's own come first. */
  kernels(): Promise<readonly Kernel[]>;
  readonly costModels: readonly CostModel[];
  readonly engines: readonly EngineEntry[];
  /** What `compile` writes. */
  readonly targets: readonly string[];
}

/** An engine that loads only when it is asked for. */
export interface EngineEntry {
  readonly name: string;
  /** Gives the bytes of `int` for every integer graph. */
  readonly exact: boolean;
  /** Runs only where it is named: it is slow, or needs what few machines have. */
  readonly onDemand?: true;
  load(toolchain: Toolchain): Promise<Engine>;
}

const engines: readonly EngineEntry[] = [
  { name: "int", exact: true, load: async () => (await import("../ir/interpreter.js")).intEngine },
  { name: "wasm", exact: true, load: async () => (await import("../backends/wasm/index.js")).wasmEngine },
  {
    name: "c",
    exact: true,
    async load(toolchain) {
      const { cEngine } = await import("../backends/c/index.js");
      return cEngine({ kernels: await toolchain.kernels() });
    },
  },
  {
    name: "gap8sim",
    exact: true,
    onDemand: true,
    async load(toolchain) {
      const { gap8simEngine } = await import("../backends/pulp/index.js");
      return gap8simEngine({ kernels: await toolchain.kernels() });
    },
  },
  { name: "float", exact: false, load: async () => (await import("../backends/float/index.js")).floatEngine },
];

/** What pulsec brings itself. */
export const builtIn: Toolchain = {
  ops,
  passes: async () => (await import("../passes/index.js")).allPasses(ops),
  pipelines,
  kernels: async () => (await import("../backends/c/index.js")).portableKernels,
  costModels: [macs, weightBytes],
  engines,
  targets: ["c", "wasm", "gap8"],
};
