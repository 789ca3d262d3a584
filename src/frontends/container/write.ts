/** Module to bytes. Children are written before their parents, as flatbuffers want it. */
import { Builder, type Offset } from "flatbuffers";
import { isSpan, type Place } from "../../ir/diagnostic.js";
import {
  type Commented,
  type Graph,
  liveRanges,
  type Module,
  type Node,
  type Origin,
  type Param,
  paramsOf,
  type Value,
} from "../../ir/graph.js";
import { moduleHash } from "../../ir/module-hash.js";
import type { AttrValue } from "../../ir/op.js";
import { storages } from "../../ir/storage.js";
import { bytesOf } from "../../ir/tensor.js";
import type { Quant, TensorType } from "../../ir/type.js";
import { packBits } from "./bits.js";
import * as fb from "./generated/pulsec_generated.js";
import { dataAlignment, formatVersion, stageCode, storageCode } from "./vocabulary.js";

type IndexOf = ReadonlyMap<Value, number>;
const indexed = <T>(list: readonly T[]): ReadonlyMap<T, number> => new Map(list.map((item, i) => [item, i]));
/** Absent rather than empty: an empty list takes room and says nothing more. */
const optional = <T>(list: readonly T[] | undefined, write: (list: readonly T[]) => Offset): Offset =>
  list && list.length > 0 ? write(list) : 0;

/** One copy of strings that recur. The runtime takes an empty one for none. */
const shared = (b: Builder, text: string): Offset =>
  text === "" ? b.createString(text) : b.createSharedString(text);

export function writeModule(module: Module): Uint8Array {
  const params = paramsOf(module.graphs);
  const indexOf: IndexOf = indexed(params);
  const b = new Builder(4096 + params.reduce((sum, p) => sum + p.data.byteLength + 256, 0));
  const paramsAt = fb.Module.createParamsVector(
    b,
    params.map((p) => writeParam(b, p, indexOf)),
  );
  const graphsAt = fb.Module.createGraphsVector(
    b,
    module.graphs.map((g) => writeGraph(b, g, indexOf)),
  );
  const metaAt = fb.Module.createMetaVector(b, writeMeta(b, module));
  const rangesAt = optional(writeRanges(b, module), (all) => fb.Module.createRangesVector(b, [...all]));
  const commentsAt = writeComments(b, module.comments, fb.Module.createCommentsVector);
  const hashAt = b.createString(moduleHash(module));
  fb.Module.startModule(b);
  fb.Module.addVersion(b, formatVersion);
  fb.Module.addMeta(b, metaAt);
  fb.Module.addParams(b, paramsAt);
  fb.Module.addGraphs(b, graphsAt);
  fb.Module.addRanges(b, rangesAt);
  fb.Module.addComments(b, commentsAt);
  fb.Module.addHash(b, hashAt);
  b.finish(fb.Module.endModule(b), "PMOD");
  return b.asUint8Array().slice();
}

type CreateVector = (b: Builder, offsets: Offset[]) => Offset;

const writeComments = (b: Builder, comments: readonly string[] | undefined, create: CreateVector): Offset =>
  optional(comments, (lines) =>
    create(
      b,
      lines.map((line) => b.createString(line)),
    ),
  );

const writeRemark = (b: Builder, { remark }: Commented): Offset =>
  remark === undefined ? 0 : b.createString(remark);

const writePlaces = (b: Builder, places: readonly Place[], create: CreateVector): Offset =>
  optional(places, (all) =>
    create(
      b,
      all.map((place) => writePlace(b, place)),
    ),
  );

function writePlace(b: Builder, place: Place): Offset {
  const file = shared(b, place.file);
  const node = isSpan(place) ? 0 : shared(b, place.node);
  fb.Place.startPlace(b);
  fb.Place.addFile(b, file);
  if (node) fb.Place.addNode(b, node);
  if (isSpan(place)) {
    fb.Place.addStart(b, place.start);
    fb.Place.addEnd(b, place.end);
  }
  return fb.Place.endPlace(b);
}

const writeMeta = (b: Builder, { meta }: Module): Offset[] =>
  Object.entries(meta).map(([key, text]) => fb.Fact.createFact(b, b.createString(key), b.createString(text)));

function writeType(b: Builder, { storage, shape, quant }: TensorType, params: IndexOf): Offset {
  const shapeAt = fb.Type.createShapeVector(
    b,
    shape.map((d) => (d === "N" ? 0 : d)),
  );
  const quantAt = quant ? writeQuant(b, quant, params) : 0;
  fb.Type.startType(b);
  fb.Type.addStorage(b, storageCode(storage));
  fb.Type.addShape(b, shapeAt);
  if (quantAt) fb.Type.addQuant(b, quantAt);
  return fb.Type.endType(b);
}

const writeQuant = (b: Builder, { scale, zero, channels, axis }: Quant, params: IndexOf): Offset =>
  fb.Quant.createQuant(b, scale, zero, channels ? params.get(channels)! : -1, axis ?? 0);

function writeParam(b: Builder, param: Param, params: IndexOf): Offset {
  const { name, type, trainable, origin, data, places, comments } = param;
  const dataAt = writeData(b, storages[type.storage].bits < 8 ? packBits(data, type.storage) : bytesOf(data));
  const nameAt = b.createString(name);
  const typeAt = writeType(b, type, params);
  const originAt = origin ? writeOrigin(b, origin) : 0;
  const placesAt = writePlaces(b, places, fb.Param.createPlacesVector);
  const commentsAt = writeComments(b, comments, fb.Param.createCommentsVector);
  const remarkAt = writeRemark(b, param);
  fb.Param.startParam(b);
  fb.Param.addName(b, nameAt);
  fb.Param.addType(b, typeAt);
  fb.Param.addTrainable(b, trainable);
  fb.Param.addOrigin(b, originAt);
  fb.Param.addData(b, dataAt);
  fb.Param.addPlaces(b, placesAt);
  fb.Param.addComments(b, commentsAt);
  fb.Param.addRemark(b, remarkAt);
  return fb.Param.endParam(b);
}

