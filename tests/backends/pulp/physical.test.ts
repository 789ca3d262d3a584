/** Tensors in the layouts of memory: what was written is read again, and rows are what a CRC runs over. */
import fc from "fast-check";
import * as assert from "uvu/assert";
import { fromPhysical, rowBytes, rowsOf, spanOf } from "../../../src/backends/pulp/firmware/physical.js";
import type { Strides } from "../../../src/backends/schedule/program.js";
import { type Tensor, tensor } from "../../../src/ir/tensor.js";
import { elements, tensorType } from "../../../src/ir/type.js";
import { suite } from "../../harness.js";

const test = suite("pulp physical");

const small = fc.integer({ min: 1, max: 5 });
const cases = fc.record({
  h: small,
  w: small,
  c: small,
  order: fc.constantFrom("hwc" as const, "chw" as const),
  storage: fc.constantFrom("u8" as const, "i16" as const, "i32" as const),
  gap: fc.nat({ max: 3 }),
  wide: fc.nat({ max: 9 }),
});

function stridesOf(
  o: { h: number; w: number; c: number; order: "hwc" | "chw" },
  slot: number,
  gap: number,
  wide: number,
): Strides {
  const { order, h, w, c } = o;
  const pitch = (order === "hwc" ? c : w) * slot + gap * slot;
  return { order, h, w, c, pitch, stride: pitch * (order === "hwc" ? w : h) + wide * slot };
}

/** Byte of an element, by the definition of `Strides`. */
function byteOf(s: Strides, slot: number, y: number, x: number, k: number): number {
  return s.order === "hwc" ? y * s.stride + x * s.pitch + k * slot : k * s.stride + y * s.pitch + x * slot;
}

function written(t: Tensor, s: Strides, slot: number): Uint8Array {
  const memory = new Uint8Array(spanOf(rowsOf(s, t.type))).fill(0xee);
  const view = new DataView(memory.buffer);
  let at = 0;
  for (let y = 0; y < s.h; y++)
    for (let x = 0; x < s.w; x++)
      for (let k = 0; k < s.c; k++, at++) {
        const byte = byteOf(s, slot, y, x, k);
        if (slot === 1) view.setUint8(byte, Number(t.data[at]));
        else if (slot === 2) view.setInt16(byte, Number(t.data[at]), true);
        else view.setInt32(byte, Number(t.data[at]), true);
      }
  return memory;
}

test("tensors are read from wherever their strides put them", () => {
  fc.assert(
    fc.property(cases, ({ gap, wide, storage, ...o }) => {
      const slot = { u8: 1, i16: 2, i32: 4 }[storage];
      const type = tensorType(storage, [1, o.h, o.w, o.c]);
      const t = tensor(
        type,
        Array.from({ length: elements(type) }, (_, i) => (i * 41) % 251),
      );
      const s = stridesOf(o, slot, gap, wide);
      const memory = written(t, s, slot);
      assert.equal(fromPhysical(s, type, memory).data, t.data);
      const { planes, planeStride, rows, stride, bytes } = rowsOf(s, type);
      const collected: number[] = [];
      for (let p = 0; p < planes; p++)
        for (let r = 0; r < rows; r++)
          collected.push(...memory.subarray(p * planeStride + r * stride).subarray(0, bytes));
      assert.equal([...rowBytes(s, t)], collected);
    }),
    { numRuns: 200 },
  );
});

test("without strides a tensor is its bytes", () => {
  const t = tensor(tensorType("i16", [1, 3]), [1, -2, 300]);
  assert.equal([...rowBytes(undefined, t)], [1, 0, 254, 255, 44, 1]);
  assert.equal(fromPhysical(undefined, t.type, rowBytes(undefined, t)).data, t.data);
});

test.run();
