/** The files of a new pass: one rule to replace by one's own, and its test. */
import type { Names } from "./names.js";

/** `typed`: TypeScript; otherwise JavaScript. */
export const passSource = ({ name, identifier }: Names, typed: boolean): string => `\
import { definePass, opNamed, ${typed ? "type Rule, " : ""}rewrite } from "pulsec";

const maxpool = opNamed("maxpool")${typed ? "!" : ""};
const relu = opNamed("relu")${typed ? "!" : ""};

/** The same values, and relu has fewer elements to look at. A rule to begin with: replace it by your own. */
const rule${typed ? ": Rule" : ""} = {
  name: "pool-before-relu",
  equation: "maxpool(relu(x)) = relu(maxpool(x)), without pads",
  root: "maxpool",
  rewrite({ operands: [pooled], attrs }, { producer, onlyUse, emit }) {
    const inner = producer(pooled, relu);
    // A window that lies in the padding alone has no element of x.
    const padded = (attrs.pads${typed ? " as readonly number[]" : ""}).some((p) => p !== 0);
    if (!inner || padded || !onlyUse(inner.result)) return undefined;
    return emit(relu, [emit(maxpool, [inner.operands[0]${typed ? "!" : ""}], attrs)], {});
  },
};

export const ${identifier} = definePass({
  name: "${name}",
  summary: "Pools before relu.",
  run: (graph) => rewrite(graph, [rule]),
});
`;

/** Runs with \`node --test\`; \`ending\` is that of the pass. */
export const passTest = ({ name, identifier }: Names, ending: string): string => `\
import assert from "node:assert/strict";
import { test } from "node:test";
import { intEngine, ops, parseModule, printModule, randomTensor, runPasses, unwrap, valueCheck } from "pulsec";
${loading(identifier, `./${name}${ending}`)}
const before = \`graph @main(%x: i8[1x4x2]) -> (%y: i8[1x2x2]) stage integer {
  %a = relu %x : i8[1x4x2]
  %y = maxpool %a {kernel = 2, stride = 2} : i8[1x2x2]
}
\`;
const after = \`graph @main(%x: i8[1x4x2]) -> (%y: i8[1x2x2]) stage integer {
  %y.1 = maxpool %x {kernel = 2, stride = 2} : i8[1x2x2]
  %y = relu %y.1 : i8[1x2x2]
}
\`;

/** Runs the graph before and after on random inputs: a pass that changes a value fails. */
const check = valueCheck({
  engine: async () => intEngine,
  inputs: (graph) => [1, 2].map((seed) => graph.inputs.map((v, i) => randomTensor(v.type, seed * 1000 + i))),
});

test("${name}", async () => {
  const module = unwrap(await parseModule(before, { file: "before.pir", ops }));
  const done = unwrap(await runPasses(module, [${identifier}], { check }));
  assert.equal(printModule(done), after);
});
`;

/** The lines that import \`identifier\`: TypeScript needs the loader of pulsec, which runs before a dynamic import only. */
export const loading = (identifier: string, from: string): string =>
  /ts$/.test(from)
    ? `import "pulsec/register";\n\nconst { ${identifier} } = await import("${from}");\n`
    : `import { ${identifier} } from "${from}";\n`;
