/** The frame of examples in JavaScript. */

/** A module that imports `names`, runs `setup`, and prints the diagnostics that `action` is refused with. */
export const catching = (names: readonly string[], setup: string, action: string): string =>
  `import { ${[...names, "Refusal", "renderDiagnostic"].sort(byName).join(", ")} } from "pulsec";

${setup}
try {
  ${action}
} catch (e) {
  if (!(e instanceof Refusal)) throw e;
  for (const d of e.diagnostics) console.log(renderDiagnostic(d));
}
`;

const byName = (a: string, b: string): number => a.localeCompare(b);

/** The statements that make `graph`, one relu over an input of a type such as `"u8", [1, 4]`. */
export const reluGraph = (stage: "float" | "integer", type: string, input = "x"): string =>
  `const g = new GraphBuilder("main", "${stage}");
const x = g.input("${input}", tensorType(${type}));
const y = g.add(opNamed("relu"), [x], {}, { name: "y" });
const graph = g.finish([y]);`;

export const reluNames: readonly string[] = ["GraphBuilder", "opNamed", "tensorType"];
