/** docs/writing-a-pass.md is followed literally, its files are those of the example, and its table is measured. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import * as assert from "uvu/assert";
import { floatEngine } from "../../src/backends/float/index.js";
import { randomTensor } from "../../src/data/random-tensor.js";
import { registerTypeScript } from "../../src/extension/register.js";
import { GraphBuilder } from "../../src/ir/build.js";
import type { Pass } from "../../src/ir/contracts.js";
import { type Graph, type Param, paramsOf } from "../../src/ir/graph.js";
import { conv } from "../../src/ir/ops/conv.js";
import { tensorType } from "../../src/ir/type.js";
import { root, suite } from "../harness.js";
import { runOn } from "../passes/run-on.js";
import { blocksIn } from "./commands.js";
import { followInstalled, inEmptyFolder, titledIn } from "./installed.js";

const test = suite("writing a pass");
const page = "writing-a-pass.md";
const example = path.join(root, "examples", "extensions", "low-rank", "passes");

test("its commands work in an empty folder, and print what it shows", () =>
  inEmptyFolder((dir) => {
    assert.ok(followInstalled(page, dir).length >= 10);
    const made = readFileSync(path.join(dir, "passes", "pool-early.ts"), "utf8");
    const shown = blocksIn(page).find((b) => b.text.startsWith("const rule: Rule"));
    assert.ok(made.includes(shown!.text), "the rule that it shows is the one that `pass new` writes");
  }));

test("its files are those of the example", () => {
  for (const name of ["low-rank.ts", "svd.ts"])
    assert.is(titledIn(page, `passes/${name}`), readFileSync(path.join(example, name), "utf8"));
});

interface Svd {
  readonly sigma: readonly number[];
  readonly u: readonly Float64Array[];
  readonly v: readonly Float64Array[];
}

const size = 64;
const positions = 16;

/** One layer whose singular values fall by a fifth from each to the next. */
function layer({ u, v, sigma }: Svd): Graph {
  const b = new GraphBuilder("net", "float");
  const x = b.input("x", tensorType("f32", ["N", positions, size]));
  const data = Float32Array.from({ length: size * size }, (_, i) =>
    sigma.reduce((sum, _, k) => sum + 0.8 ** k * u[k]![Math.floor(i / size)]! * v[k]![i % size]!, 0),
  );
  const w = b.param("w", tensorType("f32", [size, 1, size]), data);
  return b.finish([b.add(conv, [x, w], {}, { name: "y" })]);
}

/** Largest error as a part of the bound, and root mean square of the error as a part of that of the output. */
async function errors(before: Graph, after: Graph, bound: number) {
  let [nearest, error, signal] = [0, 0, 0];
  for (const seed of [1, 2, 3, 4]) {
    const x = randomTensor(tensorType("f32", [1, positions, size]), seed);
    const [a, b] = await Promise.all(
      [before, after].map(async (g) => (await (await floatEngine.prepare(g)).run([x])).get("y")!.data),
    );
    for (let p = 0; p < positions; p++) {
      const row = (data: ArrayLike<number | bigint>) =>
        Array.from({ length: size }, (_, i) => Number(data[p * size + i]));
      const moved = row(a!).map((v, i) => v - row(b!)[i]!);
      nearest = Math.max(nearest, Math.hypot(...moved) / (bound * Math.hypot(...row(x.data))));
      error += Math.hypot(...moved) ** 2;
      signal += Math.hypot(...row(a!)) ** 2;
    }
  }
  return { nearest, relative: Math.sqrt(error / signal) };
}

test("its table is what the pass does", async () => {
  await registerTypeScript();
  const load = (name: string) => import(pathToFileURL(path.join(example, name)).href);
  const { lowRank } = (await load("low-rank.ts")) as { lowRank: Pass };
  const { singularValues } = (await load("svd.ts")) as {
    singularValues(matrix: ArrayLike<number>, rows: number, columns: number): Svd;
  };
  const noise = randomTensor(tensorType("f32", [size * size]), 1).data as Float32Array;
  const before = layer(singularValues(noise, size, size));
  const rows: string[] = [];
  for (const tolerance of [0.02, 0.05, 0.1, 0.2]) {
    const done = await runOn(before, [{ pass: lowRank, options: { tolerance } }]);
    assert.ok(done.ok);
    const after = (done as { value: Graph }).value;
    const bound = Number(/<= (\S+) \*/.exec(done.diagnostics[0]!.found!)![1]);
    const [right] = paramsOf([after]) as [Param];
    const products = paramsOf([after]).reduce((sum, p) => sum + p.data.length, 0);
    const { nearest, relative } = await errors(before, after, bound);
    assert.ok(nearest <= 1.01 && relative < 1.2 * tolerance, "within the bound");
    const percent = ((100 * products) / size ** 2).toFixed(0);
    const rank = right.type.shape[0];
    rows.push(`| ${tolerance} | ${rank} | ${percent} % | ${nearest.toFixed(2)} | ${relative.toFixed(3)} |`);
  }
  const text = readFileSync(path.join(root, "docs", page), "utf8");
  assert.ok(text.includes(rows.join("\n")), `the page holds the table\n${rows.join("\n")}`);
});

test.run();
