import fc from "fast-check";
import * as assert from "uvu/assert";
import { cEngine, findCompilers } from "../../src/backends/c/index.js";
import type { Engine } from "../../src/ir/contracts.js";
import { interpret } from "../../src/ir/interpreter.js";
import { printModule } from "../../src/ir/print.js";
import type { Tensor } from "../../src/ir/tensor.js";
import { suite } from "../harness.js";
import { merge } from "./merge.js";
import { type LayerCase, layerArbitrary, layerNames, networkArbitrary } from "./random-layers.js";

const test = suite("c kernels");
const compilers = await findCompilers();

/** Cases of every op and whole networks, all in one graph: one build tests them. */
function draw(seed: number, each: number): readonly LayerCase[] {
  const sample = (arbitrary: fc.Arbitrary<LayerCase>, numRuns: number) => fc.sample(arbitrary, { seed, numRuns });
  return [...layerNames.flatMap((name) => sample(layerArbitrary(name), each)), ...sample(networkArbitrary, each)];
}

function difference(name: string, { data }: Tensor, found: Tensor | undefined): string | undefined {
  if (found?.data.length !== data.length) return `%${name} has ${found?.data.length} elements, ${data.length} expected`;
  const at = data.findIndex((v: number | bigint, i: number) => v !== found.data[i]);
  return at < 0 ? undefined : `%${name}[${at}] is ${found.data[at]}, ${data[at]} expected`;
}

/** Two runs of one session; every value of every layer is what the specification says. */
async function agree(engine: Engine, seed: number, each: number): Promise<void> {
  const cases = draw(seed, each);
  const { graph, inputs } = merge(cases);
  const session = await engine.prepare(graph);
  for (const given of [inputs, cases.flatMap((c) => c.again)]) {
    const [expected, found] = [await interpret(graph).run(given), await session.run(given)];
    for (const [name, tensor] of expected) {
      const wrong = difference(name, tensor, found.get(name));
      if (!wrong) continue;
      const culprit = cases[Number(/^c(\d+)_/.exec(name)![1])]!;
      assert.unreachable(`seed ${seed}: ${wrong}\n${printModule({ graphs: [culprit.graph], meta: {} })}`);
    }
  }
  await session.dispose();
}

const seed = Math.floor(Math.random() * 2 ** 31);
const withHost = compilers.some((c) => c.kind === "cc") ? test : test.skip;
const withYowasp = compilers.some((c) => c.kind === "yowasp") ? test : test.skip;

withHost("agree with the specification, silently under the sanitizers, without a warning", async () => {
  const flags = "-O1 -Wall -Wextra -Werror -fsanitize=undefined,address -fno-sanitize-recover=all".split(" ");
  await agree(cEngine({ compiler: "cc", flags }), seed, 5);
});

withHost("agree with the specification at full optimisation", async () => {
  await agree(cEngine({ compiler: "cc", flags: ["-O3"] }), seed + 1, 5);
});

withYowasp("agree with the specification when clang builds them for WebAssembly", async () => {
  await agree(cEngine({ compiler: "yowasp", flags: ["-O1"] }), seed + 2, 1);
});

test.run();
