/** Upsampling in C: whole pixels, one position of many rows, or element by element. */
import { slotBytes } from "../../../ir/storage.js";
import type { Layer, LayerLayouts } from "../contract.js";
import { extentOf } from "../planner/extent.js";
import {
  elementsText,
  innerStride,
  inputSizes,
  outputSizes,
  runOffset,
  type Strides,
  stridesOf,
} from "./boxes.js";
import { cType } from "./output.js";

export const isLinear = ({ anchor }: Layer): boolean => anchor.attrs.mode === "linear";
const halfPixel = ({ anchor }: Layer): boolean => anchor.attrs.align === "half_pixel";

/** One axis: output i lies at (i * step + begin) / by of the input. */
interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly step: number;
  readonly begin: number;
  readonly by: number;
}

function stretchOf(layer: Layer, from: number, to: number): Stretch {
  if (!isLinear(layer)) return { from, to, step: from, begin: 0, by: to };
  if (halfPixel(layer)) return { from, to, step: 2 * from, begin: from - to, by: 2 * to };
  return { from, to, step: from - 1, begin: 0, by: Math.max(to - 1, 1) };
}

/** What is stretched to: the result may be a part of it, from its beginning on. */
export const stretched = ({ anchor }: Layer) => extentOf(anchor.result)!;

/** The kernel of a layer. */
export function upsampleText(layer: Layer, layouts: LayerLayouts, name: string): string {
  const { inputs, output } = layouts;
  const { extent } = layer.inputs[0]!;
  const x = stridesOf(inputs[0]!, inputSizes);
  const rows = stretchOf(layer, extent.h, stretched(layer).h);
  const columns = stretchOf(layer, extent.w, stretched(layer).w);
  const type = cType(layer.output.type.storage);
  const hwc = output.order === "hwc";
  const setup = `const ${type} *const x = (const ${type} *)t->x[0];`;
  const still = { row: "0", column: "0", channel: x.channel };
  const element = `i * (${hwc ? innerStride(x, output) : "0"})`;
  const parts = { layer, x, rows, columns, type, element };
  if (byPixels(layer, layouts)) return pixelsText(parts, layouts, name);
  if (byColumns(layer, layouts)) return columnsText(parts, layouts, name);
  const run = `const ${type} *const in = x + ${hwc ? "0" : runOffset(still, output)};`;
  const position = isLinear(layer) ? linearBody(parts, hwc) : nearestBody(parts, hwc);
  return elementsText(layer, output, name, {
    setup,
    run: `${run}\n    ${position.run}`,
    body: position.body,
  });
}

const sign = ({ output }: Layer): string => (output.type.storage.startsWith("u") ? "u8" : "i8");
export const bytes = ({ output }: Layer): number => slotBytes(output.type.storage);

/** Channels last on both sides: whole pixels are copied or blended. */
export const byPixels = (layer: Layer, { inputs, output }: LayerLayouts): boolean =>
  inputs[0]!.order === "hwc" && output.order === "hwc" && (!isLinear(layer) || bytes(layer) === 1);

/** Planes on both sides, of 1-D data: one position of all the rows of a core at a time. */
export const byColumns = (layer: Layer, { inputs, output }: LayerLayouts): boolean =>
  inputs[0]!.order === "chw" &&
  output.order === "chw" &&
  layer.out.h === 1 &&
  layer.inputs[0]!.extent.h === 1 &&
  bytes(layer) === 1;

/** The step of a position, as `pulsec_position_next` takes it. */
function stepText({ step, by }: Stretch): string {
  const n = BigInt(step) * 65536n;
  return `${n / BigInt(2 * by)}, ${n % BigInt(2 * by)}u, ${2 * by}u`;
}

/** Where column `w` lies, kept from column to column; `at` gives C text of the first, `next` that goes on. */
function walk(p: Parts, w: string): { first: string; here: string; next: string } {
  const { columns, layer } = p;
  if (columns.from === columns.to)
    return { first: "", here: `const int32_t column = t->ox + ${w} - t->ix;`, next: "" };
  if (!isLinear(layer))
    return {
      first: `int32_t at = (t->ox + ${w}) * ${columns.from} / ${columns.to}, rest = (t->ox + ${w}) * ${columns.from} - at * ${columns.to};`,
      here: "const int32_t column = at - t->ix;",
      next: `rest += ${columns.from % columns.to};
      at += ${Math.floor(columns.from / columns.to)};
      if (rest >= ${columns.to}) {
        rest -= ${columns.to};
        at++;
      }`,
    };
  const last = columns.from - 1;
  return {
    first: `pulsec_position p = pulsec_position_of((t->ox + ${w}) * ${columns.step} + ${columns.begin}, ${columns.by});`,
    here: `const int32_t at = pulsec_max(p.at, 0);
      const int32_t column = pulsec_min(at >> 15, ${last}) - t->ix;
      const int32_t column_next = pulsec_min((at >> 15) + 1, ${last}) - t->ix;`,
    next: `pulsec_position_next(&p, ${stepText(columns)});`,
  };
}

