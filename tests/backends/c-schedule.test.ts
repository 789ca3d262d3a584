import * as assert from "uvu/assert";
import { hostSchedule, printSchedule } from "../../src/backends/c/host-schedule.js";
import { portableKernels } from "../../src/backends/c/index.js";
import { parseModule } from "../../src/frontends/text/index.js";
import { attempt, unwrap } from "../../src/ir/diagnostic.js";
import { type Graph, mainGraph } from "../../src/ir/graph.js";
import { ops } from "../../src/ir/ops/index.js";
import { suite } from "../harness.js";

const test = suite("schedule");

const text = `param @add : i64[1] = [0]
param @mul : i32[1] = [1]
param @w : i8[1x3x1] = [1, 2, 3]

graph @skip(%x: u8[1x8x1]) -> (%y: i32[1x8x1]) stage integer {
  %a = conv %x, @w {pads = [1, 1]} : i32[1x8x1]
  %b = requant %a, @mul, @add {shift = 4} : u8[1x8x1]
  %c = relu %b : u8[1x8x1]
  %d = relu %c : u8[1x8x1]
  %y = add %d, %b : i32[1x8x1]
}
`;

const graph = async (): Promise<Graph> =>
  mainGraph(unwrap(await parseModule(text, { file: "skip.pir", ops })));

test("prints memories, buffers and steps", async () => {
  assert.is(
    printSchedule(hostSchedule(await graph(), portableKernels)),
    `schedule @skip {
  memory arena : 48 bytes, lower bound 48
  memory constants : 12 bytes, lower bound 11
  memory caller : 40 bytes, lower bound 40

  buffer %x : u8[1x8x1] at caller, 8 bytes, steps 0 to 0
  buffer %a : i32[1x8x1] at arena + 0, 32 bytes, steps 0 to 1
  buffer %b : u8[1x8x1] at arena + 32, 8 bytes, steps 1 to 4
  buffer %c : u8[1x8x1] at arena + 0, 8 bytes, steps 2 to 3
  buffer %d : u8[1x8x1] at arena + 16, 8 bytes, steps 3 to 4
  buffer %y : i32[1x8x1] at caller, 32 bytes, steps 4 to 5
  buffer @w : i8[1x3x1] at constants + 0, 3 bytes
  buffer @mul : i32[1] at constants + 4, 4 bytes
  buffer @add:i32 : i64[1] at constants + 8, 4 bytes

  0: run pulsec_conv %x, @w -> %a
  1: run pulsec_requant32 %a, @mul, @add:i32 -> %b
  2: run pulsec_clip %b -> %c
  3: run pulsec_clip %c -> %d
  4: run pulsec_add %d, %b -> %y
}
`,
  );
});

test("exposed values keep bytes of their own", async () => {
  const { buffers, memories } = hostSchedule(await graph(), portableKernels, { expose: "all" });
  const inside = buffers.filter((b) => b.memory === "arena").sort((a, b) => a.offset - b.offset);
  for (const [i, b] of inside.entries())
    assert.ok(i === 0 || b.offset >= inside[i - 1]!.offset + inside[i - 1]!.bytes);
  assert.is(memories.find((m) => m.name === "arena")!.bytes, 32 + 16 + 16 + 16);
});

test("every node without kernel is named, with its op", async () => {
  const without = portableKernels.filter((k) => k.op.name !== "relu");
  const result = attempt(() =>
    hostSchedule({ name: "g", stage: "integer", inputs: [], outputs: [], nodes: [] }, without),
  );
  assert.ok(result.ok);
  const skip = await graph();
  const refused = attempt(() => hostSchedule(skip, without));
  assert.equal(refused.ok ? [] : refused.diagnostics.map((d) => `${d.id}: ${d.text}`), [
    "schedule/no-kernel: %c: there is no kernel for relu",
    "schedule/no-kernel: %d: there is no kernel for relu",
  ]);
});

test("a kernel that refuses says why, and the next one is asked", async () => {
  const skip = await graph();
  const picky = portableKernels.map((k) =>
    k.op.name === "add" ? { ...k, refuses: () => "not on Mondays" } : k,
  );
  const refused = attempt(() => hostSchedule(skip, picky));
  assert.equal(refused.ok ? [] : refused.diagnostics.map((d) => d.found), ["pulsec_add: not on Mondays"]);
  const { steps } = hostSchedule(skip, [...picky, ...portableKernels]);
  assert.is(steps.length, 5);
});

test("two outputs of one value, and an input that is returned, are copied", async () => {
  const skip = await graph();
  const { steps, outputs } = hostSchedule(
    { ...skip, outputs: [...skip.outputs, ...skip.outputs, skip.inputs[0]!] },
    portableKernels,
  );
  assert.equal(
    steps.flatMap((s) => (s.kind === "copy" ? [`${s.from.name} to ${s.to.name}`] : [])),
    ["%y to %y:output1", "%x to %x:output2"],
  );
  assert.is(new Set(outputs).size, 3);
});

test.run();
