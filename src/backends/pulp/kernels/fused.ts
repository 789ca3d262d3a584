/** Two kernels as one: the first fills a box in scratch, all cores meet, and the second reads it there. */
import { slotBytes } from "../../../ir/storage.js";
import { alignUp } from "../../memory.js";
import type { Extent, Layer, LayerLayouts, Layout, PackedConstants, TileKernel } from "../contract.js";
import { boxBytes, tileShape } from "../planner/geometry.js";
import { layoutsKey } from "../planner/layouts.js";

/** Where boxes and constants begin, and what may be read behind a box. */
const align = 16;
const readable = 16;
/** Cycles of meeting between the two, and cores that layouts are compared on. */
const meeting = 30;
const team = 8;

/**
 * Bytes of x per cycle by which the code of both, which the instruction cache does not hold at once, is held up in every tile
 * while the next one's operand comes [fitted to networks A and C on gap8sim, profile gvsoc].
 */
const coldBytesPerCycle = 6;

/** The layouts of both kernels; they agree on the value between. */
interface Pair {
  readonly first: LayerLayouts;
  readonly second: LayerLayouts;
  readonly cycles: number;
}
type Pairs = ReadonlyMap<string, Pair>;

function partsOf(layer: Layer): readonly [Layer, Layer] {
  if (!layer.parts) throw new Error(`%${layer.name} is one layer, not two`);
  return layer.parts;
}

/** The same for layouts with all elements at the same places; `out` of the layer may be a section of its output. */
const keyOf = (layer: Layer, at: LayerLayouts): string =>
  layoutsKey({ inputs: layer.inputs, out: partsOf(layer)[1].out }, at);

/** Are boxes of whole pixels, or of rows of any length, the same? */
const agree = (a: Layout, b: Layout, channels: number): boolean =>
  a.order === b.order && (a.align === b.align || (a.order === "hwc" && channels % 4 === 0));

/** For each combination of outer layouts, the cheapest of the value between; the fastest first. */
function pairsOf(layer: Layer, one: TileKernel, two: TileKernel): Pairs {
  const [a, b] = partsOf(layer);
  const cycles = (kernel: TileKernel, part: Layer, at: LayerLayouts) =>
    kernel.cycles(part, at, tileShape(part, part.out), team);
  const seconds = two.layouts(b).map((at) => ({ at, cycles: cycles(two, b, at) }));
  const found = new Map<string, Pair>();
  for (const first of one.layouts(a)) {
    const mine = cycles(one, a, first);
    for (const { at: second, cycles } of seconds) {
      if (!agree(first.output, second.inputs[0]!, a.out.c)) continue;
      const key = keyOf(layer, { inputs: first.inputs, output: second.output });
      const pair = { first, second, cycles: mine + cycles };
      if ((found.get(key)?.cycles ?? Infinity) > pair.cycles) found.set(key, pair);
    }
  }
  return new Map([...found].sort(([, p], [, q]) => p.cycles - q.cycles));
}

/** Bytes between the begin of the value between and that of the kernels' own scratch. */
const between = ({ out, output }: Layer, layout: Layout, { h, w }: Extent): number =>
  alignUp(boxBytes(layout, { h, w, c: out.c }, slotBytes(output.type.storage)) + readable, align);

interface Packed {
  readonly data: Uint8Array;
  /** Where weights, channels and tables of the first begin, then those of the second. */
  readonly at: readonly number[];
}

function packed(all: readonly PackedConstants[]): Packed {
  const parts = all.flatMap((p) => [p.weights, p.channels, p.shared]);
  let bytes = 0;
  const at = parts.map((p) => {
    bytes += alignUp(p.length, align);
    return bytes - alignUp(p.length, align);
  });
  const data = new Uint8Array(bytes);
  for (const [i, p] of parts.entries()) data.set(p, at[i]!);
  return { data, at };
}

type Fields = Readonly<Record<string, string | number>>;
const tileText = (name: string, lines: readonly Fields[]): string => {
  const text = lines.map((fields) =>
    Object.entries(fields)
      .map(([field, value]) => `.${field} = ${value}`)
      .join(", "),
  );
  return `  const pulsec_tile ${name} = {\n    ${text.join(",\n    ")}};`;
};

