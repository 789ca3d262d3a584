import fc from "fast-check";
import * as assert from "uvu/assert";
import { cEngine, findCompilers } from "../../src/backends/c/index.js";
import { parseModule } from "../../src/frontends/text/index.js";
import { unwrap } from "../../src/ir/diagnostic.js";
import { mainGraph } from "../../src/ir/graph.js";
import { interpret } from "../../src/ir/interpreter.js";
import { ops } from "../../src/ir/ops/index.js";
import { printModule } from "../../src/ir/print.js";
import { type Tensor, tensor } from "../../src/ir/tensor.js";
import { seed, suite } from "../harness.js";
import { type Case, merge } from "./merge.js";
import { layerArbitrary, layerNames, networkArbitrary } from "./random-layers.js";

const test = suite("c kernels");
const withHost = (await findCompilers()).some((c) => c.kind === "cc") ? test : test.skip;

/** Random cases of every op and whole networks. */
const draw = (seed: number, each: number): readonly Case[] =>
  [...layerNames.map(layerArbitrary), networkArbitrary].flatMap((arbitrary) =>
    fc.sample(arbitrary, { seed, numRuns: each }).flatMap(({ graph, inputs, again }) => [
      { graph, inputs },
      { graph, inputs: again },
    ]),
  );

/** What random drawing seldom meets: reflection at both ends, weights that round up, i32 extremes. */
const corners = `
param @w : i8[1x4x1] = [1, 10, 100, -100]

graph @reflected_conv(%x: i8[1x4x1]) -> (%y: i32[1x7x1]) stage integer {
  %y = conv %x, @w {pads = [3, 3], pad_mode = reflect} : i32[1x7x1]
}
graph @reflected_pad(%x: i16[1x2x3x2]) -> (%y: i16[1x4x7x2]) stage integer {
  %y = pad %x {pads = [1, 2, 1, 2], pad_mode = reflect} : i16[1x4x7x2]
}
graph @between(%x: i32[1x2x1]) -> (%y: i32[1x7x1]) stage integer {
  %y = upsample %x {size = 7, mode = linear, align = align_corners} : i32[1x7x1]
}
graph @centred(%x: i32[1x3x2x1]) -> (%y: i32[1x7x5x1]) stage integer {
  %y = upsample %x {size = [7, 5], mode = linear} : i32[1x7x5x1]
}
graph @far(%x: i32[1x5x1]) -> (%y: (i32[1x5x1] + 7) * 1) stage integer {
  %y = requant %x, @mul, @add {shift = 0} : (i32[1x5x1] + 7) * 1
}
graph @farther(%x: i32[1x5x1]) -> (%y: (i32[1x5x1] + 7) * 1) stage integer {
  %y = requant %x, @large, @add {shift = 3} : (i32[1x5x1] + 7) * 1
}
graph @farthest(%x: i32[1x5x1]) -> (%y: (i32[1x5x1] - 7) * 1) stage integer {
  %y = requant %x, @large, @add {shift = 0} : (i32[1x5x1] - 7) * 1
}
graph @beyond(%x: i32[1x5x1]) -> (%y: (i32[1x5x1] + 7) * 1) stage integer {
  %y = requant %x, @mul, @add {shift = 0, lo = 2147483645} : (i32[1x5x1] + 7) * 1
}
graph @below(%x: i32[1x5x1]) -> (%y: (i32[1x5x1] - 7) * 1) stage integer {
  %y = requant %x, @mul, @add {shift = 0, hi = -2147483646} : (i32[1x5x1] - 7) * 1
}
param @add : i64[1] = [0]
param @large : i32[1] = [2147483647]
param @mul : i32[1] = [1]
`;

/** Of this, gcc 12.2 -O2 deletes the addition where layers are open to interprocedural optimisation. */
const deletedByGcc = `param @add : i64[1] = [0]
param @mul : i32[1] = [3]

graph @sums(%x: u8[1x140x11]) -> (%y: u8[1x140x11]) stage integer {
  %a = clip %x {hi = 200} : u8[1x140x11]
  %b = clip %a {lo = 7} : u8[1x140x11]
  %s = add %b, %a {mul = [5, 8]} : i32[1x140x11]
  %y = requant %s, @mul, @add {shift = 3} : u8[1x140x11]
}
`;

async function casesOf(text: string): Promise<readonly Case[]> {
  const extremes = [-(2 ** 31), 2 ** 31 - 1, 5, -1, 0, 1, 77];
  const { graphs } = unwrap(await parseModule(text, { file: "corners.pir", ops }));
  return graphs.map((graph) => {
    const fill = (count: number, narrow: boolean) =>
      Array.from({ length: count }, (_, i) => (narrow ? (i * 37) % 101 : extremes[i % 7]!));
    const inputs = graph.inputs.map(({ type }) => {
      const count = (type.shape as number[]).reduce((a, b) => a * b, 1);
      return tensor(type, fill(count, type.storage !== "i32"));
    });
    return { graph, inputs };
  });
}

/** The examples of the op records. */
async function examples(): Promise<readonly Case[]> {
  const cases: Case[] = [];
  for (const { text, inputs } of ops.flatMap((op) => op.examples)) {
    const graph = mainGraph(unwrap(await parseModule(text, { file: "example.pir", ops })));
    if (graph.stage !== "integer") continue;
    cases.push({ graph, inputs: graph.inputs.map((v, i) => tensor(v.type, inputs[i]!)) });
  }
  return cases;
}

function difference(name: string, { data }: Tensor, found: Tensor | undefined): string | undefined {
  if (found?.data.length !== data.length)
    return `%${name} has ${found?.data.length} elements, ${data.length} expected`;
  const at = data.findIndex((v: number | bigint, i: number) => v !== found.data[i]);
  return at < 0 ? undefined : `%${name}[${at}] is ${found.data[at]}, ${data[at]} expected`;
}

/** All cases in one build: every value of every layer is what the specification says. */
async function agree(cases: readonly Case[], flags: string, told: string): Promise<void> {
  const { graph, inputs } = merge(cases);
  const session = await cEngine({ compiler: "cc", flags: flags.split(" ") }).prepare(graph);
  const [expected, found] = [await interpret(graph).run(inputs), await session.run(inputs)];
  await session.dispose();
  for (const [name, tensor] of expected) {
    const wrong = difference(name, tensor, found.get(name));
    if (!wrong) continue;
    const culprit = cases[Number(/^c(\d+)_/.exec(name)![1])]!;
    assert.unreachable(`${told}: ${wrong}\n${printModule({ graphs: [culprit.graph], meta: {} })}`);
  }
  assert.is(found.size, expected.size);
}

const sanitised = "-O1 -Wall -Wextra -Werror -fsanitize=undefined,address -fno-sanitize-recover=all";

withHost("the examples of all ops come true, silently under the sanitizers", async () => {
  await agree([...(await examples()), ...(await casesOf(corners))], sanitised, "example");
});

withHost("random layers agree with the specification, silently under the sanitizers", async () => {
  await agree(draw(seed, 2), sanitised, `seed ${seed}`);
});

withHost("no layer gets lost between layers", async () => {
  for (const flags of ["-O2", "-Os", "-O2 -flto"]) await agree(await casesOf(deletedByGcc), flags, flags);
});

withHost("random layers agree with the specification at full optimisation", async () => {
  await agree(draw(seed, 2), "-O3", `seed ${seed}`);
});

test.run();
