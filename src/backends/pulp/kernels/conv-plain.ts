/** Convolutions of any kind in plain C, one result after the other: 16-bit operands, groups of any size, any layout. */
import { slotBytes } from "../../../ir/storage.js";
import type { Layer, LayerLayouts, PackedConstants, TileKernel } from "../contract.js";
import { elementsText, everyLayout, inputSizes, stridesOf } from "./boxes.js";
import { convOps, convShape } from "./conv-shape.js";
import { finishOf, finishText, packFinish } from "./finish.js";
import { cType } from "./output.js";
import { nothingPacked } from "./packing.js";

function refuses({ anchor, inputs }: Layer): string | undefined {
  if (!convOps.has(anchor.op.name)) return "it is no convolution";
  return inputs[0]?.channels === "all" ? undefined : "channels are computed one by one";
}

/** Words of a channel: what finishing needs, then where in x its group's channels begin. */
const words = (layer: Layer): number => finishOf(layer).words + 1;
const weightBytes = (layer: Layer): number => slotBytes(convShape(layer).weights.type.storage);

function pack(layer: Layer): PackedConstants {
  const shape = convShape(layer);
  const finish = new Int32Array(packFinish(layer, 1).buffer);
  const each = words(layer);
  const channels = Int32Array.from({ length: each * layer.out.c }, (_, i) => {
    const [c, word] = [Math.floor(i / each), i % each];
    return word < each - 1 ? finish[c * (each - 1) + word]! : Math.floor(c / shape.co) * shape.ci;
  });
  const data = Int16Array.from(shape.weights.data as Int8Array);
  const weights =
    weightBytes(layer) === 1 ? new Uint8Array(Int8Array.from(data).buffer) : new Uint8Array(data.buffer);
  return { ...nothingPacked, weights, channels: new Uint8Array(channels.buffer), block: 1 };
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
  const tap = (row: string, column: string) =>
    `{
          const x_type *const p = x + ${row} * (${s.row}) + ${column} * (${s.column}) + q[${words(layer) - 1}] * (${s.channel});
          const w_type *const taps = weights + (ky * ${kw} + kx) * ${shape.ci};
          for (int32_t k = 0; k < ${shape.ci}; k++)
            acc += (uint32_t)((int32_t)p[k * (${s.channel})] * taps[k]);
        }`;
  if (!shape.transposed) {
    const place = (o: string, k: string, a: typeof y) => `(${o} * ${a.stride} + ${k} * ${a.dilation})`;
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
  const taps = shape.kernel[0] * shape.kernel[1] * shape.ci;
  const [xType, wType] = [cType(layer.inputs[0]!.value.type.storage), cType(shape.weights.type.storage)];
  const text = elementsText(layer, at.output, name, {
    setup: `const ${xType} *const x = (const ${xType} *)t->x[0];
  const int32_t *const constants = (const int32_t *)t->q;`,
    run: "",
    body: `const int32_t *const q = constants + ${words(layer)} * ${channel};
      const ${wType} *const weights = (const ${wType} *)t->w + ${taps} * ${channel};
      uint32_t acc = 0;
      ${sumText(layer, at)}
      out[i] = (${cType(layer.output.type.storage)})(${finishText(layer, "(int32_t)acc", "q")});`,
  });
  return text.replaceAll("x_type", xType).replaceAll("w_type", wType);
}

/** Cycles of a product, and of a result beside its products, of what gcc makes of the text. */
const perProduct = 9;
const perResult = 90;

function cycles(
  layer: Layer,
  _layouts: LayerLayouts,
  { out }: { out: { h: number; w: number; c: number } },
  cores: number,
): number {
  const { kernel, ci } = convShape(layer);
  const results = Math.ceil((out.h * out.w * out.c) / cores);
  return 100 + results * (perResult + perProduct * kernel[0] * kernel[1] * ci);
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
  grain: () => ({ h: 1, w: 1, c: 1 }),
  scratch: () => 0,
  cycles,
  headers: ["pulsec_tile.h", "pulsec_scale.h"],
  emit,
};
