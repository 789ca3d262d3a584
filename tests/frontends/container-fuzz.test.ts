/** Damaged and hostile containers end in a result, soon: no exception, no hang, no memory by their say-so. */
import { Builder } from "flatbuffers";
import * as assert from "uvu/assert";
import * as fb from "../../src/frontends/container/generated/pulsec_generated.js";
import { containerParams, readContainer, writeContainer } from "../../src/frontends/container/index.js";
import { parseModule } from "../../src/frontends/text/index.js";
import { unwrap } from "../../src/ir/diagnostic.js";
import { ops } from "../../src/ir/ops/index.js";
import { printModule } from "../../src/ir/print.js";
import { randomFrom } from "../../src/ir/random.js";
import { verifyModule } from "../../src/ir/verify.js";
import { allChunks } from "../cases/cases.js";
import { suite } from "../harness.js";
import { mutateBytes, pick } from "./mutate.js";

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
        verifyModule(result.value);
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
  const [bytes] = (await samples()).toSorted((a, b) => b.length - a.length);
  for (let length = 0; length < bytes!.length; length++) {
    const result = await readContainer(bytes!.subarray(0, length), at);
    if (result.ok) assert.ok(bytes!.length - length < 16, `${length} of ${bytes!.length} bytes`);
  }
});

type Fold = "places of graphs" | "attributes of a node" | "kept indices of a param";

/** A module where `count` references to one part meet `count` references inside of it: work without end for the credulous. */
function folded(count: number, fold: Fold): Uint8Array {
  const b = new Builder(1 << 20);
  const name = b.createString("a");
  const same = (offset: number) => new Array<number>(count).fill(offset);
  const type = () => {
    const shape = fb.Type.createShapeVector(b, [1]);
    fb.Type.startType(b);
    fb.Type.addStorage(b, fb.Storage.I8);
    fb.Type.addShape(b, shape);
    return fb.Type.endType(b);
  };
  const value = (places: number) => {
    const typeAt = type();
    fb.Value.startValue(b);
    fb.Value.addName(b, name);
    fb.Value.addType(b, typeAt);
    fb.Value.addPlaces(b, places);
    return fb.Value.endValue(b);
  };
  const graph = (inputs: number, nodes: number) => {
    fb.Graph.startGraph(b);
    fb.Graph.addName(b, name);
    fb.Graph.addInputs(b, inputs);
    fb.Graph.addNodes(b, nodes);
    return fb.Graph.endGraph(b);
  };
  const graphWithPlaces = () => {
    fb.Place.startPlace(b);
    fb.Place.addFile(b, name);
    const places = fb.Value.createPlacesVector(b, same(fb.Place.endPlace(b)));
    return graph(fb.Graph.createInputsVector(b, [value(places)]), 0);
  };
  const graphWithAttrs = () => {
    const numbers = fb.Attr.createListVector(b, new Array<number>(count).fill(1));
    fb.Attr.startAttr(b);
    fb.Attr.addName(b, name);
    fb.Attr.addKind(b, fb.AttrKind.List);
    fb.Attr.addList(b, numbers);
    const attrs = fb.Node.createAttrsVector(b, same(fb.Attr.endAttr(b)));
    const [op, result] = [b.createString("relu"), value(0)];
    fb.Node.startNode(b);
    fb.Node.addOp(b, op);
    fb.Node.addAttrs(b, attrs);
    fb.Node.addResult(b, result);
    return graph(0, fb.Graph.createNodesVector(b, [fb.Node.endNode(b)]));
  };
  const paramWithOrigin = () => {
    const indices = fb.Kept.createIndicesVector(b, new Array<number>(count).fill(1));
    const kept = fb.Origin.createKeptVector(b, same(fb.Kept.createKept(b, indices)));
    fb.Origin.startOrigin(b);
    fb.Origin.addParam(b, name);
    fb.Origin.addKept(b, kept);
    const origin = fb.Origin.endOrigin(b);
    const [typeAt, data] = [type(), fb.Param.createDataVector(b, [1])];
    fb.Param.startParam(b);
    fb.Param.addName(b, name);
    fb.Param.addType(b, typeAt);
    fb.Param.addOrigin(b, origin);
    fb.Param.addData(b, data);
    return fb.Param.endParam(b);
  };
  const graphs =
    fold === "places of graphs"
      ? same(graphWithPlaces())
      : fold === "attributes of a node"
        ? [graphWithAttrs()]
        : [];
  const graphsAt = fb.Module.createGraphsVector(b, graphs);
  const paramsAt = fb.Module.createParamsVector(
    b,
    fold === "kept indices of a param" ? [paramWithOrigin()] : [],
  );
  fb.Module.startModule(b);
  fb.Module.addVersion(b, 1);
  fb.Module.addGraphs(b, graphsAt);
  fb.Module.addParams(b, paramsAt);
  b.finish(fb.Module.endModule(b), "PMOD");
  return b.asUint8Array();
}

for (const fold of ["places of graphs", "attributes of a node", "kept indices of a param"] as const) {
  test(`${fold} that are all one: an answer within ${largeLimitMs / 1000} s`, async () => {
    const bytes = folded(30_000, fold);
    const started = performance.now();
    const result = await readContainer(bytes, at);
    assert.match(result.diagnostics[0]?.text ?? "", /more is referred to than the file holds/);
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
