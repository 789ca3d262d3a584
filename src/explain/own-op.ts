/** Files of examples with an op that is no part of pulsec. */
import type { ExampleFiles } from "./explanation.js";

/** pulsec.config.mjs with the op `mirror`; `rule` is a line of its record, `more` of the configuration. */
const config = (rule: string, more = ""): string => `import { defineConfig, defineOp } from "pulsec";

const mirror = defineOp({
  name: "mirror",
  summary: "All elements in reverse order.",
  operands: { x: { storage: ["f32", "i8"] } },
  attrs: {},
  traits: ["reads"],${rule ? `\n  ${rule}` : ""}
  infer: ({ x }) => x,
  float: (f, { x }) => ({ y: f.reverse(x) }),
  int: ({ x }) => x.data.toReversed(),
  examples: [],
});

export default defineConfig({ version: 1, ops: [mirror]${more} });
`;

const net = (
  type: string,
  stage: string,
): string => `graph @main(%x: ${type}) -> (%y: ${type}) stage ${stage} {
  %y = mirror %x : ${type}
}
`;

/** A float graph with the op and its ranges. */
export const floatMirror = (rule: string): ExampleFiles => ({
  "pulsec.config.mjs": config(rule),
  "net.pir": `range @main %x = [-1, 1]
range @main %y = [-1, 1]

${net("f32[Nx4]", "float")}`,
});

export const integerMirror: ExampleFiles = {
  "pulsec.config.mjs": config(""),
  "net.pir": net("i8[1x4]", "integer"),
};

/** An integer graph with the op, and a kernel for it with these fields. */
export const mirrorKernel = (fields: string): ExampleFiles => ({
  ...integerMirror,
  "pulsec.config.mjs": config("", `, kernels: [{ name: "mirror", op: mirror, ${fields} }]`),
});
