/** Products of two matrices that layers make: four columns at a time, of four rows or one. */
import { slotBytes } from "../../../ir/storage.js";
import { zeroPoint } from "../../../ir/type.js";
import type { Layer, LayerLayouts, Layout, TileKernel, TileShape } from "../contract.js";
import { elementsText } from "./boxes.js";
import { cyclesOf, elementCounts, mostOf, type Work } from "./cost.js";
import { cInt, finishOf, finishText, packFinish } from "./finish.js";
import { cType, padded } from "./output.js";
import { nothingPacked } from "./packing.js";

const pixels = ([4, 1] as const).map((align): Layout => ({ order: "hwc", align }));
const lanes = [0, 1, 2, 3] as const;

const isBytes = ({ inputs }: Layer): boolean => inputs.every((i) => slotBytes(i.value.type.storage) === 1);
const zeros = ({ inputs }: Layer): readonly number[] => inputs.map((i) => zeroPoint(i.value.type));

/** What the slowest core does. */
export function matmulWork(layer: Layer, layouts: LayerLayouts, { out }: TileShape, cores: number): Work {
  const k = layer.inputs[0]!.extent.c;
  if (!isBytes(layer)) {
    const [runs, elements] = elementCounts(layouts, { out, inputs: [] }, cores);
    return { variant: "matmul.elements", counts: [1, runs, elements, elements * k] };
  }
  const words = Math.ceil(out.c / 4);
  const pieces = (rows: number) => mostOf(rows * words, cores);
  const [four, one] = [pieces(out.h * (out.w >> 2)), pieces(out.h * (out.w & 3))];
  const each = (n: number) => [n, n * (k >> 2), n * (k & 3)];
  return { variant: "matmul.bytes", counts: [1, ...each(four), ...each(one)] };
}

export const matmul: TileKernel = {
  name: "matmul",
  refuses: ({ anchor }) =>
    anchor.op.name === "matmul" ? undefined : `it is no matrix product but ${anchor.op.name}`,
  layouts: () =>
    pixels.flatMap((a) => pixels.flatMap((b) => pixels.map((output) => ({ inputs: [a, b], output })))),
  pack: (layer) => ({ ...nothingPacked, channels: packFinish(layer, 1) }),
  grain: () => ({ h: 1, w: 4, c: 4 }),
  scratch: () => 0,
  cycles: (...of) => cyclesOf(matmulWork(...of)),
  headers: ["pulsec_tile.h", "pulsec_scale.h"],
  emit: (layer, layouts, name) => (isBytes(layer) ? bytesText : plainText)(layer, layouts, name),
};

/** One element after the other. */
function plainText(layer: Layer, { inputs: [a, b], output }: LayerLayouts, name: string): string {
  const [ta, tb] = layer.inputs.map((i) => cType(i.value.type.storage)) as [string, string];
  const [za, zb] = zeros(layer).map((z) => (z === 0 ? "" : ` - ${cInt(z)}`)) as [string, string];
  return elementsText(layer, output, name, {
    setup: `const ${ta} *const a = (const ${ta} *)t->x[0];
  const ${tb} *const b = (const ${tb} *)t->x[1];
  const int32_t *const constants = (const int32_t *)t->q;
  const int32_t pitch = ${padded("t->co", b!)};`,
    run: `const ${ta} *const line = a + (h * t->wo + w) * ${padded("t->ci", a!)};
    const ${tb} *const columns = b + h * t->ci * pitch;`,
    body: `uint32_t acc = 0;
      for (int32_t k = 0; k < t->ci; k++)
        acc += (uint32_t)(((int32_t)line[k]${za}) * ((int32_t)columns[k * pitch + i]${zb}));
      const int32_t *const q = constants + ${finishOf(layer).words} * i;
      out[i] = (${cType(layer.output.type.storage)})(${finishText(layer, "(int32_t)acc", "q")});`,
  });
}

/** The product of a word of a row, and four elements of a column: pulsec_xpulp.h has no product of signed by unsigned. */
function dot({ inputs }: Layer): (sum: string, a: string, b: string) => string {
  const [sa, sb] = inputs.map((i) => !i.value.type.storage.startsWith("u")) as [boolean, boolean];
  const kind = sa && sb ? "sp" : sa || sb ? "usp" : "up";
  return (sum, a, b) =>
    sa && !sb ? `pulsec_sdot${kind}_b(${sum}, ${b}, ${a})` : `pulsec_sdot${kind}_b(${sum}, ${a}, ${b})`;
}

