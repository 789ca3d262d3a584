/** Bounds on what a file may hold, looked at before anything is made of it: a few bytes can stand for much memory. */
import { error, Refusal } from "../../ir/diagnostic.js";
import type { RawModel } from "./raw.js";

/** Fields of messages, each of which becomes an object or a number of one. The largest networks have a tenth. */
const mostFields = 2 ** 19;
/** Bytes of integers that are packed in variable length; those of weights are raw, or int32_data. */
const mostPacked = 2 ** 21;
/** Graphs in attributes of nodes of graphs, three messages each. */
const mostLevels = 100;
const mostAxes = 64;
const mostInputs = 4096;
const mostNodes = 2 ** 14;
const mostOperands = 2 ** 16;

type Message =
  | "model"
  | "graph"
  | "node"
  | "attribute"
  | "tensor"
  | "value"
  | "type"
  | "tensorType"
  | "shape";

/** Fields that hold messages, by number (onnx.proto). All else is skipped as it is. */
const messages: Readonly<Record<Message, Readonly<Record<number, Message>>>> = {
  model: { 7: "graph" },
  graph: { 1: "node", 5: "tensor", 11: "value", 12: "value", 13: "value" },
  node: { 5: "attribute" },
  attribute: { 5: "tensor", 6: "graph", 10: "tensor", 11: "graph" },
  tensor: {},
  value: { 2: "type" },
  type: { 1: "tensorType" },
  tensorType: { 2: "shape" },
  shape: {},
};
/**
 * dims, int32_data, int64_data, uint64_data; ints of attributes: how much each byte counts. 32-bit integers become plain
 * numbers and may be weights, where a negative one takes ten bytes; 64-bit ones become an object each.
 */
const packed: Partial<Readonly<Record<Message, Readonly<Record<number, number>>>>> = {
  tensor: { 1: 1, 5: 1 / 8, 7: 1, 11: 1 },
  attribute: { 8: 1 },
};

const refuse = (file: string, text: string, expected: string): never => {
  const help = "no network of a microcontroller comes near; check how the file was made";
  throw new Refusal(error("onnx/malformed", `${file} holds ${text}`, { expected, help }));
};

/** Refuses a file whose messages would take much more memory than the file. Damage is the decoder's to find. */
export function requireBelievable(bytes: Uint8Array, file: string): void {
  let [fields, packedBytes] = [0, 0];
  const walk = (start: number, end: number, message: Message, level: number): void => {
    if (level > mostLevels) refuse(file, "graphs in graphs", `at most ${mostLevels / 3} levels`);
    for (let at = start; at < end; ) {
      const key = varint(bytes, at, end);
      const field = key && fieldAt(bytes, key.value % 8, key.next, end);
      if (!field) return;
      if (++fields > mostFields) refuse(file, "more parts than any network", `at most ${mostFields}`);
      const number = Math.floor(key.value / 8);
      const inner = key.value % 8 === 2 ? messages[message][number] : undefined;
      if (inner) walk(field.start, field.end, inner, level + 1);
      packedBytes += (packed[message]?.[number] ?? 0) * (field.end - field.start);
      if (packedBytes > mostPacked)
        refuse(file, "more integers of variable length than any network", `at most ${mostPacked} bytes`);
      at = field.end;
    }
  };
  walk(0, bytes.length, "model", 0);
}

/** A base-128 number below 2^53 and where it ends. */
function varint(bytes: Uint8Array, at: number, end: number): { value: number; next: number } | undefined {
  let value = 0;
  for (let i = 0; i < 10 && at + i < end; i++) {
    value += (bytes[at + i]! % 128) * 2 ** (7 * i);
    if (bytes[at + i]! < 128) return { value, next: at + i + 1 };
  }
  return undefined;
}

/** Where a field's content lies; nothing where it is damaged, or of a kind that ONNX does not use. */
function fieldAt(
  bytes: Uint8Array,
  wire: number,
  at: number,
  end: number,
): { readonly start: number; readonly end: number } | undefined {
  const fixed = { 1: 8, 5: 4 }[wire];
  if (fixed !== undefined) return at + fixed <= end ? { start: at, end: at + fixed } : undefined;
  const read = wire === 0 || wire === 2 ? varint(bytes, at, end) : undefined;
  if (!read) return undefined;
  const last = wire === 0 ? read.next : read.next + read.value;
  return last <= end ? { start: read.next, end: last } : undefined;
}

/** Refuses models of more inputs, nodes, axes or operands than any network: much is asked of each with each. */
export function requireModest({ inputs, outputs, nodes, initialisers }: RawModel, file: string): void {
  if (Math.max(inputs.length, outputs.length) > mostInputs)
    refuse(file, "more inputs or outputs than any network", `at most ${mostInputs}`);
  if (nodes.length > mostNodes) refuse(file, "more nodes than any network", `at most ${mostNodes}`);
  const shapes = [...inputs, ...outputs, ...initialisers.values()].map((v) => v.shape?.length ?? 0);
  if (shapes.some((rank) => rank > mostAxes))
    refuse(file, "tensors of more axes than any network", `at most ${mostAxes}`);
  if (nodes.some((n) => n.inputs.length + n.outputs.length > mostOperands))
    refuse(file, "a node of more operands than any network", `at most ${mostOperands}`);
}
