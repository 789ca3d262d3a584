/** Bytes to module. Nothing in the file is believed: every index, size, name and type is checked. */

import { type Complaint, inferResult } from "../../ir/check.js";
import { type Diagnostic, error, Refusal } from "../../ir/diagnostic.js";
import {
  type Graph,
  isName,
  type Module,
  type Node,
  type Param,
  type Range,
  type Value,
} from "../../ir/graph.js";
import { contentHash } from "../../ir/hash.js";
import { moduleHash } from "../../ir/module-hash.js";
import type { AttrValue, OpDef } from "../../ir/op.js";
import type { Data } from "../../ir/storage.js";
import { printType, sameType } from "../../ir/type.js";
import { CheckedBuffer } from "./checked-buffer.js";
import * as fb from "./generated/pulsec_generated.js";
import { readParams, readType } from "./read-params.js";
import { damaged, list, readComments, readPlaces, required } from "./read-parts.js";
import { formatVersion, stageNamed } from "./vocabulary.js";

interface Source {
  readonly file: string;
  readonly ops: ReadonlyMap<string, OpDef>;
  readonly params: readonly Param[];
}

const headerBytes = 8;

/** The root of a file that says it is one of ours, in a version that we know. Throws a `Refusal` else. */
function open(bytes: Uint8Array, file: string): fb.Module {
  const buffer = new CheckedBuffer(bytes);
  if (bytes.length < headerBytes || !buffer.__has_identifier("PMOD"))
    throw new Refusal(
      error("container/not-a-container", `${file} is no .pmod container`, {
        expected: "the identifier PMOD at byte 4",
      }),
    );
  const root = fb.Module.getRootAsModule(buffer);
  const version = root.version();
  if (version > formatVersion) {
    const more = {
      found: `version ${version}`,
      expected: `version ${formatVersion} or older`,
      help: "update pulsec",
    };
    throw new Refusal(error("container/newer-version", `${file} was written by a newer pulsec`, more));
  }
  return version < 1 ? damaged("the version is missing") : root;
}

/** Runs a reader; an offset that leads nowhere becomes a `Refusal`. */
function guarded<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (e) {
    if (e instanceof RangeError)
      throw new Refusal(
        error("container/damaged", `${file}: ${e.message}`, { help: "is the file complete?" }),
      );
    if (!(e instanceof Refusal)) throw e;
    throw new Refusal(
      ...e.diagnostics.map((d) =>
        d.place || d.text.startsWith(file) ? d : { ...d, text: `${file}: ${d.text}` },
      ),
    );
  }
}

/** Throws a `Refusal` for whatever is wrong with the file. */
export function readModule(bytes: Uint8Array, file: string, ops: readonly OpDef[]): Module {
  return guarded(file, () => {
    const root = open(bytes, file);
    const params = readParams(root);
    const source: Source = { file, ops: new Map(ops.map((op) => [op.name, op])), params };
    const graphs = list(root.graphsLength(), (i) => required(root.graphs(i))).map((g) =>
      readGraph(g, source),
    );
    if (graphs.length === 0) damaged("there is no graph");
    if (new Set(graphs.map((g) => g.name)).size < graphs.length) damaged("two graphs have the same name");
    const facts = list(root.metaLength(), (i) => required(root.meta(i)));
    const meta = Object.fromEntries(facts.map((f) => [required(f.key()), required(f.text())]));
    const ranges = list(root.rangesLength(), (i) => required(root.ranges(i))).map((r) =>
      readRange(r, graphs),
    );
    const comments = readComments(root);
    const module: Module = { graphs, meta, ...(ranges.length > 0 ? { ranges } : {}), ...comments };
    // Bits that flipped in weights or attributes leave a readable file: only the hash tells.
    if (required(root.hash()) !== moduleHash(module))
      damaged("the content does not have the hash that was written with it");
    return module;
  });
}

/** Param data by content hash, without looking at the graphs. Throws a `Refusal`. */
export function readParamsByHash(bytes: Uint8Array, file: string): ReadonlyMap<string, Data> {
  return guarded(file, () => new Map(readParams(open(bytes, file)).map((p) => [contentHash(p), p.data])));
}