/** C of the sums of `rows` rows by four columns into `sum`, less what zero points add to them. */
function blockText(layer: Layer, name: string, rows: number): string {
  const [ta, tb] = layer.inputs.map((i) => cType(i.value.type.storage)) as [string, string];
  const [za, zb] = zeros(layer) as [number, number];
  const all = Array.from({ length: rows }, (_, r) => r);
  const product = dot(layer);
  const sum = (r: number, l: number) => `s${r}_${l}`;
  const each = all.flatMap((r) => lanes.map((l) => sum(r, l)));
  const ones = "0x01010101u";
  const extra = [...(zb ? all.map((r) => `a${r}`) : []), ...(za ? lanes.map((l) => `b${l}`) : [])];
  const step = [
    ...lanes.map((l) => `const uint32_t r${l} = pulsec_lw(b + ${l} * pitch);`),
    "const uint32_t e = pulsec_shuffle2_b(r0, r1, 0x05010400), f = pulsec_shuffle2_b(r2, r3, 0x05010400);",
    "const uint32_t g = pulsec_shuffle2_b(r0, r1, 0x07030602), h = pulsec_shuffle2_b(r2, r3, 0x07030602);",
    "const uint32_t c0 = pulsec_pack_h(f, e), c1 = pulsec_shuffle2_h(e, f, 0x00030001);",
    "const uint32_t c2 = pulsec_pack_h(h, g), c3 = pulsec_shuffle2_h(g, h, 0x00030001);",
    ...all.flatMap((r) => [
      `const uint32_t v${r} = pulsec_lw(a + ${r} * line + k);`,
      ...lanes.map((l) => `${sum(r, l)} = ${product(sum(r, l), `v${r}`, `c${l}`)};`),
      ...(zb ? [`a${r} = pulsec_sdot${ta === "uint8_t" ? "up" : "sp"}_b(a${r}, v${r}, ${ones});`] : []),
    ]),
    ...(za
      ? lanes.map((l) => `b${l} = pulsec_sdot${tb === "uint8_t" ? "up" : "sp"}_b(b${l}, c${l}, ${ones});`)
      : []),
  ];
  const rest = all.flatMap((r) =>
    lanes.map(
      (l) => `${sum(r, l)} += (uint32_t)((int32_t)(${ta})a[${r} * line + k] * (int32_t)(${tb})b[${l}]);`,
    ),
  );
  const restOf = [
    ...(zb ? all.map((r) => `a${r} += (uint32_t)(int32_t)(${ta})a[${r} * line + k];`) : []),
    ...(za ? lanes.map((l) => `b${l} += (uint32_t)(int32_t)(${tb})b[${l}];`) : []),
  ];
  const less = (r: number, l: number) =>
    [
      sum(r, l),
      ...(zb ? [` - (uint32_t)${cInt(zb)} * a${r}`] : []),
      ...(za ? [` - (uint32_t)${cInt(za)} * b${l}`] : []),
      ...(za && zb ? [` + (uint32_t)(${za * zb} * count)`] : []),
    ].join("");
  return `static void ${name}_${rows}(const uint8_t *a, int32_t line, const uint8_t *b, int32_t pitch, int32_t count, int32_t *sum) {
  uint32_t ${[...each, ...extra].map((v) => `${v} = 0`).join(", ")};
  int32_t k = 0;
  for (; k + 4 <= count; k += 4, b += 4 * pitch) {
    ${step.join("\n    ")}
  }
  for (; k < count; k++, b += pitch) {
    ${[...rest, ...restOf].join("\n    ")}
  }
  ${each.map((_, i) => `sum[${i}] = (int32_t)(${less(Math.floor(i / 4), i % 4)});`).join("\n  ")}
}
`;
}

/** A grid of blocks: `rows` rows at a time, from row `first` on. */
function gridText(layer: Layer, name: string, rows: number, count: string, first: string): string {
  const type = cType(layer.output.type.storage);
  return `  {
    const int32_t blocks = ${count}, strip = blocks * words;
    pulsec_share(t->ho * strip, core, &piece, &end);
    for (; piece < end; piece++) {
      const int32_t h = piece / strip, at = piece - h * strip, block = at / words, c = 4 * (at - block * words);
      const int32_t row = h * t->wo + ${first}block * ${rows};
      int32_t sum[${4 * rows}];
      ${name}_${rows}((const uint8_t *)t->x[0] + row * line, line, (const uint8_t *)t->x[1] + h * t->ci * pitch + c, pitch, t->ci, sum);
      ${type} *const out = (${type} *)t->y + row * pixel + c;
      for (int32_t i = 0; i < pulsec_min(4, t->co - c); i++) {
        const int32_t *const q = (const int32_t *)t->q + ${finishOf(layer).words} * (c + i);
        for (int32_t r = 0; r < ${rows}; r++)
          out[r * pixel + i] = (${type})(${finishText(layer, "sum[4 * r + i]", "q")});
      }
    }
  }`;
}

function bytesText(layer: Layer, { inputs: [a, b], output }: LayerLayouts, name: string): string {
  return `${blockText(layer, name, 4)}
${blockText(layer, name, 1)}
static void ${name}(const pulsec_tile *t, int core) {
  const int32_t line = ${padded("t->ci", a!)}, pitch = ${padded("t->co", b!)}, pixel = ${padded("t->co", output)};
  const int32_t words = (t->co + 3) >> 2;
  int32_t piece, end;
${gridText(layer, name, 4, "t->wo >> 2", "")}
${gridText(layer, name, 1, "t->wo & 3", "(t->wo & ~3) + ")}
}
`;
}
