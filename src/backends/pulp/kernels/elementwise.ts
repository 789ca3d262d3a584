/** Runs of element-wise nodes: sums, products, requants, clamps, slopes and tables, computed element by element. */
import { slotBytes } from "../../../ir/storage.js";
import type { Layer, LayerLayouts, Layout, TileKernel, TileShape } from "../contract.js";
import {
  elementsText,
  everyLayout,
  innerStride,
  outputSizes,
  pointStrides,
  runOffset,
  stridesOf,
} from "./boxes.js";
import { crossedInputs, cyclesOf, elementCounts, mostOf, type Work } from "./cost.js";
import { laneWork } from "./elementwise-cost.js";
import { packColumns, packTables, statementsOf, tableText, unfit } from "./elementwise-nodes.js";
import { scaledSum, sumBlock, sumStep } from "./elementwise-sum.js";
import { cType } from "./output.js";

const ops: ReadonlySet<string> = new Set(["add", "sub", "mul", "requant", "relu", "clip", "prelu", "lut"]);
/** Boxes that a tile has. */
const mostInputs = 4;

function refuses({ nodes, inputs }: Layer): string | undefined {
  const other = nodes.find((n) => !ops.has(n.op.name));
  if (other) return `%${other.result.name} is ${other.op.name}, which is not element-wise`;
  if (inputs.length === 0 || inputs.length > mostInputs)
    return `it reads ${inputs.length} values; 1 to ${mostInputs} are possible`;
  for (const node of nodes) {
    const text = unfit(node);
    if (text) return `%${node.result.name}: ${text}`;
  }
  return undefined;
}

/** All alike first: then the order of elements does not matter. */
function layouts({ inputs }: Layer): readonly LayerLayouts[] {
  const same = everyLayout.map((l) => ({ inputs: inputs.map(() => l), output: l }));
  const choices = inputs.reduce<readonly (readonly Layout[])[]>(
    (lists, _, i) =>
      i < 2 ? lists.flatMap((l) => everyLayout.map((e) => [...l, e])) : lists.map((l) => [...l, l[0]!]),
    [[]],
  );
  const mixed = everyLayout.flatMap((output) => choices.map((list) => ({ inputs: list, output })));
  return [...same, ...mixed.filter((m) => m.inputs.some((l) => l !== m.output))];
}

/** What the slowest core does. */
export function elementwiseWork(layer: Layer, layouts: LayerLayouts, tile: TileShape, cores: number): Work {
  const sum = isFlat(layer, layouts) ? scaledSum(layer) : undefined;
  const { h, w, c } = tile.out;
  if (sum) {
    const words = mostOf(Math.ceil((h * w * c) / 4), cores);
    return { variant: "elementwise.sum", counts: [1, words * sumStep(sum)] };
  }
  const one = laneWork(layer);
  const flat = isFlat(layer, layouts);
  if (!flat && !byWords(layer, layouts)) {
    const [runs, elements] = elementCounts(layouts, tile, cores);
    return {
      variant: `elementwise.elements.${layouts.output.order}`,
      counts: [1, runs, elements, crossedInputs(layouts) * elements, ...one.map((n) => n * elements)],
    };
  }
  const [runs, words] = flat
    ? [0, mostOf(Math.ceil((h * w * c) / 4), cores)]
    : elementCounts(layouts, tile, cores, 4);
  return {
    variant: `elementwise.words.${flat ? "flat" : layouts.output.order}`,
    counts: [1, runs, words, ...one.map((n) => n * words)],
  };
}

export const elementwise: TileKernel = {
  name: "elementwise",
  refuses,
  layouts,
  pack(layer, layouts) {
    const { columns, tables } = statementsOf(layer);
    // Words hold four channels: those behind the last are computed too, and thrown away.
    const block = layouts.output.order === "hwc" && columns.length > 0 ? 4 : 1;
    return {
      weights: new Uint8Array(),
      channels: packColumns(columns, layer.out.c, block),
      block,
      shared: packTables(tables).bytes,
    };
  },
  grain: () => ({ h: 1, w: 1, c: 4 }),
  scratch: () => 0,
  cycles: (...of) => cyclesOf(elementwiseWork(...of)),
  headers: ["pulsec_tile.h", "pulsec_scale.h", "pulsec_words.h"],
  emit,
};

/** One lane in C, from values of the inputs to the result in `v`, with constants of channel `c`. */
interface Lane {
  readonly setup: string;
  readonly runs: readonly string[];
  body(loads: readonly string[], channel: string, put: (value: string) => string): string;
}

function laneOf(layer: Layer, { inputs, output }: LayerLayouts): Lane {
  const { lines, columns, tables, variable } = statementsOf(layer);
  const types = layer.inputs.map((i) => cType(i.value.type.storage));
  const boxes = types.map((type, k) => `const ${type} *const box${k} = (const ${type} *)t->x[${k}];`);
  const constants = columns.length > 0 ? ["const int32_t *const constants = (const int32_t *)t->q;"] : [];
  const table = tableText(tables);
  const strides = layer.inputs.map((input, k) => pointStrides(inputs[k]!, input));
  return {
    setup: [...boxes, ...constants, ...(table ? [table] : [])].join("\n  "),
    runs: types.map(
      (type, k) => `const ${type} *const in${k} = box${k} + ${runOffset(strides[k]!, output)};`,
    ),
    body: (loads, channel, put) =>
      [
        ...(columns.length > 0
          ? [`const int32_t *const q = constants + (${channel}) * ${columns.length};`]
          : []),
        ...loads.map((text, k) => `const int32_t x${k} = ${text};`),
        ...lines,
        put(variable(layer.output)),
      ].join("\n      "),
  };
}