/** The kernel of layers that are two: `one` computes the first of them and `two` the second. */
export function inSequence(one: TileKernel, two: TileKernel): TileKernel {
  const known = new WeakMap<readonly Layer[], Pairs>();
  const pairs = (layer: Layer): Pairs => {
    const parts = partsOf(layer);
    const found = known.get(parts) ?? pairsOf(layer, one, two);
    known.set(parts, found);
    return found;
  };
  const both = (layer: Layer, layouts: LayerLayouts): Pair => pairs(layer).get(keyOf(layer, layouts))!;
  const constants = (layer: Layer, { first, second }: Pair): Packed => {
    const [a, b] = partsOf(layer);
    return packed([one.pack(a, first), two.pack(b, second)]);
  };
  return {
    name: `${one.name}+${two.name}`,
    refuses: (layer) => (layer.parts ? undefined : "it is one layer, not two"),
    layouts: (layer) =>
      [...pairs(layer).values()].map(({ first, second }) => ({
        inputs: first.inputs,
        output: second.output,
      })),
    pack(layer, layouts) {
      const { data } = constants(layer, both(layer, layouts));
      const none = new Uint8Array();
      return { weights: data, channels: none, block: layer.out.c, shared: none };
    },
    grain(layer, layouts) {
      const [a, b] = partsOf(layer);
      const { first, second } = both(layer, layouts);
      const [x, y] = [one.grain(a, first), two.grain(b, second)];
      return { h: Math.max(x.h, y.h), w: Math.max(x.w, y.w), c: layer.out.c };
    },
    scratch(layer, layouts, { out }, cores) {
      const [a, b] = partsOf(layer);
      const { first, second } = both(layer, layouts);
      const middle = { ...out, c: a.out.c };
      const own = [
        one.scratch(a, first, tileShape(a, middle), cores),
        two.scratch(b, second, tileShape(b, out), cores),
      ];
      return between(a, first.output, middle) + Math.max(...own);
    },
    cycles(layer, layouts, { out }, cores) {
      const [a, b] = partsOf(layer);
      const { first, second } = both(layer, layouts);
      const shape = tileShape(a, { ...out, c: a.out.c });
      const before = one.cycles(a, first, shape, cores);
      const several = out.h < layer.out.h || out.w < layer.out.w;
      const bytes = several
        ? boxBytes(first.inputs[0]!, shape.inputs[0]!, slotBytes(layer.inputs[0]!.value.type.storage))
        : 0;
      return before + meeting + bytes / coldBytesPerCycle + two.cycles(b, second, tileShape(b, out), cores);
    },
    headers: [...new Set([...one.headers, ...two.headers])],
    emit(layer, layouts, name, tile) {
      const [a, b] = partsOf(layer);
      const pair = both(layer, layouts);
      const middle = { ...tile, c: a.out.c };
      return [
        one.emit(a, pair.first, `${name}_first`, middle),
        two.emit(b, pair.second, `${name}_second`, tile),
        wrapper(name, a.out.c, between(a, pair.first.output, middle), constants(layer, pair).at),
      ].join("\n\n");
    },
  };
}

/** The function that calls both, with tiles of their own. */
function wrapper(name: string, channels: number, offset: number, at: readonly number[]): string {
  const constantsOf = (from: number): Fields => ({
    w: `constants + ${at[from]}`,
    q: `constants + ${at[from + 1]}`,
    shared: `constants + ${at[from + 2]}`,
  });
  const scratch = `between + ${offset}`;
  const same = { ho: "t->ho", wo: "t->wo", oy: "t->oy", ox: "t->ox" };
  const outer = { hi: "t->hi", wi: "t->wi", ci: "t->ci", iy: "t->iy", ix: "t->ix", first: 1, last: 1 };
  const inner = { hi: "t->ho", wi: "t->wo", ci: channels, iy: "t->oy", ix: "t->ox", first: 1, last: 1 };
  const first = [
    { x: "{t->x[0]}", ...constantsOf(0) },
    { y: "between", scratch, co: channels, ...same },
    outer,
  ];
  const second = [{ x: "{between}", ...constantsOf(3) }, { y: "t->y", scratch, co: "t->co", ...same }, inner];
  return `static void ${name}(const pulsec_tile *t, int core) {
  const uint8_t *const constants = (const uint8_t *)t->w;
  uint8_t *const between = (uint8_t *)t->scratch;
${tileText("first", first)}
  PULSEC_PART(core, ${name}_first(&first, core));
${tileText("second", second)}
  ${name}_second(&second, core);
}`;
}
