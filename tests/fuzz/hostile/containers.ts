/** Hostile containers: parts that are all one, lengths that lie. */
import { Builder } from "flatbuffers";
import * as fb from "../../../src/frontends/container/generated/pulsec_generated.js";
import type { Hostile } from "./index.js";

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

/** A param of `sizes` with a byte of data, and a graph that is empty. */
function param(sizes: readonly number[], storage: fb.Storage, data: Uint8Array): Uint8Array {
  const b = new Builder(1024);
  const name = b.createString("a");
  const shape = fb.Type.createShapeVector(b, [...sizes]);
  fb.Type.startType(b);
  fb.Type.addStorage(b, storage);
  fb.Type.addShape(b, shape);
  const type = fb.Type.endType(b);
  const bytes = fb.Param.createDataVector(b, data);
  fb.Param.startParam(b);
  fb.Param.addName(b, name);
  fb.Param.addType(b, type);
  fb.Param.addData(b, bytes);
  const params = fb.Module.createParamsVector(b, [fb.Param.endParam(b)]);
  fb.Module.startModule(b);
  fb.Module.addVersion(b, 1);
  fb.Module.addParams(b, params);
  b.finish(fb.Module.endModule(b), "PMOD");
  return b.asUint8Array();
}

/** Every 32-bit word the same, behind the identifier. */
function repeated(word: number): Uint8Array {
  const bytes = new Uint8Array(new Uint32Array(50_000).fill(word).buffer);
  new DataView(bytes.buffer).setUint32(4, 0x444f4d50, true);
  return bytes;
}

/** The length of the params' vector set to `length`. */
function longVector(length: number): Uint8Array {
  const bytes = param([1], fb.Storage.I8, Uint8Array.of(1)).slice();
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const table = view.getUint32(0, true);
  const entry = view.getUint16(table - view.getInt32(table, true) + 8, true);
  view.setUint32(table + entry + view.getUint32(table + entry, true), length, true);
  return bytes;
}

const byte = Uint8Array.of(1);
const hostile: Readonly<Record<string, () => Uint8Array>> = {
  "places that are all one": () => folded(30_000, "places of graphs"),
  "attributes that are all one": () => folded(30_000, "attributes of a node"),
  "kept indices that are all one": () => folded(30_000, "kept indices of a param"),
  "a param of 2^31 elements in a byte": () => param([2 ** 31], fb.Storage.I8, byte),
  "a param of 2^32 - 1 squared": () => param([2 ** 32 - 1, 2 ** 32 - 1], fb.Storage.I2, byte),
  "a param of sizes that wrap": () => param([2 ** 16, 2 ** 16, 1], fb.Storage.I8, byte),
  "a param of nothing": () => param([0], fb.Storage.I8, byte),
  "a param of thousands of sizes": () => param(new Array<number>(5000).fill(1), fb.Storage.I8, byte),
  "30 MiB of two bits": () => param([4 * 30 * 2 ** 20], fb.Storage.U2, new Uint8Array(30 * 2 ** 20)),
  "an identifier alone": () => new Uint8Array(Buffer.from("\0\0\0\0PMOD", "latin1")),
  "no bytes": () => new Uint8Array(),
};

const words = [0, 1, 4, 8, 16, 0x444f4d50, 0x7fffffff, 0xffffffff, 0xfffffff8];
const lengths = [2, 1000, 2 ** 28, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];

export function* hostileContainers(): Generator<Hostile> {
  for (const [name, make] of Object.entries(hostile)) yield { format: "pmod", name, bytes: make() };
  for (const word of words) yield { format: "pmod", name: `words of ${word}`, bytes: repeated(word) };
  for (const length of lengths)
    yield { format: "pmod", name: `a vector of ${length} params`, bytes: longVector(length) };
}