function emit(layer: Layer, layouts: LayerLayouts, name: string): string {
  const { output } = layouts;
  const lane = laneOf(layer, layouts);
  const type = cType(layer.output.type.storage);
  const steps = innerSteps(layer, layouts);
  const put = (v: string) => `out[i] = (${type})${v};`;
  const loads = steps.map((s, k) => `in${k}[i * (${s})]`);
  if (isFlat(layer, layouts)) return flatText(layer, layouts, name, lane.body(loads, "0", put));
  const plain = elementsText(layer, output, name, {
    setup: lane.setup,
    run: lane.runs.join("\n    "),
    body: lane.body(loads, output.order === "hwc" ? "i" : "c", put),
  });
  if (!byWords(layer, layouts)) return plain;
  const words = elementsText(layer, output, name, {
    setup: lane.setup,
    run: lane.runs.join("\n    "),
    step: 4,
    body: wordsBody(layer, layouts, lane),
  });
  return `#ifdef PULSEC_XPULP\n${words}#else\n${plain}#endif\n`;
}

/** Elements from one of a run to the next, for every input. */
const innerSteps = (layer: Layer, { inputs, output }: LayerLayouts): readonly string[] =>
  layer.inputs.map((input, k) => innerStride(pointStrides(inputs[k]!, input), output));

/** Are all boxes alike, element by element, and all channels too? */
const isFlat = (layer: Layer, { inputs, output }: LayerLayouts): boolean =>
  slotBytes(layer.output.type.storage) === 1 &&
  statementsOf(layer).columns.length === 0 &&
  inputs.every((l) => l.order === output.order && l.align === output.align) &&
  layer.inputs.every(
    ({ y, x, channels }) => y.kind !== "single" && x.kind !== "single" && channels === "same",
  );

/** Boxes as one run of elements. */
function flatText(layer: Layer, layouts: LayerLayouts, name: string, one: string): string {
  const lane = laneOf(layer, layouts);
  const type = cType(layer.output.type.storage);
  const { row, channel } = stridesOf(layouts.output, outputSizes);
  const inputs = layer.inputs.map((i, k) => {
    const type = cType(i.value.type.storage);
    return `const ${type} *const in${k} = (const ${type} *)t->x[${k}];`;
  });
  const boxes = lane.setup.split("\n  ").filter((l) => !/ box[0-9] =/.test(l));
  const sum = scaledSum(layer);
  const four = sum
    ? `if (to - i >= 4) {
    const uintptr_t operands[] = {(uintptr_t)(in0 + i), (uintptr_t)(in1 + i), (uintptr_t)(out + i), (uintptr_t)((to - i) >> 2)};
    ${sumBlock(sum)}
    i += (to - i) & ~3;
  }`
    : `for (; i + 4 <= to; i += 4) {
      ${wordsBody(layer, layouts, lane)}
  }`;
  return `static void ${name}(const pulsec_tile *t, int core) {
  ${type} *const out = (${type} *)t->y;
  ${[...inputs, ...boxes].filter((l) => l !== "").join("\n  ")}
  const int32_t n = ${layouts.output.order === "hwc" ? `t->ho * ${row}` : `t->co * ${channel}`};
  int32_t i, to;
  pulsec_share((n + 3) >> 2, core, &i, &to);
  i *= 4;
  to = pulsec_min(4 * to, n);
#ifdef PULSEC_XPULP
  ${four}
#endif
  for (; i < to; i++) {
      ${one}
  }
}
`;
}

/** Are there whole words of results, whose operands are neighbours too or shared by the run? */
const byWords = (layer: Layer, { inputs, output }: LayerLayouts): boolean =>
  output.align === 4 &&
  slotBytes(layer.output.type.storage) === 1 &&
  innerSteps(layer, { inputs, output }).every(
    (step, k) => step === "0" || (step === "1" && inputs[k]!.align === 4),
  );

/** Four results per step; those behind the end of a run are computed from whatever lies there. */
function wordsBody(layer: Layer, layouts: LayerLayouts, lane: Lane): string {
  const steps = innerSteps(layer, layouts);
  const packed = layer.inputs.map(
    (input, k) => steps[k] === "1" && slotBytes(input.value.type.storage) === 1,
  );
  const words = packed.flatMap((p, k) => (p ? [`const uint32_t w${k} = pulsec_lw(in${k} + i);`] : []));
  const byte = (k: number, l: number) =>
    layer.inputs[k]!.value.type.storage.startsWith("u")
      ? `(int32_t)pulsec_ub(w${k}, ${l})`
      : `pulsec_sb(w${k}, ${l})`;
  const lanes = [0, 1, 2, 3].map((l) => {
    const loads = steps.map((step, k) =>
      packed[k] ? byte(k, l) : step === "0" ? `in${k}[0]` : `in${k}[i + ${l}]`,
    );
    const c = layouts.output.order === "hwc" ? `i + ${l}` : "c";
    return `{\n      ${lane.body(loads, c, (v) => `r${l} = ${v};`)}\n      }`;
  });
  return [
    "int32_t r0, r1, r2, r3;",
    ...words,
    ...lanes,
    "pulsec_sw(out + i, pulsec_pack4(r0, r1, r2, r3));",
  ].join("\n      ");
}
