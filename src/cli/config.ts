/** The toolchain of a call: what is built in, and what the project's configuration adds. */
import { existsSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { configErrors } from "../extension/check.js";
import type { Config } from "../extension/config.js";
import { Refusal } from "../ir/diagnostic.js";
import { type Call, refuse } from "./command.js";
import { importFault, keyIn } from "./config-places.js";
import { readText, shortened } from "./files.js";
import { builtIn, type Toolchain } from "./toolchain.js";

/** In the order of preference; there may be only one in a folder. */
const fileNames = ["pulsec.config.ts", "pulsec.config.mts", "pulsec.config.js", "pulsec.config.mjs"];

/** Throws `Refusal` where the configuration cannot be used. */
export async function toolchainFor(call: Pick<Call, "flag" | "text">): Promise<Toolchain> {
  if (call.flag("no-config")) return builtIn;
  const file = call.text("config") ?? configAbove(process.cwd());
  return file === undefined ? builtIn : extended(await loadConfig(file), file);
}

/** The configuration of `folder` or of the nearest folder above it. */
function configAbove(folder: string): string | undefined {
  const here = fileNames.map((name) => path.join(folder, name)).filter((file) => existsSync(file));
  const [first, second] = here;
  if (second !== undefined)
    return refuse("config/two", `there are two configurations in ${shortened(folder)}`, {
      found: here.map((file) => path.basename(file)).join(" and "),
      expected: "one",
      help: "remove one, or say which: --config FILE",
    });
  const above = path.dirname(folder);
  if (first === undefined) return above === folder ? undefined : configAbove(above);
  return shortened(first);
}

async function loadConfig(file: string): Promise<Config> {
  const text = readText(file);
  if (!/\.m?[jt]s$/.test(file))
    return refuse("config/format", `${file} is no module of TypeScript or JavaScript`, {
      expected: "a file ending in .ts, .mts, .js or .mjs",
      help: file.endsWith(".json")
        ? "DORY's and PLiNIO's configurations are named with --dory-config"
        : "rename it",
    });
  // What the file will ask for, before the hooks stand: through their thread modules take twice as long.
  await import("../index.js");
  const { registerTypeScript } = await import("../extension/register.js");
  await registerTypeScript();
  let loaded: { readonly default?: unknown };
  try {
    loaded = (await import(pathToFileURL(path.resolve(file)).href)) as typeof loaded;
  } catch (e) {
    throw e instanceof Refusal ? e : new Refusal(importFault(e, file, text));
  }
  const wrong = configErrors(loaded.default, {
    names: {
      ops: builtIn.ops.map((op) => op.name),
      passes: (await builtIn.passes()).map((p) => p.name),
      pipelines: Object.keys(builtIn.pipelines),
      // A kernel may have the name of the one that it replaces.
      kernels: [],
      costModels: builtIn.costModels.map((m) => m.name),
      engines: builtIn.engines.map((e) => e.name),
    },
    ops: builtIn.ops,
    place: (key) => keyIn(file, text, key),
  });
  if (wrong.length > 0) throw new Refusal(...wrong);
  return loaded.default as Config;
}

/** What is built in, with what a sound configuration adds. */
async function extended(config: Config, file: string): Promise<Toolchain> {
  const ops = [...builtIn.ops, ...(config.ops ?? [])];
  const pipelines = { ...builtIn.pipelines, ...config.pipelines };
  const passes = async () => {
    const { allPasses } = await import("../passes/index.js");
    return [...allPasses(ops), ...(config.passes ?? [])];
  };
  const engines = (config.engines ?? []).map((e) => ({ name: e.name, exact: true, load: async () => e }));
  await checkPipelines(file, config, passes);
  return {
    config: file,
    ops,
    pipelines,
    passes,
    kernels: async () => [...(config.kernels ?? []), ...(await builtIn.kernels())],
    costModels: [...builtIn.costModels, ...(config.costModels ?? [])],
    engines: [...builtIn.engines, ...engines],
    targets: builtIn.targets,
  };
}

/** Pipelines name passes that exist, with options that these have. */
async function checkPipelines(
  file: string,
  { pipelines: own = {} }: Config,
  passes: Toolchain["passes"],
): Promise<void> {
  if (Object.keys(own).length === 0) return;
  const { parsePipeline } = await import("../passes/index.js");
  for (const [name, text] of Object.entries(own)) {
    const [wrong] = parsePipeline(text, await passes(), builtIn.pipelines).diagnostics;
    if (!wrong) continue;
    const source = readText(file);
    refuse("config/pipeline", `the pipeline ${name} cannot be run: ${wrong.text}`, {
      place: keyIn(file, source, name),
      found: text,
      ...(wrong.help ? { help: wrong.help } : {}),
    });
  }
}
