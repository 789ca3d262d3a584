/** How Node loads a project's own modules: TypeScript as it stands, and `pulsec` as the package that is running. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { loadStrip, type Strip } from "./typescript.js";

interface Resolved {
  readonly url: string;
  readonly format?: string | null;
  readonly shortCircuit?: boolean;
}
interface Loaded {
  readonly format: string;
  readonly source?: unknown;
  readonly shortCircuit?: boolean;
}
interface Context {
  readonly parentURL?: string | undefined;
}

/** Ops and passes are compared by identity: a second copy of the package beside the project would share none with us. */
const own: ReadonlyMap<string, string> = new Map([
  ["pulsec", new URL("../index.js", import.meta.url).href],
  ["pulsec/register", new URL("../register.js", import.meta.url).href],
]);

const isTypeScript = (url: string): boolean =>
  url.startsWith("file:") && /\.m?ts$/.test(new URL(url).pathname);

/** `./pass.js` says `./pass.ts` where only that exists, as `tsc` reads it. */
function sourceOf(specifier: string, { parentURL }: Context): string | undefined {
  if (!parentURL?.startsWith("file:") || !/^\.{0,2}\/.*\.m?js$/.test(specifier)) return undefined;
  const url = new URL(specifier, parentURL);
  const source = new URL(url.href.replace(/js$/, "ts"));
  return existsSync(url) || !existsSync(source) ? undefined : source.href;
}

/** Where `specifier` leads, if that is for us to say. */
const resolved = (specifier: string, context: Context): Resolved | undefined => {
  const url = own.get(specifier) ?? sourceOf(specifier, context);
  return url === undefined ? undefined : { url, shortCircuit: true };
};

export function loaded(url: string, strip: Strip): Loaded {
  const file = fileURLToPath(url);
  return { format: "module", source: strip(readFileSync(file, "utf8"), file), shortCircuit: true };
}

let parser: Promise<Strip> | undefined;

/** The hooks as `module.register` runs them, on a thread of their own. */
export const resolve = async (
  specifier: string,
  context: Context,
  next: (specifier: string, context: Context) => Promise<Resolved>,
): Promise<Resolved> => resolved(specifier, context) ?? next(specifier, context);

export async function load(
  url: string,
  context: Context,
  next: (url: string, context: Context) => Promise<Loaded>,
): Promise<Loaded> {
  if (!isTypeScript(url)) return next(url, context);
  parser ??= loadStrip();
  return loaded(url, await parser);
}

/** The same as `module.registerHooks` runs them, in step with the program. */
export const inStep = (strip: Strip) => ({
  resolve: (
    specifier: string,
    context: Context,
    next: (specifier: string, context: Context) => Resolved,
  ): Resolved => resolved(specifier, context) ?? next(specifier, context),
  load: (url: string, context: Context, next: (url: string, context: Context) => Loaded): Loaded =>
    isTypeScript(url) ? loaded(url, strip) : next(url, context),
});
