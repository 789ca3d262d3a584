/** Damaged and hostile containers end in a result, soon: no exception, no hang, no memory by their say-so. */
import { Builder } from "flatbuffers";
import * as assert from "uvu/assert";
import * as fb from "../../src/frontends/container/generated/pulsec_generated.js";
import { containerParams, readContainer, writeContainer } from "../../src/frontends/container/index.js";
import { parseModule } from "../../src/frontends/text/index.js";
import { unwrap } from "../../src/ir/diagnostic.js";
import { ops } from "../../src/ir/ops/index.js";
import { printModule } from "../../src/ir/print.js";
import { allChunks } from "../cases/cases.js";
import { suite } from "../harness.js";
import { mutateBytes, pick, randomFrom } from "./mutate.js";

const test = suite("container-fuzz");
const mutations = 6000;
/** For files of a few kilobytes, on a busy machine. */
const smallLimitMs = 1_000;
/** For files of megabytes that refer to themselves. */
const largeLimitMs = 10_000;

const at = { file: "fuzz.pmod", ops };

async function samples(): Promise<readonly Uint8Array[]> {
  const texts = [
    ...ops.flatMap((op) => op.examples.map((e) => e.text)),
    ...allChunks()
      .filter((c) => c.errors.length === 0)
      .map((c) => c.text),
  ];
  return Promise.all(texts.map(async (text) => writeContainer(unwrap(await parseModule(text, at)))));
}

test(`${mutations} damaged files are accepted or refused`, async () => {
  const files = await samples();
  let accepted = 0;
  for (let seed = 1; seed <= mutations; seed++) {
    const random = randomFrom(seed);
    const bytes = mutateBytes(pick(random, files), random);
    const started = performance.now();
    try {
      const result = await readContainer(bytes, at);
      await containerParams(bytes, at);
      if (result.ok) {
        accepted++;
        const printed = printModule(result.value);
        assert.is(printModule(unwrap(await readContainer(await writeContainer(result.value), at))), printed);
      } else assert.ok(result.diagnostics.length > 0);
      assert.ok(performance.now() - started < smallLimitMs, "it takes too long");
    } catch (e) {
      throw new Error(`seed ${seed}: ${e}`, { cause: e });
    }
  }
  assert.ok(
    accepted > 50 && accepted < mutations / 2,
    `${accepted} accepted: damage must neither always nor never show`,
  );
});

test("a file cut off anywhere is refused, or holds all that is referred to", async () => {
  const [bytes] = await samples();
  for (let length = 0; length < bytes!.length; length++) {
    const result = await readContainer(bytes!.slice(0, length), at);
    if (result.ok) assert.ok(bytes!.length - length < 16, `${length} of ${bytes!.length} bytes`);
  }
});

/** A module of `count` references to one and the same part, each of which refers on in the same way. */
function folded(count: number, depth: "graphs" | "nodes" | "params"): Uint8Array {
  const b = new Builder(1 << 20);
  const same = (offset: number) => new Array<number>(count).fill(offset);
  const type = () => {
    const shape = fb.Type.createShapeVector(b, [count]);
    fb.Type.startType(b);
    fb.Type.addStorage(b, fb.Storage.I8);
    fb.Type.addShape(b, shape);
    return fb.Type.endType(b);
  };
  const value = () => {
    const [name, typeAt] = [b.createString("a"), type()];
    fb.Value.startValue(b);
    fb.Value.addName(b, name);
    fb.Value.addType(b, typeAt);
    return fb.Value.endValue(b);
  };
  const param = () => {
    const [name, typeAt, data] = [
      b.createString("p"),
      type(),
      fb.Param.createDataVector(b, new Uint8Array(count)),
    ];
    fb.Param.startParam(b);
    fb.Param.addName(b, name);
    fb.Param.addType(b, typeAt);
    fb.Param.addData(b, data);
    return fb.Param.endParam(b);
  };
  const graph = () => {
    const [name, inputs] = [b.createString("g"), fb.Graph.createInputsVector(b, same(value()))];
    fb.Graph.startGraph(b);
    fb.Graph.addName(b, name);
    fb.Graph.addInputs(b, inputs);
    return fb.Graph.endGraph(b);
  };
  const graphs =
    depth === "params" ? 0 : fb.Module.createGraphsVector(b, depth === "graphs" ? same(graph()) : [graph()]);
  const params = depth === "params" ? fb.Module.createParamsVector(b, same(param())) : 0;
  fb.Module.startModule(b);
  fb.Module.addVersion(b, 1);
  fb.Module.addGraphs(b, graphs);
  fb.Module.addParams(b, params);
  b.finish(fb.Module.endModule(b), "PMOD");
  return b.asUint8Array();
}

for (const depth of ["graphs", "nodes", "params"] as const) {
  test(`${depth} that are all one: an answer within ${largeLimitMs / 1000} s`, async () => {
    const bytes = folded(300_000, depth);
    const started = performance.now();
    const result = await readContainer(bytes, at);
    assert.not(result.ok);
    await containerParams(bytes, at);
    const took = performance.now() - started;
    assert.ok(took < largeLimitMs, `${Math.round(took)} ms`);
  });
}

test("files of one repeated byte or word are refused", async () => {
  for (const word of [0, 1, 4, 8, 16, 0x444f4d50, 0x7fffffff, 0xffffffff, 0xfffffff8]) {
    const bytes = new Uint8Array(new Uint32Array(50_000).fill(word).buffer);
    new DataView(bytes.buffer).setUint32(4, 0x444f4d50, true);
    const started = performance.now();
    assert.not((await readContainer(bytes, at)).ok);
    assert.ok(performance.now() - started < smallLimitMs);
  }
});

test.run();
