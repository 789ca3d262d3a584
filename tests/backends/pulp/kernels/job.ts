/** One tile as an image of L1: boxes, constants and scratch with random bytes between them, and what must come of it. */
import type { Extent, Layer, LayerInput, Layout } from "../../../../src/backends/pulp/contract.js";
import { boxBytes, interval, outsideOf, tileShape } from "../../../../src/backends/pulp/planner/geometry.js";
import { randomTensor } from "../../../../src/data/random-tensor.js";
import { interpret } from "../../../../src/ir/interpreter.js";
import { randomFrom } from "../../../../src/ir/random.js";
import { slotBytes, storages } from "../../../../src/ir/storage.js";
import type { Tensor } from "../../../../src/ir/tensor.js";
import type { KernelCase } from "./harness.js";

/** Of the output: first position and channel, and sizes. */
export interface Region {
  readonly y: number;
  readonly x: number;
  readonly c: number;
  readonly h: number;
  readonly w: number;
  readonly channels: number;
}

export interface Job {
  readonly image: Uint8Array;
  readonly words: Uint8Array;
  /** Where in `words` the cycles are. */
  readonly cyclesAt: number;
  readonly out: Extent;
  /** The same job for another kernel of the program. */
  as(kernel: number): Job;
  /** Bytes of the image that the kernel must write, by place. */
  readonly expected: ReadonlyMap<number, number>;
  /** [from, to) that it may write. */
  readonly writable: readonly (readonly [number, number])[];
}

/** Of an image: L1 without stacks. */
export const mostBytes = 52 * 1024;
const readable = 16;
const up = (n: number, to: number): number => Math.ceil(n / to) * to;

/** Byte of an element in a box. */
function placeIn(layout: Layout, e: Extent, bytes: number) {
  const pitch = up(layout.order === "hwc" ? e.c : e.w, layout.align);
  return (h: number, w: number, c: number): number =>
    bytes * (layout.order === "hwc" ? (h * e.w + w) * pitch + c : (c * e.h + h) * pitch + w);
}

interface Box {
  readonly extent: Extent;
  readonly y: number;
  readonly x: number;
  readonly c: number;
}

function boxOf(input: LayerInput, r: Region, out: Extent): Box {
  const y = interval(input.y, r.y, r.h, input.extent.h, outsideOf(input.y, out.h, input.extent.h));
  const x = interval(input.x, r.x, r.w, input.extent.w, outsideOf(input.x, out.w, input.extent.w));
  const all = input.channels === "all";
  const c = input.channels === "same" ? r.channels : all ? input.extent.c : 1;
  const first = input.channels === "same" ? r.c : 0;
  const extent = { h: Math.max(1, y.length as number), w: Math.max(1, x.length as number), c };
  return { extent, y: y.begin as number, x: x.begin as number, c: first };
}

const element = (t: Tensor, { h, w, c }: Extent, y: number, x: number, k: number): number | undefined =>
  y < 0 || y >= h || x < 0 || x >= w ? undefined : Number(t.data[(y * w + x) * c + k]);

function eachCell(e: Extent, visit: (h: number, w: number, c: number) => void): void {
  for (let h = 0; h < e.h; h++) for (let w = 0; w < e.w; w++) for (let c = 0; c < e.c; c++) visit(h, w, c);
}

function putElement(image: Uint8Array, at: number, bytes: number, value: number): void {
  for (let b = 0; b < bytes; b++) image[at + b] = (value >> (8 * b)) & 255;
}

/** A place in the image; what is behind it may be read. */
function allocator() {
  let top = 0;
  return {
    take: (bytes: number): number => {
      const at = top;
      top += up(bytes + readable, 4);
      return at;
    },
    size: () => up(top, 64),
  };
}

const part = (data: Uint8Array, layer: Layer, block: number, r: Region): Uint8Array => {
  const groups = Math.max(1, Math.ceil(layer.out.c / block));
  const each = data.length / groups;
  return data.subarray((r.c / block) * each, Math.ceil((r.c + r.channels) / block) * each);
};

interface Placed {
  readonly place: readonly number[];
  readonly boxes: readonly Box[];
  readonly constants: readonly Uint8Array[];
  readonly size: number;
  readonly out: Extent;
  readonly scratch: number;
}

