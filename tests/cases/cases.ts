/**
 * Case files: `tests/cases/**` `/*.pir`, split into chunks by lines `// -----`. What a chunk must show stands in it:
 *
 *     // run: @graph([1, 2], [3]) == [4]         what the graph gives, one list per input and output
 *     %y = relu %x {slope = 1} : ...  // error: has no attribute      a message about this line that holds these words
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parseModule } from "../../src/frontends/text/index.js";
import { unwrap } from "../../src/ir/diagnostic.js";
import type { Graph } from "../../src/ir/graph.js";
import { ops } from "../../src/ir/ops/index.js";
import { type Tensor, tensor } from "../../src/ir/tensor.js";
import { root } from "../harness.js";

type Lists = readonly (readonly number[])[];

/** A line of the file, counted from 1, and what is said there. */
interface Said<T> {
  readonly line: number;
  readonly what: T;
}
export interface Run {
  readonly graph: string;
  readonly inputs: Lists;
  readonly outputs: Lists;
}
export interface Chunk {
  /** Relative to tests/cases. */
  readonly file: string;
  /** The line of the file that `text` starts on. */
  readonly line: number;
  readonly text: string;
  readonly errors: readonly Said<string>[];
  readonly runs: readonly Said<Run>[];
}

const folder = path.join(root, "tests", "cases");

export function allChunks(): readonly Chunk[] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((f) => f.endsWith(".pir"));
  return files.sort().flatMap((file) => chunksOf(file, readFileSync(path.join(folder, file), "utf8")));
}

function chunksOf(file: string, source: string): Chunk[] {
  let line = 1;
  return source.split(/^\/\/ -----.*\n/m).map((text) => {
    const lines = text.split("\n").map((what, i) => ({ line: line + i, what }));
    const chunk = {
      file,
      line,
      text,
      errors: lines.flatMap(errorOf),
      runs: lines.flatMap((l) => runOf(file, l)),
    };
    line += lines.length;
    return chunk;
  });
}

function errorOf({ line, what }: Said<string>): Said<string>[] {
  const [, words] = /\/\/ error: (.*)$/.exec(what) ?? [];
  return words === undefined ? [] : [{ line, what: words.trim() }];
}

function runOf(file: string, { line, what }: Said<string>): Said<Run>[] {
  if (!what.includes("// run:")) return [];
  const [, graph, inputs, outputs] = /\/\/ run: @([\w.]+)\((.*)\) == (.*)$/.exec(what) ?? [];
  if (graph === undefined) throw new Error(`${file}:${line}: a run reads // run: @graph([..]) == [..]`);
  const lists = (text: string | undefined) => JSON.parse(`[${text}]`) as Lists;
  return [{ line, what: { graph, inputs: lists(inputs), outputs: lists(outputs) } }];
}

/** A run of an integer graph, ready for any engine. */
export interface RunCase {
  readonly name: string;
  readonly graph: Graph;
  readonly inputs: readonly Tensor[];
  /** Elements of the outputs, in the graph's order. */
  readonly outputs: Lists;
}

/** Every `// run:` of a graph in stage `integer`, in all case files. */
export async function integerRuns(): Promise<readonly RunCase[]> {
  const cases: RunCase[] = [];
  for (const { file, text, runs } of allChunks()) {
    if (runs.length === 0) continue;
    const { graphs } = unwrap(await parseModule(text, { file, ops }));
    for (const { line, what } of runs) {
      const graph = graphs.find((g) => g.name === what.graph);
      if (graph?.stage !== "integer") continue;
      const inputs = graph.inputs.map((v, i) => tensor(v.type, what.inputs[i] ?? []));
      cases.push({ name: `${file}:${line} @${graph.name}`, graph, inputs, outputs: what.outputs });
    }
  }
  return cases;
}
