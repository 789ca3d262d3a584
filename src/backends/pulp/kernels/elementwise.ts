/** Runs of element-wise nodes: sums, products, requants, clamps, slopes and tables, computed element by element. */
import { slotBytes } from "../../../ir/storage.js";
import type { Layer, LayerLayouts, Layout, TileKernel } from "../contract.js";
import { elementsText, everyLayout, innerStride, pointStrides, runOffset } from "./boxes.js";
import { packColumns, packTables, statementsOf, tableText, unfit } from "./elementwise-nodes.js";
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
    (lists, _, i) => (i < 2 ? lists.flatMap((l) => everyLayout.map((e) => [...l, e])) : lists.map((l) => [...l, l[0]!])),
    [[]],
  );
  const mixed = everyLayout.flatMap((output) => choices.map((list) => ({ inputs: list, output })));
  return [...same, ...mixed.filter((m) => m.inputs.some((l) => l !== m.output))];
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
  cycles: (_, __, { out }, cores) => 150 + (20 * out.h * out.w * out.c) / cores,
  headers: ["pulsec_tile.h", "pulsec_scale.h"],
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
    runs: types.map((type, k) => `const ${type} *const in${k} = box${k} + ${runOffset(strides[k]!, output)};`),
    body: (loads, channel, put) =>
      [
        ...(columns.length > 0 ? [`const int32_t *const q = constants + (${channel}) * ${columns.length};`] : []),
        ...loads.map((text, k) => `const int32_t x${k} = ${text};`),
        ...lines,
        put(variable(layer.output)),
      ].join("\n      "),
  };
}

function emit(layer: Layer, layouts: LayerLayouts, name: string): string {
  const { inputs, output } = layouts;
  const lane = laneOf(layer, layouts);
  const type = cType(layer.output.type.storage);
  const strides = layer.inputs.map((input, k) => innerStride(pointStrides(inputs[k]!, input), output));
  const c = output.order === "hwc" ? "i" : "c";
  const loads = strides.map((s, k) => `in${k}[i * (${s})]`);
  const plain = elementsText(layer, output, name, {
    setup: lane.setup,
    run: lane.runs.join("\n    "),
    body: lane.body(loads, c, (v) => `out[i] = (${type})${v};`),
  });
  if (!byWords(layer, layouts)) return plain;
  return `#ifdef PULSEC_XPULP\n${wordsText(layer, layouts, name)}#else\n${plain}#endif\n`;
}

/** Are there whole words of results, whose operands are neighbours too or shared by the run? */
const byWords = (layer: Layer, { inputs, output }: LayerLayouts): boolean =>
  output.align === 4 &&
  slotBytes(layer.output.type.storage) === 1 &&
  layer.inputs.every((input, k) => {
    const step = innerStride(pointStrides(inputs[k]!, input), output);
    return step === "0" || (step === "1" && inputs[k]!.align === 4);
  });

/** Four results per step; those behind the end of a run are computed from whatever lies there. */
function wordsText(layer: Layer, layouts: LayerLayouts, name: string): string {
  const { inputs, output } = layouts;
  const lane = laneOf(layer, layouts);
  const steps = layer.inputs.map((input, k) => innerStride(pointStrides(inputs[k]!, input), output));
  const packed = layer.inputs.map(
    (input, k) => steps[k] === "1" && slotBytes(input.value.type.storage) === 1,
  );
  const words = packed.flatMap((p, k) => (p ? [`const uint32_t w${k} = pulsec_lw(in${k} + i);`] : []));
  const lanes = [0, 1, 2, 3].map((l) => {
    const loads = layer.inputs.map((input, k) => {
      if (packed[k]) return `pulsec_${input.value.type.storage.startsWith("u") ? "(int32_t)pulsec_ub" : "sb"}(w${k}, ${l})`.replace("pulsec_(int32_t)", "(int32_t)");
      return steps[k] === "0" ? `in${k}[0]` : `in${k}[i + ${l}]`;
    });
    const c = output.order === "hwc" ? `i + ${l}` : "c";
    return `{\n      ${lane.body(loads, c, (v) => `r${l} = ${v};`)}\n      }`;
  });
  return elementsText(layer, output, name, {
    setup: lane.setup,
    run: lane.runs.join("\n    "),
    step: 4,
    body: [
      "int32_t r0, r1, r2, r3;",
      ...words,
      ...lanes,
      "const uint32_t packed = pulsec_pack4(r0, r1, r2, r3);",
      "memcpy(out + i, &packed, 4);",
    ].join("\n      "),
  });
}
