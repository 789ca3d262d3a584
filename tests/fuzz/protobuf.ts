/** Protobuf without a schema: enough to write hostile messages and to damage single fields of sound ones. */
import { damaged, mostlySmall, pick, type Random, range } from "./damage.js";

/** Base-128 varint of an unsigned 64-bit number; negative ones in two's complement, as int64 fields have it. */
export function varint(value: number | bigint): Uint8Array {
  if (value >= 0 && value < 128) return Uint8Array.of(Number(value));
  if (value >= 0 && value < 2 ** 14) return Uint8Array.of((Number(value) & 127) | 128, Number(value) >> 7);
  const out: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) out.push(Number(rest & 127n) | 128);
  return Uint8Array.of(...out, Number(rest));
}

export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const encoder = new TextEncoder();

/** A field of wire type 2: bytes, a string or a message. */
export const field = (number: number, payload: Uint8Array | string): Uint8Array<ArrayBuffer> => {
  const bytes = typeof payload === "string" ? encoder.encode(payload) : payload;
  return joined([varint((number << 3) | 2), varint(bytes.length), bytes]);
};

/** A field of wire type 0. */
export const number = (at: number, value: number | bigint): Uint8Array =>
  joined([varint(at << 3), varint(value)]);

interface Field {
  readonly number: number;
  readonly wire: number;
  /** The whole field with its key, and where its payload starts. */
  readonly bytes: Uint8Array;
  readonly payload: Uint8Array;
}

/** A varint's value (as far as 2^53 holds it) and the offset behind it. */
function readVarint(bytes: Uint8Array, at: number): readonly [value: number, next: number] | undefined {
  let value = 0;
  for (let i = 0; i < 10 && at + i < bytes.length; i++) {
    const byte = bytes[at + i]!;
    value += (byte & 127) * 2 ** (7 * i);
    if (byte < 128) return [value, at + i + 1];
  }
  return undefined;
}

/** Bytes behind a field's key, up to its end; -1 where the wire type is none. */
function payloadLength(bytes: Uint8Array, wire: number, at: number): readonly [start: number, end: number] {
  if (wire === 1) return [at, at + 8];
  if (wire === 5) return [at, at + 4];
  const read = wire === 0 || wire === 2 ? readVarint(bytes, at) : undefined;
  if (!read) return [at, -1];
  return wire === 0 ? [at, read[1]] : [read[1], read[1] + read[0]];
}

/** The fields of a message, or nothing where the bytes are none. */
function fieldsOf(bytes: Uint8Array): readonly Field[] | undefined {
  const fields: Field[] = [];
  for (let at = 0; at < bytes.length; ) {
    const key = readVarint(bytes, at);
    if (!key || key[0] >= 2 ** 11 || key[0] < 8) return undefined;
    const [start, end] = payloadLength(bytes, key[0] & 7, key[1]);
    if (end < start || end > bytes.length) return undefined;
    const payload = bytes.subarray(start, end);
    fields.push({ number: key[0] >> 3, wire: key[0] & 7, bytes: bytes.subarray(at, end), payload });
    at = end;
  }
  return fields;
}

const sizes = [
  ...[-1, 0, 1, 2, 3, 7, 8, 16, 127, 128, 255, 65535, 65536, 2 ** 31 - 1, 2 ** 31, 2 ** 32, -(2 ** 31)],
  ...[2 ** 53, 2n ** 63n - 1n, -(2n ** 63n)],
];
const words = [
  "",
  "x",
  "__proto__",
  "constructor",
  "toString",
  "../../etc/passwd",
  "/dev/zero",
  "\0",
  "é".repeat(99),
];

/** A field somewhere inside of a message: what a splice takes from another file. */
function someField(bytes: Uint8Array, random: Random): Field | undefined {
  const fields = fieldsOf(bytes);
  if (!fields || fields.length === 0) return undefined;
  const found = pick(random, fields);
  return (found.wire === 2 && random() < 0.8 ? someField(found.payload, random) : undefined) ?? found;
}

/** A message with one field changed, at any depth, and all lengths around it right. */
export function damagedMessage(bytes: Uint8Array, donor: Uint8Array, random: Random): Uint8Array {
  const fields = fieldsOf(bytes);
  if (!fields || fields.length === 0) return damaged(bytes, random);
  const at = Math.floor(random() * fields.length);
  const changed = fields.map((f) => f.bytes);
  changed.splice(at, 1, ...replacement(fields[at]!, fields, donor, random));
  return joined(changed);
}

function replacement(f: Field, fields: readonly Field[], donor: Uint8Array, random: Random): Uint8Array[] {
  if (f.wire === 2 && random() < 0.8) return [field(f.number, damagedPayload(f.payload, donor, random))];
  if (f.wire === 0 && random() < 0.7) return [number(f.number, pick(random, sizes))];
  const foreign = someField(donor, random);
  return pick(random, [
    () => [],
    () => [f.bytes, f.bytes],
    () => Array.from({ length: 2 + range(random, 40) }, () => f.bytes),
    () => [pick(random, fields).bytes],
    () => [f.bytes, pick(random, fields).bytes],
    () => (foreign ? [foreign.bytes] : []),
    () => (foreign ? [f.bytes, field(f.number, foreign.payload)] : [f.bytes]),
    () => [joined([varint((range(random, 32) << 3) | f.wire), f.bytes.subarray(1)])],
    () => [damaged(f.bytes, random)],
  ])();
}

const printable = (bytes: Uint8Array) => bytes.every((b) => b >= 32 && b < 127);

function damagedPayload(payload: Uint8Array, donor: Uint8Array, random: Random): Uint8Array {
  const fields = fieldsOf(payload);
  const isText = payload.length > 0 && printable(payload);
  if (fields && fields.length > 0 && !(isText && random() < 0.8) && random() < 0.95)
    return damagedMessage(payload, donor, random);
  const other = someField(donor, random)?.payload ?? payload;
  return pick(random, [
    () => (isText ? new TextEncoder().encode(pick(random, words)) : damaged(payload, random)),
    () => damaged(payload, random),
    () => other,
    () => payload.subarray(0, range(random, payload.length + 1)),
    () => joined([payload, varint(pick(random, sizes))]),
    () => joined(Array.from({ length: mostlySmall(random, 64) }, () => payload)),
    () => varint(pick(random, sizes)),
  ])();
}
