/** The reference page of all diagnostics. */
import { type Block, rightBlocks, wrongBlocks } from "./blocks.js";
import type { Explanation } from "./explanation.js";
import { areaOf, printedIn } from "./printed.js";

/** What the ids of an area are about. */
export const areas: Readonly<Record<string, string>> = {
  c: "Generated C and its compilers",
  config: "A project's configuration",
  container: "Containers (.pmod)",
  dsl: "Models in text (.pulse)",
  engine: "Engines",
  export: "Exporting ONNX",
  extension: "Ops, kernels and engines of a project",
  file: "Files",
  golden: "Golden tests of kernels",
  input: "Inputs of a run",
  ir: "Rules of the IR",
  onnx: "ONNX models",
  pass: "Passes",
  pulp: "Firmware for GAP8",
  quant: "Quantising",
  run: "Running",
  schedule: "Laying out for a target",
  sim: "Simulated firmware",
  text: "IR text (.pir)",
  verify: "Verification",
  wasm: "WebAssembly",
};

const introduction = `# Diagnostics

Everything pulsec refuses or warns of has an id, \`area/what\`, which stays the same across versions. A message says what was
found, what was expected and, where there is one, a way out; \`pulsec explain ID\` prints the entry of this page for an id, and
\`--json\` gives diagnostics as data: id, severity, text, found, expected, help, and places with offsets, lines and columns.

Every entry shows an input that gives the diagnostic, what pulsec prints, and what to change. The examples are run by the
tests; this page is made from them.
`;

/** Markdown, from the explanations and what their wrong examples print. */
export function diagnosticsPage(explanations: readonly Explanation[]): string {
  const named = Object.entries(areas)
    .map(([area, title]) => ({ area, title, all: explanations.filter((e) => areaOf(e.id) === area) }))
    .filter(({ all }) => all.length > 0);
  const contents = named.map(
    ({ area, title, all }) => `- [${title}](#${anchor(title)}): ${all.length} \`${area}/...\``,
  );
  const sections = named.map(({ area, title, all }) => {
    const printed = printedIn(area);
    return [`## ${title}\n`, ...all.map((e) => entry(e, printed.get(e.id) ?? ""))].join("\n");
  });
  return [introduction, `${contents.join("\n")}\n`, ...sections].join("\n");
}

const anchor = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^\w -]/g, "")
    .replaceAll(" ", "-");

const entry = (e: Explanation, printed: string): string =>
  [
    `### ${e.id}\n`,
    `${e.title}. ${e.why}\n`,
    ...wrongBlocks(e, printed).map(fenced),
    "Put right:\n",
    ...rightBlocks(e).map(fenced),
  ].join("\n");

const fenced = ({ title, language, text }: Block): string =>
  `\`${title}\`\n\n\`\`\`${language}\n${text}\n\`\`\`\n`;
