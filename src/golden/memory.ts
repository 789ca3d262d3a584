/** How a kernel's memory holds a tensor: order of the axes, element type, fields within a byte. */
import { type Data, type Storage, storages } from "../ir/storage.js";
import { allocate, strides } from "../ir/tensor.js";

export const cElements = [
  "int8_t",
  "uint8_t",
  "int16_t",
  "uint16_t",
  "int32_t",
  "uint32_t",
  "int64_t",
  "uint64_t",
] as const;
/** C's name of an element in the kernel's memory. */
export type CElement = (typeof cElements)[number];

/**
 * `none`: each element has a C element of its own. Otherwise formats narrower than a byte share bytes, without gaps over the
 * whole tensor: `low-first` has the first element in the lowest bits (PULP-NN), `high-first` in the highest.
 */
export const packings = ["none", "low-first", "high-first"] as const;
export type Packing = (typeof packings)[number];

/** One level of the loop nest in memory order: a whole axis, its blocks, or what lies within a block. */
export interface Level {
  readonly axis: number;
  readonly block?: number;
  readonly part: "whole" | "blocks" | "within";
}

export interface MemoryFormat {
  readonly storage: Storage;
  readonly levels: readonly Level[];
  readonly element: CElement;
  readonly packing: Packing;
}

/**
 * The levels of a layout: `HWC`; `OHW2o` is O in blocks of 2, whose members lie next to each other (oneDNN's notation).
 * Axes of `axes` that are left out have size 1. Nothing where the text is no layout of these axes.
 */
export function parseLayout(axes: string, layout: string): readonly Level[] | undefined {
  const parts = [...layout.matchAll(/([A-Z])|(\d+)([a-z])/g)];
  if (parts.map((m) => m[0]).join("") !== layout) return undefined;
  const blocks = new Map(parts.filter((m) => m[2]).map((m) => [m[3]!.toUpperCase(), Number(m[2])]));
  const seen = new Set<string>();
  const levels: Level[] = [];
  for (const [, outer, size, inner] of parts) {
    const letter = (outer ?? inner!).toUpperCase();
    const axis = axes.indexOf(letter);
    const again = `${outer ? "outer" : "inner"} ${letter}`;
    if (axis < 0 || seen.has(again) || (size !== undefined && Number(size) < 2)) return undefined;
    seen.add(again);
    const block = blocks.get(letter);
    if (inner && !seen.has(`outer ${letter}`)) return undefined;
    levels.push(
      block === undefined ? { axis, part: "whole" } : { axis, block, part: outer ? "blocks" : "within" },
    );
  }
  return levels;
}

/** Axes that a layout leaves out; they must have size 1. */
export const omittedAxes = (rank: number, levels: readonly Level[]): readonly number[] =>
  Array.from({ length: rank }, (_, i) => i).filter((i) => !levels.some((l) => l.axis === i));

/** For each place in memory, the row-major element of the tensor that it holds, or -1 in the rest of a last block. */
export function memoryOrder(shape: readonly number[], levels: readonly Level[]): Int32Array {
  const steps = strides(shape);
  const sizes = levels.map((l) => {
    if (l.part === "whole") return shape[l.axis]!;
    return l.part === "blocks" ? Math.ceil(shape[l.axis]! / l.block!) : l.block!;
  });
  const order = new Int32Array(sizes.reduce((a, b) => a * b, 1));
  const index = new Array<number>(levels.length).fill(0);
  for (let at = 0; at < order.length; at++) {
    order[at] = elementAt(shape, steps, levels, index);
    for (let d = levels.length - 1; d >= 0 && ++index[d]! === sizes[d]; d--) index[d] = 0;
  }
  return order;
}

function elementAt(
  shape: readonly number[],
  steps: readonly number[],
  levels: readonly Level[],
  index: readonly number[],
): number {
  const position = shape.map(() => 0);
  for (const [i, l] of levels.entries())
    position[l.axis] = position[l.axis]! + index[i]! * (l.part === "blocks" ? l.block! : 1);
  if (position.some((p, axis) => p >= shape[axis]!)) return -1;
  return position.reduce((sum, p, axis) => sum + p * steps[axis]!, 0);
}

