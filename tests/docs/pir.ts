/** IR text in documentation: it parses, it is canonical, its `run` lines come true and its `error` lines complain. */
import * as assert from "uvu/assert";
import { parseModule } from "../../src/frontends/text/index.js";
import { type Diagnostic, isSpan, positionOf, renderDiagnostic } from "../../src/ir/diagnostic.js";
import type { Module } from "../../src/ir/graph.js";
import type { OpDef } from "../../src/ir/op.js";
import { printModule } from "../../src/ir/print.js";
import { verifyModule } from "../../src/ir/verify.js";
import { runInt } from "../ir/build-one.js";

/** The fenced blocks of a page in this language. */
export function blocksOf(page: string, language: string): readonly string[] {
  return [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)].filter((m) => m[1] === language).map((m) => m[2]!);
}

/** The block whose first line is `// title`, without that line. */
export function titled(blocks: readonly string[], title: string): string {
  const found = blocks.find((b) => b.startsWith(`// ${title}\n`));
  assert.ok(found, `a block begins with // ${title}`);
  return found!.slice(found!.indexOf("\n") + 1);
}

async function read(text: string, ops: readonly OpDef[]) {
  const parsed = await parseModule(text, { file: "page", ops });
  const module = parsed.ok ? parsed.value : undefined;
  return { module, found: [...parsed.diagnostics, ...(module ? verifyModule(module) : [])] };
}

/** The module, or a failed test that shows what is wrong with it. */
export async function sound(text: string, ops: readonly OpDef[]): Promise<Module> {
  const { module, found } = await read(text, ops);
  assert.equal(found.map((d) => renderDiagnostic(d, new Map([["page", text]]))).join("\n"), "");
  return module!;
}

/** Every chunk of a case file does what its comments say. */
export async function comesTrue(cases: string, ops: readonly OpDef[]): Promise<void> {
  for (const chunk of cases.split(/^\/\/ -----\n/m)) {
    const wrong = [...chunk.matchAll(/ \/\/ error: (.*)$/gm)];
    if (wrong.length > 0) await complains(chunk, wrong, ops);
    else await runs(chunk, ops);
  }
}

async function complains(chunk: string, wrong: readonly RegExpMatchArray[], ops: readonly OpDef[]) {
  const { found } = await read(chunk, ops);
  const lineOf = (offset: number) => positionOf(chunk, offset).line;
  const isOn = (d: Diagnostic, line: number) => d.place && isSpan(d.place) && lineOf(d.place.start) === line;
  for (const { 1: text, index = 0 } of wrong) {
    const here = found.filter((d) => isOn(d, lineOf(index))).map((d) => d.text);
    assert.ok(
      here.some((t) => t.includes(text!)),
      `line ${lineOf(index)}: ${here.join("; ") || "no complaint"}`,
    );
  }
}

async function runs(chunk: string, ops: readonly OpDef[]) {
  const module = await sound(chunk, ops);
  assert.is(printModule(module).trim(), chunk.trim(), "the text is canonical");
  for (const [line, name, inputs, output] of chunk.matchAll(/^\/\/ run: @(\w+)\((.*)\) == (.*)$/gm)) {
    const graph = module.graphs.find((g) => g.name === name);
    assert.ok(graph, `@${name} is a graph of the chunk`);
    const found = await runInt(graph!, ...(JSON.parse(`[${inputs}]`) as number[][]));
    assert.equal(Array.from(found, Number), JSON.parse(output!), line);
  }
}
