/** The files of a new op: its record, with both meanings and examples, and a test that runs these. */
import type { Names } from "./names.js";
import { loading } from "./pass-template.js";

export const opSource = ({ name, identifier }: Names): string => `\
import { defineOp, tensorType, zeroPoint } from "pulsec";

/** An op to begin with: replace its formula, its meanings and its examples by your own. */
export const ${identifier} = defineOp({
  name: "${name}",
  summary: "Absolute value of every element.",
  integer: "y = |x - zero|, in i32; scale(y) = scale(x)",
  operands: { x: { storage: ["f32", "i16", "i8", "u8"] } },
  attrs: {},
  traits: ["elementwise"],
  // How to-integer makes integers of it: the sums below, requantised to the range that calibration saw.
  quantise: "sum",

  /** The type of the result, or why there is none. */
  infer({ x }) {
    if (x.storage === "f32") return x;
    if (x.quant?.channels) return "x must have one scale for all channels; put a requant before";
    return tensorType("i32", x.shape, x.quant && { scale: x.quant.scale, zero: 0 });
  },

  /** What training and the engine float run, on tensors of tfjs. */
  float: (f, { x }) => ({ y: f.abs(x) }),

  /** The specification, bit for bit: engines are compared with it. */
  int({ x }) {
    const zero = zeroPoint(x.type);
    return Int32Array.from({ length: x.data.length }, (_, i) => Math.abs(Number(x.data[i]) - zero));
  },

  /** What the result can be, per channel: the proof that no sum leaves 32 bits rests on it. */
  bounds({ x }) {
    const zero = zeroPoint(x.type);
    const ends = x.bounds.lo.map((lo, c) => [lo - zero, x.bounds.hi[c]${"!"} - zero]);
    return {
      lo: ends.map(([lo, hi]) => Math.max(0, lo${"!"}, -hi${"!"})),
      hi: ends.map(([lo, hi]) => Math.max(-lo${"!"}, hi${"!"})),
    };
  },

  examples: [
    {
      text: \`graph @stored(%x: (u8[1x4x1] - 10) * 0.5) -> (%y: i32[1x4x1] * 0.5) stage integer {
  %y = ${name} %x : i32[1x4x1] * 0.5
}
\`,
      inputs: [[0, 9, 10, 200]],
      output: [10, 1, 0, 190],
    },
    {
      text: \`graph @real(%x: f32[1x3]) -> (%y: f32[1x3]) stage float {
  %y = ${name} %x : f32[1x3]
}
\`,
      inputs: [[-1.5, 0, 2.5]],
      output: [1.5, 0, 2.5],
    },
  ],
});
`;

/** The same without what only TypeScript has. */
export const opSourceJs = (names: Names): string => opSource(names).replaceAll(/(?<=[\]\w])!(?=[,) ])/g, "");

export const opTest = ({ name, identifier }: Names, ending: string): string => `\
import assert from "node:assert/strict";
import { test } from "node:test";
import { floatEngine, intEngine, mainGraph, ops, parseModule, tensor, unwrap, wasmEngine } from "pulsec";
${loading(identifier, `./${name}${ending}`)}
/** The output of a graph of one example. */
async function run(engine, graph, inputs) {
  const session = await engine.prepare(graph);
  const values = await session.run(graph.inputs.map((v, i) => tensor(v.type, inputs[i])));
  await session.dispose();
  return [...values.get(graph.outputs[0].name).data];
}

for (const { text, inputs, output } of ${identifier}.examples) {
  const file = /@\\w+/.exec(text)[0];
  test(\`example \${file} of ${name}\`, async () => {
    const module = unwrap(await parseModule(text, { file, ops: [...ops, ${identifier}] }));
    const graph = mainGraph(module);
    const engines = graph.stage === "integer" ? [intEngine, wasmEngine] : [floatEngine];
    for (const engine of engines) assert.deepEqual(await run(engine, graph, inputs), output, engine.name);
  });
}
`;