/** Two results between the same positions are blended together; `call` lacks their weights. */
const twice = ({ columns }: Parts, end: string, call: string, count: string): string => {
  const step = stepText(columns);
  return `if (w + 1 < ${end}) {
        pulsec_position other = p;
        pulsec_position_next(&other, ${step});
        const int32_t then = pulsec_max(other.at, 0);
        if (then >> 15 == at >> 15) {
          ${call} at & 32767, then & 32767);
          p = other;
          pulsec_position_next(&p, ${step});
          w++;${count ? `\n          ${count}` : ""}
          continue;
        }
      }
      `;
};

/** C text of what gives `line`: the row that pixels come from, blended of two where both axes are stretched. */
function lineText({ layer, rows, type, x }: Parts, blended: boolean): string {
  if (!isLinear(layer))
    return `const int32_t row = ${nearest("(t->oy + h)", rows, "t->iy")};
    const ${type} *const line = x + row * ${x.row};`;
  const row =
    rows.from === rows.to
      ? "const int32_t row = t->oy + h - t->iy;"
      : between("row", "(t->oy + h)", rows, "t->iy");
  const line = blended
    ? blend(layer, "line", `x + row * ${x.row}`, `x + row_next * ${x.row}`, x.row, "row_weight")
    : `const ${type} *const line = x + row * ${x.row};`;
  return `${row}\n    ${line}`;
}

const blend = (layer: Layer, to: string, a: string, b: string, n: string, weight: string): string =>
  `pulsec_blend_${sign(layer)}((uint8_t *)${to}, (const uint8_t *)(${a}), (const uint8_t *)(${b}), ${n}, ${weight});`;

/** C text of what fills the pixel `out`, or two of them. */
function pixelText(p: Parts, next: string): string {
  const { layer, rows, columns, x } = p;
  const pixel = `line + column * ${x.column}`;
  if (!isLinear(layer)) return `pulsec_copy(out, ${pixel}, ${bytes(layer)} * t->co);`;
  if (columns.from === columns.to) {
    const tall = rows.from !== rows.to;
    const below = `x + ${tall ? "row_next" : "row"} * ${x.row} + column * ${x.column}`;
    return blend(layer, "out", pixel, below, "t->co", tall ? "row_weight" : "0");
  }
  const beside = `line + column_next * ${x.column}`;
  const two = `pulsec_blend2_${sign(layer)}((uint8_t *)out, (uint8_t *)(out + ${next}), (const uint8_t *)(${pixel}), (const uint8_t *)(${beside}), t->co,`;
  return twice(p, "to", two, "piece++;") + blend(layer, "out", pixel, beside, "t->co", "at & 32767");
}

function pixelsText(p: Parts, { output }: LayerLayouts, name: string): string {
  const { layer, rows, columns, type, x } = p;
  const both = isLinear(layer) && rows.from !== rows.to && columns.from !== columns.to;
  const y = stridesOf(output, outputSizes);
  const w = walk(p, "w");
  const own = both ? `\n  ${type} *const line = (${type} *)t->scratch + core * ((${x.row} + 3) & ~3);` : "";
  return `static void ${name}(const pulsec_tile *t, int core) {
  const ${type} *const x = (const ${type} *)t->x[0];
  ${type} *const y = (${type} *)t->y;${own}
  int32_t piece, end;
  pulsec_share(t->ho * t->wo, core, &piece, &end);
  int32_t h = piece / t->wo, w = piece - h * t->wo;
  for (; piece < end; w = 0, h++) {
    const int32_t to = pulsec_min(t->wo, w + end - piece);
    ${lineText(p, both)}
    ${w.first}
    for (; w < to; w++, piece++) {
      ${type} *const out = y + h * ${y.row} + w * ${y.column};
      ${w.here}
      ${pixelText(p, y.column)}
      ${w.next}
    }
  }
}
`;
}

