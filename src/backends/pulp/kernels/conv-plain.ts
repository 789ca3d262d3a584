/** Convolutions of any kind in plain C, one result after the other: 16-bit operands, groups of any size, any layout. */
import { slotBytes } from "../../../ir/storage.js";
import type { Layer, LayerLayouts, PackedConstants, TileKernel, TileShape } from "../contract.js";
import { elementsText, everyLayout, inputSizes, stridesOf } from "./boxes.js";
import { convOps, convShape } from "./conv-shape.js";
import { mostOf } from "./cost.js";
import { cInt, finishOf, finishText, packFinish } from "./finish.js";
import { cType } from "./output.js";
import { nothingPacked } from "./packing.js";

const refuses = ({ anchor }: Layer): string | undefined =>
  convOps.has(anchor.op.name) ? undefined : "it is no convolution";

const wholeOf = (layer: Layer): Layer => layer.addend?.of ?? layer;
/** Words of a channel: what finishing needs, where in x its group's channels begin, what its sums begin with. */
const words = (layer: Layer): number => finishOf(wholeOf(layer)).words + 2;
const weightBytes = (layer: Layer): number => slotBytes(convShape(layer).weights.type.storage);

/** What the bias takes away of every sum for the zero point of x, as if it met all taps. */
function startOf(layer: Layer, c: number): number {
  const { weights, zero } = convShape(layer);
  const taps = weights.data.length / layer.out.c;
  let sum = 0;
  for (let t = c * taps; t < (c + 1) * taps; t++) sum += Number(weights.data[t]);
  return zero * sum;
}

function pack(layer: Layer): PackedConstants {
  const shape = convShape(layer);
  const { own } = shape;
  const finish = new Int32Array(packFinish(layer, 1).buffer);
  const each = words(layer);
  const channels = new Int32Array(each * layer.out.c);
  for (let c = 0; c < layer.out.c; c++) {
    const offset = Math.floor(c / own.co) * own.ci;
    channels.set(
      [...finish.subarray(c * (each - 2), (c + 1) * (each - 2)), offset, startOf(layer, c)],
      c * each,
    );
  }
  const data = Int16Array.from(shape.weights.data as Int8Array);
  const weights =
    weightBytes(layer) === 1 ? new Uint8Array(Int8Array.from(data).buffer) : new Uint8Array(data.buffer);
  return { ...nothingPacked, weights, channels: new Uint8Array(channels.buffer), block: 1 };
}

function addendBytes(addend: Layer): number | undefined {
  const { own, kernel } = convShape(addend);
  return own.groups === 1 ? weightBytes(addend) * kernel[0] * kernel[1] * own.ci : undefined;
}

/** Are all products of a result written out? */
function isShort(layer: Layer): boolean {
  const { kernel, own, transposed } = convShape(layer);
  return !transposed && kernel[0] * kernel[1] * own.ci <= 32;
}

/** `n` products: four at a time in a loop, or all written out. */
function productsText(n: number, product: (k: string) => string): string {
  const looped = n < 8 ? 0 : n - (n % 4);
  const rest = Array.from({ length: n - looped }, (_, i) => product(`${looped + i}`));
  const four = [0, 1, 2, 3].map((i) => product(`k + ${i}`)).join("\n            ");
  const loop = `for (int32_t k = 0; k < ${looped}; k += 4) {
            ${four}
          }`;
  return [...(looped > 0 ? [loop] : []), ...rest].join("\n          ");
}

/** The taps of a window at rising positions, or those of a transposed convolution that meet an input. */
function sumText(layer: Layer, at: LayerLayouts): string {
  const shape = convShape(layer);
  const { y, x } = layer.inputs[0]!;
  if (y.kind !== "window" && y.kind !== "transposed") throw new Error(`no window: ${y.kind}`);
  if (x.kind !== "window" && x.kind !== "transposed") throw new Error(`no window: ${x.kind}`);
  const s = stridesOf(at.inputs[0]!, inputSizes);
  const [h, w] = at.output.order === "hwc" ? ["h", "w"] : ["h", "i"];
  const [kh, kw] = shape.kernel;
  const same = layer.inputs[0]!.channels === "same";
  const first = same ? (at.output.order === "hwc" ? "i" : "c") : `q[${words(layer) - 2}]`;
  const { zero } = shape;
  const element = (k: string) => `p[(${k}) * (${s.channel})]${zero ? ` - ${cInt(zero)}` : ""}`;
  const products = productsText(shape.own.ci, (k) => `acc = pulsec_mac(acc, ${element(k)}, taps[${k}]);`);
  const tap = (row: string, column: string, ky = "ky", kx = "kx") =>
    `{
          const x_type *const p = x + ${row} * (${s.row}) + ${column} * (${s.column}) + ${first} * (${s.channel});
          const w_type *const taps = weights + (${ky} * ${kw} + ${kx}) * ${shape.own.ci};
          ${products}
        }`;
  if (!shape.transposed) {
    const place = (o: string, k: string, a: typeof y) => `(${o} * ${a.stride} + ${k} * ${a.dilation})`;
    if (isShort(layer))
      return Array.from({ length: kh * kw }, (_, i) => [`${Math.floor(i / kw)}`, `${i % kw}`] as const)
        .map(([ky, kx]) => tap(place(h, ky, y), place(w, kx, x), ky, kx))
        .join("\n      ");
    return `for (int32_t ky = 0; ky < ${kh}; ky++)
        for (int32_t kx = 0; kx < ${kw}; kx++) ${tap(place(h, "ky", y), place(w, "kx", x))}`;
  }
  const position = (o: string, from: string, k: string, a: typeof y) =>
    `${from} + ${o} + ${a.before} - ${k} * ${a.dilation}`;
  return `for (int32_t ky = 0; ky < ${kh}; ky++) {
        const int32_t row = ${position(h, "t->oy", "ky", y)};
        if (row % ${y.stride} != 0) continue;
        for (int32_t kx = 0; kx < ${kw}; kx++) {
          const int32_t column = ${position(w, "t->ox", "kx", x)};
          if (column % ${x.stride} != 0) continue;
          ${tap(`(row / ${y.stride} - t->iy)`, `(column / ${x.stride} - t->ix)`)}
        }
      }`;
}