function readGraph(graph: fb.Graph, source: Source): Graph {
  const name = required(graph.name());
  if (!isName(name)) damaged("a graph has no proper name");
  const stage = stageNamed(graph.stage()) ?? damaged(`@${name} has the unknown stage ${graph.stage()}`);
  const values: Value[] = [];
  const names = new Set<string>();
  const define = (value: Value): Value => {
    if (names.has(value.name)) damaged(`@${name} has two values named %${value.name}`);
    names.add(value.name);
    values.push(value);
    return value;
  };
  const inputs = list(graph.inputsLength(), (i) => define(readValue(required(graph.inputs(i)), source)));
  const nodes = list(graph.nodesLength(), (i) => {
    const node = readNode(required(graph.nodes(i)), name, values, source);
    define(node.result);
    return node;
  });
  const outputs = list(
    graph.outputsLength(),
    (i) => values[graph.outputs(i)!] ?? damaged(`@${name} has an output that is no value`),
  );
  return {
    name,
    stage,
    inputs,
    outputs,
    nodes,
    ...readComments(graph),
  };
}

function readValue(value: fb.Value, { params }: Source): Value {
  const name = required(value.name());
  if (!isName(name)) damaged("a value has no proper name");
  const type = readType(required(value.type()), `%${name}`, (i) => params[i]);
  return { name, type, places: readPlaces(value) };
}

function readNode(node: fb.Node, graph: string, values: readonly Value[], source: Source): Node {
  const result = readValue(required(node.result()), source);
  const name = `%${result.name}`;
  const refuse = (id: Diagnostic["id"], text: string, more: Partial<Diagnostic> = {}): never => {
    const place = { file: source.file, node: `@${graph} ${name}` };
    throw new Refusal(error(id, `${name}: ${text}`, { place, ...more }));
  };
  const opName = required(node.op());
  const op =
    source.ops.get(opName) ??
    refuse("container/unknown-op", `there is no op ${opName.slice(0, 60)}`, { help: "update pulsec" });
  const operands = list(node.operandsLength(), (i) => {
    const index = node.operands(i)!;
    const operand = index >= 0 ? values[index] : source.params[-1 - index];
    return (
      operand ??
      damaged(
        `${name} reads ${index >= 0 ? `value ${index} before it is defined` : `param ${-1 - index}, which is not there`}`,
      )
    );
  });
  const written = list(node.attrsLength(), (i) => readAttr(required(node.attrs(i))));
  const inferred = inferResult(op, operands, Object.fromEntries(written), result.type);
  if (isComplaint(inferred))
    return refuse("ir/operands", inferred.text, inferred.help ? { help: inferred.help } : {});
  if (!sameType(inferred.type, result.type)) {
    const more = { found: printType(result.type), expected: printType(inferred.type) };
    return refuse("ir/type", `${op.name} gives another type than the one written`, more);
  }
  const comments = readComments(node);
  return { op, operands, attrs: inferred.attrs, result, ...comments };
}

const isComplaint = (x: object): x is Complaint => "text" in x;

function readAttr(attr: fb.Attr): [string, AttrValue] {
  const name = required(attr.name());
  switch (attr.kind()) {
    case fb.AttrKind.Number:
      return [name, attr.number()];
    case fb.AttrKind.Bool:
      return [name, attr.number() !== 0];
    case fb.AttrKind.Word:
      return [name, required(attr.word())];
    case fb.AttrKind.List:
      return [name, list(attr.listLength(), (i) => attr.list(i)!)];
    default:
      return damaged(`an attribute is of the unknown kind ${attr.kind()}`);
  }
}

function readRange(range: fb.Range, graphs: readonly Graph[]): Range {
  const graph = graphs[range.graph()] ?? damaged("a range belongs to no graph");
  const { inputs, nodes } = graph;
  const index = range.value();
  const value =
    inputs[index] ?? nodes[index - inputs.length]?.result ?? damaged("a range belongs to no value");
  const [low, high] = [range.low(), range.high()];
  return low <= high
    ? { graph: graph.name, value: value.name, low, high }
    : damaged(`the range of %${value.name} is empty`);
}
