import { at, type Bounds } from "../bounds.js";
import { defineOp } from "../op.js";
import type { Rule } from "../rewrite.js";
import { activationStorages, storages } from "../storage.js";
import { allocate } from "../tensor.js";
import { sameQuant, sameType, tensorType } from "../type.js";

const rules: readonly Rule[] = [
  {
    name: "lut-nothing",
    equation: "lut(x, table) = x, where every entry is its own index",
    root: "lut",
    rewrite({ operands: [x, table], result }) {
      if (!sameType(x!.type, result.type) || !table || !("data" in table)) return undefined;
      const data = table.data as Int8Array;
      const { min } = storages[x!.type.storage];
      return data.every((v, i) => v === i + min) ? x : undefined;
    },
  },
];

export const lut = defineOp({
  name: "lut",
  summary:
    "Table lookup: any function of one narrow integer, such as sigmoid or tanh between two quantised types.",
  integer: "y = table[x - min], min the smallest value of x's storage",
  operands: {
    x: { storage: ["i8", "u8", "i4", "u4", "i2", "u2"] },
    table: { storage: activationStorages, rank: 1, param: true },
  },
  attrs: {},
  traits: ["elementwise"],

  infer({ x, table }, _, declared) {
    const entries = 2 ** storages[x.storage].bits;
    if (table.shape[0] !== entries)
      return `table has ${table.shape[0]} entries; ${x.storage} has ${entries} values`;
    const quant = declared?.quant ?? table.quant;
    if (table.quant && !sameQuant(table.quant, quant))
      return "the table's scale is not the result's: write one of them, or both alike";
    return tensorType(table.storage, x.shape, quant);
  },

  int({ x, table }, _, out) {
    const { min } = storages[x.type.storage];
    const y = allocate(out.storage, x.data.length);
    for (let i = 0; i < y.length; i++) y[i] = Number(table.data[Number(x.data[i]) - min]);
    return y;
  },

  bounds({ x, table }): Bounds {
    const { min } = storages[x.type.storage];
    const each = x.bounds.lo.map((_, c) => {
      const { lo, hi } = at(x.bounds, c);
      return [...(table.data as Int16Array).subarray(lo - min, hi - min + 1)];
    });
    return { lo: each.map((e) => Math.min(...e)), hi: each.map((e) => Math.max(...e)) };
  },

  canonical: rules,

  examples: [
    {
      text: `param @table : u8[4] = [9, 4, 1, 0]

graph @square(%x: i2[1x4]) -> (%y: u8[1x4]) stage integer {
  %y = lut %x, @table : u8[1x4]
}
`,
      inputs: [[-2, -1, 0, 1]],
      output: [9, 4, 1, 0],
    },
  ],
});
