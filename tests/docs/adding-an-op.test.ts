import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";
import * as assert from "uvu/assert";
import type { Example, OpDef } from "../../src/ir/op.js";
import { ops } from "../../src/ir/ops/index.js";
import { printModule } from "../../src/ir/print.js";
import { opsReference } from "../../src/ir/reference.js";
import { canonicalise } from "../../src/passes/canonicalise.js";
import { root, suite } from "../harness.js";
import { runInt } from "../ir/build-one.js";
import { runFloat } from "../ir/float.js";
import { blocksOf, comesTrue, sound, titled } from "./pir.js";

const test = suite("adding an op");

const page = readFileSync(path.join(root, "docs", "adding-an-op.md"), "utf8");
const code = blocksOf(page, "ts");
const record = titled(code, "src/ir/ops/abs.ts");

/** The list of ops with the lines of the page at the places that it names. */
function listWith(lines: string): string {
  const [imported, entry] = lines.split("\n").filter(Boolean) as [string, string];
  const list = readFileSync(path.join(root, "src", "ir", "ops", "index.ts"), "utf8");
  const extended = list
    .replace(/^import \{ /m, `${imported}\nimport { `)
    .replace(/^(export const ops: .* = \[)\n/m, `$1\n${entry}\n`);
  assert.is(
    extended.length,
    list.length + imported.length + entry.length + 2,
    "both lines found their place",
  );
  return extended;
}

/** Compiles files that exist on this page only, beside the real ones. Complaints fail the test. */
function compile(virtual: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const { config } = ts.readConfigFile(path.join(root, "tsconfig.json"), ts.sys.readFile);
  const { incremental: _, tsBuildInfoFile: _t, ...settings } = config.compilerOptions;
  const { options } = ts.convertCompilerOptionsFromJson({ ...settings, declaration: false }, root);
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (name) => virtual.has(name) || fileExists(name);
  host.readFile = (name) => virtual.get(name) ?? readFile(name);
  host.getSourceFile = (name, language, ...rest) => {
    const text = virtual.get(name);
    return text === undefined
      ? getSourceFile(name, language, ...rest)
      : ts.createSourceFile(name, text, language);
  };
  const program = ts.createProgram([...virtual.keys()], options, host);
  const emitted = new Map<string, string>();
  for (const name of virtual.keys()) {
    const file = program.getSourceFile(name);
    const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
    assert.is(ts.formatDiagnostics(found, host), "");
    program.emit(file, (_name, text) => emitted.set(name, text));
  }
  return emitted;
}

const source = (name: string): string => path.join(root, "src", "ir", "ops", name);

/** The op of the page, compiled and loaded; its imports lead to the tests' own build. */
async function load(): Promise<OpDef> {
  const index = listWith(titled(code, "src/ir/ops/index.ts"));
  const emitted = compile(
    new Map([
      [source("abs.ts"), record],
      [source("index.ts"), index],
    ]),
  );
  const built = new URL("../../src/ir/ops/", import.meta.url);
  const text = emitted
    .get(source("abs.ts"))!
    .replace(/from "(\.[^"]+)"/g, (_, target) => `from "${new URL(target, built)}"`);
  const folder = mkdtempSync(path.join(tmpdir(), "pulsec-page-"));
  try {
    const file = path.join(folder, "abs.mjs");
    writeFileSync(file, text);
    return ((await import(pathToFileURL(file).href)) as { abs: OpDef }).abs;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

let loaded: Promise<OpDef> | undefined;
const theOp = (): Promise<OpDef> => (loaded ??= load());
const theList = async (): Promise<readonly OpDef[]> => [await theOp(), ...ops];

test("the record compiles, and its examples are canonical and come true", async () => {
  const { examples } = await theOp();
  assert.is.not(examples.length, 0);
  for (const { text, inputs, output } of examples as readonly Example[]) {
    const module = await sound(text, await theList());
    assert.is(printModule(module), text);
    assert.equal(Array.from(await runInt(module.graphs[0]!, ...inputs), Number), output);
  }
});

test("the float meaning is the one that tfjs has", async () => {
  const text = "graph @f(%x: f32[Nx2]) -> (%y: f32[Nx2]) stage float {\n  %y = abs %x : f32[Nx2]\n}\n";
  const module = await sound(text, await theList());
  assert.equal((await runFloat(module.graphs[0]!, [[-1.5, 2]])).outputs, [[1.5, 2]]);
});

test("the case file does what it says", async () =>
  comesTrue(titled(blocksOf(page, "pir"), "tests/cases/ops/abs.pir"), await theList()));

test("the equation turns `before` into `after`", async () => {
  const [before, after] = ["before", "after"].map((title) => titled(blocksOf(page, "pir"), title));
  const { graphs, meta } = await sound(before!, await theList());
  const simplify = canonicalise(await theList());
  assert.is(printModule({ graphs: graphs.map((g) => simplify.run(g)), meta }), after);
});

test("the reference has a section for it", async () => {
  assert.match(opsReference(await theList()), "## abs\n\nMagnitude.");
});

test.run();
