/** Lets this process import TypeScript, and makes `pulsec` the package that is running. */
import module from "node:module";
import { inStep } from "./hooks.js";
import { loadStrip } from "./typescript.js";

type Hooks = ReturnType<typeof inStep>;
/** Newer than the declarations that we build with. */
const { registerHooks } = module as unknown as { registerHooks?: (hooks: Hooks) => unknown };

let registered: Promise<void> | undefined;

/** Once per process, however often it is called. */
export const registerTypeScript = (): Promise<void> => (registered ??= register());

async function register(): Promise<void> {
  // Hooks on a thread of their own are all that Node 20 has, and deprecated where there are others.
  if (registerHooks) registerHooks(inStep(await loadStrip()));
  else module.register("./hooks.js", import.meta.url);
}
