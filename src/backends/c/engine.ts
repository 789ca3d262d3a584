/** Engine `c`: the code that ships, compiled here, with a hook that shows the result of every layer. */
import type { Engine, Kernel } from "../../ir/contracts.js";
import { chooseKernels } from "../choose-kernels.js";
import { type CompilerKind, chooseCompiler } from "./compilers.js";
import { portableKernels } from "./kernels/index.js";
import { nativeSession } from "./native.js";
import { makeProject } from "./project.js";
import { yowaspSession } from "./yowasp.js";

/** How engine `c` builds and runs networks. */
export interface CEngineOptions {
  /** A host compiler, or clang as WebAssembly; the first that is there if absent. */
  readonly compiler?: CompilerKind;
  /** Compiler flags; `-O2` if absent. */
  readonly flags?: readonly string[];
  /** Folder to build in and to keep; without it a temporary one, removed on dispose. */
  readonly workDir?: string;
  readonly kernels?: readonly Kernel[];
}

/**
 * Values share memory in the engine as they do in firmware, so the memory plan is tested as well.
 * `prepare` throws a `Refusal` where no compiler is found or compiling fails.
 */
export function cEngine({
  compiler: kind,
  flags = ["-O2"],
  workDir,
  kernels = portableKernels,
}: CEngineOptions = {}): Engine {
  return {
    name: "c",
    refuses(graph) {
      if (graph.stage !== "integer")
        return [`@${graph.name} is a ${graph.stage} graph; C takes integer graphs`];
      return chooseKernels(graph, kernels).missing.map(
        ({ text, found, help }) => text + (found ? ` (${found})` : "") + (help ? `; ${help}` : ""),
      );
    },
    async prepare(graph, { expose = "all" } = {}) {
      const compiler = await chooseCompiler(kind);
      const { files, schedule } = makeProject(graph, { name: graph.name, prefix: "network", kernels });
      const all = expose === "all";
      if (compiler.kind === "yowasp") return yowaspSession(files, schedule, { flags, all });
      return nativeSession(files, schedule, { compiler, flags, workDir, all });
    },
  };
}
