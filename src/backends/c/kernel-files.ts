/** The C files that the kernels of a project need: ours from the runtime, a user's own from where its kernel says. */
import { readFileSync } from "node:fs";
import type { Kernel, KernelFile } from "../../ir/contracts.js";
import { error, Refusal } from "../../ir/diagnostic.js";
import type { Schedule } from "./host-schedule.js";
import { runtimeFile, runtimeHeaders } from "./runtime.js";

/** Headers and sources by name, no two alike. Throws a `Refusal` for files that cannot be read or told apart. */
export const kernelFiles = ({ steps }: Schedule): ReadonlyMap<string, string> =>
  filesOf(steps.flatMap((s) => (s.kind === "run" ? [s.kernel] : [])));

/** The same for a list of kernels. */
export function filesOf(all: readonly Kernel[]): ReadonlyMap<string, string> {
  const kernels = [...new Set(all)];
  const own = broughtBy(kernels);
  const headers = new Map<string, string>();
  const take = (name: string): void => {
    if (headers.has(name)) return;
    headers.set(name, own.get(name) ?? runtimeFile(name));
    for (const [, other] of headers.get(name)!.matchAll(/^#include "(pulsec_\w+\.h)"/gm))
      if (runtimeHeaders().has(other!)) take(other!);
  };
  take("pulsec_base.h");
  for (const kernel of kernels) {
    if (!own.has(kernel.header) && !runtimeHeaders().has(kernel.header)) throw new Refusal(noHeader(kernel));
    take(kernel.header);
  }
  for (const name of own.keys()) take(name);
  return headers;
}

/** Those that are compiled with the network. */
export const kernelSources = (files: Iterable<string>): readonly string[] =>
  [...files].filter((name) => name.endsWith(".c") && !name.includes("/") && !projectSources.has(name));

/** What the project itself compiles in its folder. */
const projectSources: ReadonlySet<string> = new Set(["network.c", "network_weights.c"]);
/** Of a project's files: those that kernels of the user's own brought. */
export const ownFiles = (files: ReadonlyMap<string, unknown>): readonly string[] =>
  [...files.keys()].filter(
    (name) => /^[^/]+\.[ch]$/.test(name) && !projectFiles.has(name) && !runtimeHeaders().has(name),
  );
const projectFiles: ReadonlySet<string> = new Set([
  ...projectSources,
  "network.h",
  "network_weights.h",
  "main.c",
  "vectors.c",
  "vectors.h",
]);

function broughtBy(kernels: readonly Kernel[]): ReadonlyMap<string, string> {
  const own = new Map<string, { readonly text: string; readonly kernel: Kernel }>();
  for (const kernel of kernels) {
    for (const file of kernel.files ?? []) {
      const text = textOf(file, kernel);
      const wrong = wrongName(file.name) ?? differs(own.get(file.name), text);
      if (wrong) throw new Refusal(wrongFile(kernel, file, wrong));
      own.set(file.name, { text, kernel });
    }
  }
  return new Map([...own].map(([name, { text }]) => [name, text]));
}

function textOf({ name, from }: KernelFile, kernel: Kernel): string {
  if (typeof from === "string") return from;
  try {
    return readFileSync(from, "utf8");
  } catch (e) {
    throw new Refusal(
      error("c/kernel-file", `kernel ${kernel.name}: ${name} cannot be read`, {
        found: (e as Error).message,
        expected: "the URL of a file, or its text",
        help: `name it beside the module that makes the kernel: new URL(${JSON.stringify(`./${name}`)}, import.meta.url)`,
      }),
    );
  }
}

function wrongName(name: string): string | undefined {
  if (!/^[A-Za-z_][\w-]*\.[ch]$/.test(name))
    return "this is no name of a C file: letters, digits, _ and -, then .h or .c";
  if (projectFiles.has(name)) return "the project has a file of this name";
  return runtimeHeaders().has(name) ? "the runtime has a header of this name" : undefined;
}

const differs = (had: { text: string; kernel: Kernel } | undefined, text: string): string | undefined =>
  had && had.text !== text ? `kernel ${had.kernel.name} brings another file of this name` : undefined;

const wrongFile = (kernel: Kernel, { name }: KernelFile, found: string) =>
  error(
    "c/kernel-file",
    `kernel ${kernel.name}: ${JSON.stringify(name)} cannot be written beside the network`,
    {
      found,
      help: "give the file another name, in `files` and where it is included",
    },
  );

const noHeader = ({ name, header, files = [] }: Kernel) =>
  error("c/kernel-file", `kernel ${name}: there is no header ${header}`, {
    found: files.length > 0 ? `its files are ${files.map((f) => f.name).join(", ")}` : "it has no files",
    expected: "one of its files, or a header of the runtime",
    help: `add it: files: [{ name: ${JSON.stringify(header)}, from: new URL(${JSON.stringify(`./${header}`)}, import.meta.url) }]`,
  });