/** The generated code ignores the schema's alignment, so the room is made here. */
function writeData(b: Builder, bytes: Uint8Array): Offset {
  b.prep(dataAlignment, bytes.length);
  return b.createByteVector(bytes);
}

function writeOrigin(b: Builder, { param, kept, bits }: Origin): Offset {
  const paramAt = shared(b, param);
  const axes = kept?.map((indices) => fb.Kept.createKept(b, fb.Kept.createIndicesVector(b, [...indices])));
  const keptAt = axes ? fb.Origin.createKeptVector(b, axes) : 0;
  fb.Origin.startOrigin(b);
  fb.Origin.addParam(b, paramAt);
  fb.Origin.addKept(b, keptAt);
  fb.Origin.addBits(b, bits ?? -1);
  return fb.Origin.endOrigin(b);
}

function writeValue(b: Builder, { name, type, places }: Value, params: IndexOf): Offset {
  const nameAt = b.createString(name);
  const typeAt = writeType(b, type, params);
  const placesAt = writePlaces(b, places, fb.Value.createPlacesVector);
  fb.Value.startValue(b);
  fb.Value.addName(b, nameAt);
  fb.Value.addType(b, typeAt);
  fb.Value.addPlaces(b, placesAt);
  return fb.Value.endValue(b);
}

function writeAttr(b: Builder, name: string, value: AttrValue): Offset {
  const nameAt = shared(b, name);
  const wordAt = typeof value === "string" ? shared(b, value) : 0;
  const listAt = typeof value === "object" ? fb.Attr.createListVector(b, [...value]) : 0;
  fb.Attr.startAttr(b);
  fb.Attr.addName(b, nameAt);
  fb.Attr.addKind(b, kindOf(value));
  if (typeof value === "number" || typeof value === "boolean") fb.Attr.addNumber(b, Number(value));
  fb.Attr.addWord(b, wordAt);
  fb.Attr.addList(b, listAt);
  return fb.Attr.endAttr(b);
}

function kindOf(value: AttrValue): fb.AttrKind {
  if (typeof value === "number") return fb.AttrKind.Number;
  if (typeof value === "boolean") return fb.AttrKind.Bool;
  return typeof value === "string" ? fb.AttrKind.Word : fb.AttrKind.List;
}

function writeNode(b: Builder, node: Node, values: IndexOf, params: IndexOf): Offset {
  const operands = node.operands.map((v) => values.get(v) ?? -1 - params.get(v)!);
  const attrs = Object.entries(node.attrs).flatMap(([name, value]) =>
    value === undefined ? [] : writeAttr(b, name, value),
  );
  const opAt = shared(b, node.op.name);
  const operandsAt = fb.Node.createOperandsVector(b, operands);
  const attrsAt = optional(attrs, (all) => fb.Node.createAttrsVector(b, [...all]));
  const resultAt = writeValue(b, node.result, params);
  const commentsAt = writeComments(b, node.comments, fb.Node.createCommentsVector);
  const remarkAt = writeRemark(b, node);
  fb.Node.startNode(b);
  fb.Node.addOp(b, opAt);
  fb.Node.addOperands(b, operandsAt);
  fb.Node.addAttrs(b, attrsAt);
  fb.Node.addResult(b, resultAt);
  fb.Node.addComments(b, commentsAt);
  fb.Node.addRemark(b, remarkAt);
  return fb.Node.endNode(b);
}

const valuesOf = (graph: Graph): readonly Value[] => [...graph.inputs, ...graph.nodes.map((n) => n.result)];

function writeGraph(b: Builder, graph: Graph, params: IndexOf): Offset {
  const values: IndexOf = indexed(valuesOf(graph));
  const nameAt = b.createString(graph.name);
  const inputsAt = fb.Graph.createInputsVector(
    b,
    graph.inputs.map((v) => writeValue(b, v, params)),
  );
  const outputsAt = fb.Graph.createOutputsVector(
    b,
    graph.outputs.map((v) => values.get(v)!),
  );
  const nodesAt = fb.Graph.createNodesVector(
    b,
    graph.nodes.map((n) => writeNode(b, n, values, params)),
  );
  const commentsAt = writeComments(b, graph.comments, fb.Graph.createCommentsVector);
  const remarkAt = writeRemark(b, graph);
  fb.Graph.startGraph(b);
  fb.Graph.addName(b, nameAt);
  fb.Graph.addStage(b, stageCode(graph.stage));
  fb.Graph.addInputs(b, inputsAt);
  fb.Graph.addOutputs(b, outputsAt);
  fb.Graph.addNodes(b, nodesAt);
  fb.Graph.addComments(b, commentsAt);
  fb.Graph.addRemark(b, remarkAt);
  return fb.Graph.endGraph(b);
}

function writeRanges(b: Builder, module: Module): Offset[] {
  const graphs = new Map(
    module.graphs.map((g, i) => [g.name, { i, values: indexed(valuesOf(g).map((v) => v.name)) }]),
  );
  return liveRanges(module).map(({ graph, value, low, high }) => {
    const { i, values } = graphs.get(graph)!;
    return fb.Range.createRange(b, i, values.get(value)!, low, high);
  });
}