function place({ layer, kernel, layouts }: KernelCase, r: Region, cores: number): Placed {
  const { take, size } = allocator();
  const boxes = layer.inputs.map((i) => boxOf(i, r, layer.out));
  const x = boxes.map((b, i) => {
    const bytes = slotBytes(layer.inputs[i]!.value.type.storage);
    return take(boxBytes(layouts.inputs[i]!, b.extent, bytes));
  });
  const packed = kernel.pack(layer, layouts);
  const constants = [
    part(packed.weights, layer, packed.block, r),
    part(packed.channels, layer, packed.block, r),
    packed.shared,
  ];
  const constantsAt = constants.map((c) => take(c.length));
  const out = { h: r.h, w: r.w, c: r.channels };
  const y = take(boxBytes(layouts.output, out, slotBytes(layer.output.type.storage)));
  const scratch = kernel.scratch(layer, layouts, { ...tileShape(layer, out), out }, cores);
  const all = [...x, ...Array<number>(4 - x.length).fill(0), ...constantsAt, y, take(scratch)];
  return { place: all, boxes, constants, size: size(), out, scratch };
}

/** What the kernel gets and must give for inputs drawn from the case's seed. */
export async function jobOf(c: KernelCase, cores: number): Promise<Job> {
  const { layer, graph, layouts } = c;
  const { out } = layer;
  const r = c.region ?? { y: 0, x: 0, c: 0, h: out.h, w: out.w, channels: out.c };
  const p = place(c, r, cores);
  const next = randomFrom((c.seed ?? 1) + 77);
  const image = Uint8Array.from({ length: p.size }, () => Math.floor(next() * 256));
  const inputs = graph.inputs.map((v, i) => randomTensor(v.type, (c.seed ?? 1) * 10 + i));
  for (const [i, box] of p.boxes.entries()) {
    const input = layer.inputs[i]!;
    const data = inputs[graph.inputs.indexOf(input.value)]!;
    const bytes = slotBytes(input.value.type.storage);
    const at = placeIn(layouts.inputs[i]!, box.extent, bytes);
    eachCell(box.extent, (h, w, k) => {
      const value = element(data, input.extent, box.y + h, box.x + w, box.c + k) ?? input.fill;
      putElement(image, p.place[i]! + at(h, w, k), bytes, value);
    });
  }
  for (const [i, data] of p.constants.entries()) image.set(data, p.place[4 + i]!);
  const result = (await interpret(graph).run(inputs)).get(layer.output.name)!;
  return finished(c, r, p, image, result);
}

function finished(c: KernelCase, r: Region, p: Placed, image: Uint8Array, result: Tensor): Job {
  const { layer, layouts } = c;
  const bytes = storages[layer.output.type.storage].bits > 8 ? slotBytes(layer.output.type.storage) : 1;
  const at = placeIn(layouts.output, p.out, bytes);
  const y = p.place[7]!;
  const expected = new Map<number, number>();
  eachCell(p.out, (h, w, k) => {
    const value = element(result, layer.out, r.y + h, r.x + w, r.c + k)!;
    for (let b = 0; b < bytes; b++) expected.set(y + at(h, w, k) + b, (value >> (8 * b)) & 255);
  });
  const box = p.boxes[0];
  const x = box ? [box.extent.h, box.extent.w, box.extent.c] : [0, 0, 0];
  const sizes = [p.out.h, p.out.w, p.out.c, ...x, r.y, r.x, box?.y ?? 0, box?.x ?? 0, 1, 1];
  const words = (kernel: number) =>
    new Uint8Array(Int32Array.from([kernel, 2, image.length, ...p.place, ...sizes, 0, 0]).buffer);
  const writable = [
    [y, y + boxBytes(layouts.output, p.out, bytes)],
    [p.place[8]!, p.place[8]! + p.scratch],
  ] as const;
  const job = { image, cyclesAt: 4 * 24, out: p.out, expected, writable };
  const as = (kernel: number): Job => ({ ...job, words: words(kernel), as });
  return as(0);
}

/** The first byte that is not as it must be, in words. */
export function wrongBytes(job: Job, image: Uint8Array): string | undefined {
  const y = job.writable[0]![0];
  for (const [at, value] of job.expected)
    if (image[at] !== value) return `byte ${at - y} of y is ${image[at]}, not ${value}`;
  for (let i = 0; i < image.length; i++)
    if (image[i] !== job.image[i] && !job.writable.some(([from, to]) => i >= from && i < to))
      return `byte ${i - y} from the begin of y was overwritten`;
  return undefined;
}