/** Bits that one element takes in memory. */
const bitsOf = ({ storage, element, packing }: MemoryFormat): number =>
  packing === "none" ? Number(/\d+/.exec(element)![0]) : storages[storage].bits;

export const memoryBytes = (places: number, format: MemoryFormat): number =>
  Math.ceil((places * bitsOf(format)) / 8);

/** The smallest and the largest number that the kernel's memory can hold. */
export function elementRange({ storage, element, packing }: MemoryFormat): readonly [bigint, bigint] {
  if (packing !== "none") return [BigInt(storages[storage].min), BigInt(storages[storage].max)];
  const bits = BigInt(/\d+/.exec(element)![0]);
  return element.startsWith("u") ? [0n, 2n ** bits - 1n] : [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n];
}

/** Where the field of element `i` begins in its byte. */
const fieldAt = (i: number, bits: number, packing: Packing): number => {
  const lane = i % (8 / bits);
  return packing === "low-first" ? lane * bits : 8 - bits - lane * bits;
};

/** The bytes that the kernel sees, little-endian. What no element fills is 0. */
export function toMemory(
  data: ArrayLike<number | bigint>,
  shape: readonly number[],
  format: MemoryFormat,
): Uint8Array {
  const order = memoryOrder(shape, format.levels);
  const out = new Uint8Array(memoryBytes(order.length, format));
  const view = new DataView(out.buffer);
  const bits = bitsOf(format);
  for (let i = 0; i < order.length; i++) {
    const v = order[i]! < 0 ? 0 : data[order[i]!]!;
    if (bits === 64) view.setBigInt64(i * 8, BigInt(v), true);
    else if (bits === 32) view.setInt32(i * 4, Number(v), true);
    else if (bits === 16) view.setInt16(i * 2, Number(v), true);
    else if (bits === 8) out[i] = Number(v);
    else {
      const byte = (i * bits) >> 3;
      out[byte] = out[byte]! | ((Number(v) & (2 ** bits - 1)) << fieldAt(i, bits, format.packing));
    }
  }
  return out;
}

/** The tensor that lies in these bytes, wrapped to its storage where the C element is wider. */
export function fromMemory(bytes: Uint8Array, shape: readonly number[], format: MemoryFormat): Data {
  const order = memoryOrder(shape, format.levels);
  const data = allocate(
    format.storage,
    shape.reduce((a, b) => a * b, 1),
  );
  const read = reader(bytes, format);
  for (let i = 0; i < order.length; i++) {
    if (order[i]! < 0) continue;
    if (data instanceof BigInt64Array) data[order[i]!] = BigInt(read(i));
    else data[order[i]!] = Number(read(i));
  }
  return data;
}

function reader(bytes: Uint8Array, format: MemoryFormat): (i: number) => number | bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { element, packing, storage } = format;
  const signed = storages[storage].min < 0;
  if (packing !== "none") {
    const { bits } = storages[storage];
    return (i) => {
      const field = (bytes[(i * bits) >> 3]! >> fieldAt(i, bits, packing)) & (2 ** bits - 1);
      return signed && field >= 2 ** (bits - 1) ? field - 2 ** bits : field;
    };
  }
  switch (element) {
    case "int8_t":
      return (i) => view.getInt8(i);
    case "uint8_t":
      return (i) => view.getUint8(i);
    case "int16_t":
      return (i) => view.getInt16(i * 2, true);
    case "uint16_t":
      return (i) => view.getUint16(i * 2, true);
    case "int32_t":
      return (i) => view.getInt32(i * 4, true);
    case "uint32_t":
      return (i) => view.getUint32(i * 4, true);
    default:
      return (i) => view.getBigInt64(i * 8, true);
  }
}

/** The C element of a storage format where nothing else is said; formats narrower than a byte share bytes or have one each. */
export function elementOf(storage: Storage): CElement {
  const { bits, min } = storages[storage];
  return `${min < 0 ? "int" : "uint"}${Math.max(bits, 8)}_t` as CElement;
}

/** The elements as plain numbers, for comparing and printing; 64-bit ones lose what doubles cannot hold. */
export function numbersOf(data: ArrayLike<number | bigint>): number[] {
  const out = new Array<number>(data.length);
  for (let i = 0; i < data.length; i++) out[i] = Number(data[i]);
  return out;
}
