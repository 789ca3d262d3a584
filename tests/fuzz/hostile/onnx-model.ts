/** ONNX models of any size, byte by byte. Field numbers: onnx.proto. */
import { field, joined, number } from "../protobuf.js";

export type Bytes = Uint8Array<ArrayBufferLike>;
export type Dims = readonly (number | bigint)[];

export const model = (graph: Bytes, ...more: readonly Bytes[]): Bytes =>
  joined([number(1, 8), field(8, joined([field(1, ""), number(2, 17)])), field(7, graph), ...more]);

export const dims = (sizes: Dims): Bytes => joined(sizes.map((d) => number(1, d)));
export const valueInfo = (name: string, sizes: Dims, type = 1): Bytes => {
  const shape = joined(sizes.map((d) => field(1, number(1, d))));
  return joined([field(1, name), field(2, field(1, joined([number(1, type), field(2, shape)])))]);
};
export const attribute = (name: string, type: number, payload: Bytes): Bytes =>
  field(5, joined([field(1, name), payload, number(20, type)]));
export const ints = (name: string, values: Dims): Bytes =>
  attribute(name, 7, joined(values.map((v) => number(8, v))));

export function node(
  op: string,
  inputs: readonly string[],
  outputs: readonly string[],
  ...attributes: readonly Bytes[]
) {
  return field(
    1,
    joined([
      ...inputs.map((i) => field(1, i)),
      ...outputs.map((o) => field(2, o)),
      field(4, op),
      ...attributes,
    ]),
  );
}
export const tensor = (name: string, sizes: Dims, type: number, ...data: readonly Bytes[]): Bytes =>
  joined([dims(sizes), number(2, type), field(8, name), ...data]);
export const constant = (name: string, sizes: Dims, type: number, ...data: readonly Bytes[]): Bytes =>
  field(5, tensor(name, sizes, type, ...data));

export const graph = (x: Bytes, y: string, ...parts: readonly Bytes[]): Bytes =>
  model(joined([...parts, field(2, "g"), field(11, x), field(12, valueInfo(y, [1, 4]))]));
export const x = valueInfo("x", [1, 4]);
export const i64 = (...values: readonly (number | bigint)[]): Bytes =>
  field(9, new Uint8Array(BigInt64Array.from(values, BigInt).buffer));
export const times = <T>(count: number, make: (i: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, i) => make(i));

/** A constant of zeros that is named, not held. */
export const zeros = (name: string, sizes: Dims): readonly Bytes[] => [
  constant(`${name}.shape`, [sizes.length], 7, i64(...sizes)),
  node("ConstantOfShape", [`${name}.shape`], [name]),
];
