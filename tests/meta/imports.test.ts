/** The import law of the design: who may know whom. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import path from "node:path";
import * as assert from "uvu/assert";
import { root, suite } from "../harness.js";

interface Law {
  readonly folders: readonly string[];
  readonly packages: readonly string[];
}

/** Longest matching folder rules. `packages` counts imports that survive compilation. */
const laws: Readonly<Record<string, Law>> = {
  "src/ir": { folders: [], packages: [] },
  grammar: { folders: [], packages: ["chevrotain"] },
  "src/frontends/text": { folders: ["src/ir", "grammar"], packages: ["chevrotain"] },
  "src/frontends/dsl": { folders: ["src/ir", "grammar"], packages: [] },
  "src/frontends/container": { folders: ["src/ir"], packages: ["flatbuffers"] },
  "src/frontends/onnx": { folders: ["src/ir"], packages: ["onnx-proto"] },
  "src/lsp": {
    folders: ["src/ir", "src/frontends/dsl", "src/frontends/text", "grammar"],
    packages: ["vscode-languageserver/node", "vscode-languageserver-textdocument"],
  },
  "src/explain": { folders: ["src/ir"], packages: [] },
  "src/extension": { folders: ["src/ir"], packages: ["@swc/wasm-typescript"] },
  "src/golden": {
    folders: ["src/ir", "src/data", "src/backends/c", "src/backends/gap8sim", "src/backends/pulp"],
    packages: [],
  },
  "src/passes": { folders: ["src/ir"], packages: [] },
  "src/data": { folders: ["src/ir"], packages: [] },
  "src/verify": { folders: ["src/ir", "src/data"], packages: [] },
  "src/backends": { folders: ["src/ir"], packages: [] },
  "src/backends/wasm": { folders: ["src/ir", "src/backends"], packages: ["binaryen"] },
  "src/backends/float": {
    folders: ["src/ir"],
    packages: ["@tensorflow/tfjs-core", "@tensorflow/tfjs-backend-cpu"],
  },
  "src/backends/gap8sim": { folders: ["src/ir"], packages: [] },
  "src/backends/onnx": { folders: ["src/ir"], packages: ["onnx-proto"] },
  "src/backends/schedule": { folders: ["src/ir", "src/backends"], packages: [] },
  "src/backends/pulp": {
    folders: ["src/ir", "src/backends", "src/backends/schedule", "src/backends/c", "src/backends/gap8sim"],
    packages: [],
  },
  "src/backends/c": { folders: ["src/ir", "src/backends"], packages: ["@yowasp/clang"] },
};

const statement = /^\s*(?:import|export)\s+(type\s)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"/gm;
const dynamic = /\b(?:import|require)\("([^"]+)"\)/g;

interface Import {
  readonly file: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(path.join(root, file), "utf8");
  const found = [...text.matchAll(statement)].map((m) => ({
    file,
    target: m[2]!,
    typeOnly: m[1] !== undefined,
  }));
  return [...found, ...[...text.matchAll(dynamic)].map((m) => ({ file, target: m[1]!, typeOnly: false }))];
}

function sourceFiles(): string[] {
  const under = (dir: string) =>
    readdirSync(path.join(root, dir), { recursive: true, encoding: "utf8" }).map((f) =>
      path.posix.join(dir, f),
    );
  return [...under("src"), ...under("grammar")].filter((f) => f.endsWith(".ts"));
}

const folderOf = (file: string): string | undefined =>
  Object.keys(laws)
    .filter((folder) => file.startsWith(`${folder}/`))
    .sort((a, b) => b.length - a.length)[0];

const resolve = (i: Import): string =>
  path.posix.join(path.posix.dirname(i.file), i.target).replace(/\.js$/, ".ts");
const isBuiltin = (name: string) => name.startsWith("node:") || builtinModules.includes(name);

function breaks(i: Import): string | undefined {
  const folder = folderOf(i.file);
  if (!folder) return undefined;
  const law = laws[folder]!;
  if (!i.target.startsWith(".")) {
    const tfjsTypes = i.typeOnly && i.target === "@tensorflow/tfjs-core";
    return isBuiltin(i.target) || tfjsTypes || law.packages.includes(i.target)
      ? undefined
      : `${i.file} loads ${i.target}`;
  }
  const target = resolve(i);
  const parents = law.folders.filter(
    (f) => path.posix.dirname(target) === f || (f !== "src/backends" && target.startsWith(`${f}/`)),
  );
  return target.startsWith(`${folder}/`) || parents.length > 0 ? undefined : `${i.file} imports ${target}`;
}

const test = suite("import law");

test("every folder knows only the folders and packages it may know", () => {
  const broken = sourceFiles()
    .flatMap(importsOf)
    .map(breaks)
    .filter((b) => b !== undefined);
  assert.equal(broken, []);
});

test("commands are handed what there is to name: only the toolchain knows the built-in lists", () => {
  const lists = /\b(?:ir\/ops\/index\.js|allPasses|portableKernels|wasm\/kernels)\b/;
  const knowing = sourceFiles().filter(
    (f) => f.startsWith("src/cli/") && lists.test(readFileSync(path.join(root, f), "utf8")),
  );
  assert.equal(knowing.sort(), ["src/cli/config.ts", "src/cli/toolchain.ts"]);
});

test("chevrotain is one file where it is loaded: as modules it takes half a second", () => {
  assert.ok(existsSync(new URL("../chevrotain.mjs", import.meta.resolve("chevrotain"))));
  const direct = sourceFiles()
    .flatMap(importsOf)
    .filter((i) => i.target === "chevrotain" && !i.typeOnly && i.file !== "grammar/chevrotain.ts");
  assert.equal(direct, []);
});

test("the law speaks of folders that exist", () => {
  const files = sourceFiles();
  for (const folder of Object.keys(laws))
    assert.ok(
      files.some((f) => f.startsWith(`${folder}/`)),
      folder,
    );
});

test("no two modules import each other, directly or around a corner", () => {
  const edges = new Map<string, string[]>();
  for (const file of sourceFiles()) {
    const needed = importsOf(file).filter((i) => !i.typeOnly && i.target.startsWith("."));
    edges.set(file, needed.map(resolve));
  }
  const done = new Set<string>();
  const visit = (file: string, trail: readonly string[]): void => {
    const again = trail.indexOf(file);
    if (again >= 0) throw new Error(`cycle: ${[...trail.slice(again), file].join(" -> ")}`);
    if (done.has(file)) return;
    for (const next of edges.get(file) ?? []) visit(next, [...trail, file]);
    done.add(file);
  };
  for (const file of edges.keys()) visit(file, []);
});

test.run();