function columnsText(p: Parts, { output }: LayerLayouts, name: string): string {
  const { layer, type, x } = p;
  const w = walk(p, "0");
  const y = stridesOf(output, outputSizes);
  const [to, from] = [`(uint8_t *)y + w, ${y.channel}`, "(const uint8_t *)x + column"];
  const moves = !isLinear(layer) || p.columns.from === p.columns.to;
  const put = moves
    ? `pulsec_copy_rows(${to}, ${from}, ${x.channel}, end - c);`
    : `pulsec_blend_rows_${sign(layer)}(${to}, ${from}, ${from}_next, ${x.channel}, end - c, at & 32767);`;
  const pair = moves
    ? ""
    : twice(
        p,
        "t->wo",
        `pulsec_blend2_rows_${sign(layer)}(${to}, ${from}, ${from}_next, ${x.channel}, end - c,`,
        "",
      );
  return `static void ${name}(const pulsec_tile *t, int core) {
  int32_t c, end;
  pulsec_share(t->co, core, &c, &end);
  if (c == end) return;
  const ${type} *const x = (const ${type} *)t->x[0] + c * ${x.channel};
  ${type} *const y = (${type} *)t->y + c * ${y.channel};
  ${w.first}
  for (int32_t w = 0; w < t->wo; w++) {
    ${w.here.replace("+ 0 -", "+ w -")}
    ${pair}${put}
    ${w.next}
  }
}
`;
}

interface Parts {
  readonly layer: Layer;
  readonly x: Strides;
  readonly rows: Stretch;
  readonly columns: Stretch;
  readonly type: string;
  readonly element: string;
}

/** floor(i * from / to) along one axis, inside of the box. */
const nearest = (i: string, { from, to }: Stretch, begin: string): string =>
  from === to ? `${i} - ${begin}` : `${i} * ${from} / ${to} - ${begin}`;

function nearestBody({ x, rows, columns, element }: Parts, hwc: boolean): { run: string; body: string } {
  const row = `const int32_t row = ${nearest("(t->oy + h)", rows, "t->iy")};`;
  const column = (i: string) => `const int32_t column = ${nearest(`(t->ox + ${i})`, columns, "t->ix")};`;
  const value = `out[i] = in[row * (${x.row}) + column * (${x.column}) + ${element}];`;
  return hwc
    ? { run: `${row}\n    ${column("w")}`, body: value }
    : { run: row, body: `${column("i")}\n      ${value}` };
}

/** Declares the two positions and the weight of the second along one axis; positions behind the end are the last. */
function between(prefix: string, i: string, s: Stretch, begin: string): string {
  const last = s.from - 1;
  return `const int32_t ${prefix}_at = pulsec_max(pulsec_position_of(${i} * ${s.step} + ${s.begin}, ${s.by}).at, 0);
      const int32_t ${prefix}_weight = ${prefix}_at & 32767;
      const int32_t ${prefix} = pulsec_min(${prefix}_at >> 15, ${last}) - ${begin};
      const int32_t ${prefix}_next = pulsec_min((${prefix}_at >> 15) + 1, ${last}) - ${begin};`;
}

function linearBody({ x, rows, columns, type, element }: Parts, hwc: boolean): { run: string; body: string } {
  const tall = rows.from !== rows.to;
  const wide = columns.from !== columns.to;
  const row = tall ? between("row", "(t->oy + h)", rows, "t->iy") : "const int32_t row = t->oy + h - t->iy;";
  const column = (i: string) =>
    wide
      ? between("column", `(t->ox + ${i})`, columns, "t->ix")
      : `const int32_t column = t->ox + ${i} - t->ix;`;
  const at = (r: string, c: string) => `in[${r} * (${x.row}) + ${c} * (${x.column}) + ${element}]`;
  const upright = (c: string) =>
    tall ? `pulsec_blend(${at("row", c)}, ${at("row_next", c)}, row_weight)` : at("row", c);
  const value = wide
    ? `pulsec_blend(${upright("column")}, ${upright("column_next")}, column_weight)`
    : upright("column");
  const body = `out[i] = (${type})${value};`;
  return hwc
    ? { run: `${row}\n    ${column("w")}`, body }
    : { run: row, body: `${column("i")}\n      ${body}` };
}