function emit(layer: Layer, at: LayerLayouts, name: string): string {
  const shape = convShape(layer);
  const channel = at.output.order === "hwc" ? "i" : "c";
  const taps = shape.kernel[0] * shape.kernel[1] * shape.own.ci;
  const start = shape.zero ? `q[${words(layer) - 1}]` : "0";
  const sums = channel === "i" ? "(h * t->wo + w) * t->co" : "(c * t->ho + h) * t->wo";
  const [xType, wType] = [cType(layer.inputs[0]!.value.type.storage), cType(shape.weights.type.storage)];
  const text = elementsText(layer, at.output, name, {
    setup: `const ${xType} *const x = (const ${xType} *)t->x[0];
  const int32_t *const constants = (const int32_t *)t->q;`,
    run: layer.addend ? `int32_t *const sums = (int32_t *)t->scratch + ${sums};` : "",
    body: `const int32_t *const q = constants + ${words(layer)} * ${channel};
      const ${wType} *const weights = (const ${wType} *)t->w + ${taps} * ${channel};
      int32_t acc = ${layer.addend ? `t->first ? ${start} : sums[i]` : start};
      ${sumText(layer, at)}
      ${layer.addend ? "sums[i] = acc;\n      if (!t->last) continue;\n      " : ""}out[i] = (${cType(layer.output.type.storage)})(${finishText(wholeOf(layer), "acc", "q")});`,
  });
  return text.replaceAll("x_type", xType).replaceAll("w_type", wType);
}

/** Cycles of a result, a tap and a product: fitted to gap8sim (profile gvsoc), for what gcc makes of the text. */
const costs = {
  short: { hwc: [24, 0, 9.6], chw: [23, 0, 6] },
  looped: { hwc: [45, 8.5, 4.4], chw: [45, 8.5, 4.4] },
  transposed: { hwc: [30, 17, 4.4], chw: [25, 17, 4.4] },
} as const;
/** What 64 bits take more, and a tap whose place is divided by what is no power of two. */
const [wideFinish, division] = [15, 60];

function cycles(
  layer: Layer,
  { output }: LayerLayouts,
  { out }: Pick<TileShape, "out">,
  cores: number,
): number {
  const { kernel, own, transposed, stride } = convShape(layer);
  const taps = kernel[0] * kernel[1];
  const kind = transposed ? "transposed" : isShort(layer) ? "short" : "looped";
  const [result, tap, product] = costs[kind][output.order];
  const wide = ["high", "wide"].includes(finishOf(layer).kind) ? wideFinish : 0;
  const divided = transposed && stride.some((s) => !Number.isInteger(Math.log2(s))) ? division : 0;
  const products = (taps * own.ci) / (transposed ? stride[0] * stride[1] : 1);
  const each = result + wide + taps * (tap + divided) + products * product;
  return 100 + each * mostOf(out.h * out.w * out.c, cores);
}

/** Products of any storages, in any layout. */
export const convPlain: TileKernel = {
  name: "conv-plain",
  refuses,
  layouts: () =>
    everyLayout.flatMap((output) =>
      [output, ...everyLayout.filter((l) => l !== output)].map((input) => ({ inputs: [input], output })),
    ),
  pack,
  addendBytes,
  grain: () => ({ h: 1, w: 1, c: 1 }),
  scratch: (layer, _layouts, { out }) => (layer.addend ? 4 * out.h * out.w * out.c : 0),
  cycles,
  headers: ["pulsec_tile.h", "pulsec_scale.h"],
  emit,
};
