/** What `golden test` says. */
import { printType, sizes } from "../ir/type.js";
import { type Binding, chainName, inputTensors, resultName } from "./binding.js";
import type { GoldenCase } from "./cases.js";
import type { Failure, GoldenTestReport } from "./golden-test.js";
import { numbersOf } from "./memory.js";

/** `my_conv (conv + requant): 64 vectors equal`. */
export function renderGoldenTest(binding: Binding, report: GoldenTestReport): string {
  const { first, smallest, diagnosis } = report;
  const lines = [headline(binding, report)];
  if (first) lines.push(...failureLines(binding, "first difference", first));
  if (smallest && smallest.golden !== first?.golden)
    lines.push(...failureLines(binding, "smallest failing shape", smallest));
  if (diagnosis) {
    const { cause, text, explains, failing, alternatives } = diagnosis;
    const share = explains === 0 ? "" : ` (${explains} of ${failing} failing vectors)`;
    lines.push(`likely cause: ${cause}: ${text}${share}`);
    lines.push(...alternatives.map((a) => `  or: ${a}`));
  } else if (first) lines.push("likely cause: none of those that are known here gives these numbers");
  return lines.join("\n");
}

function headline(binding: Binding, { ok, vectors, equal, notRun }: GoldenTestReport): string {
  const what = `${binding.kernel} (${chainName(binding)})`;
  const count = `${vectors} vector${vectors === 1 ? "" : "s"}`;
  if (ok && notRun > 0) return `${what}: ${count}, ${equal} equal to int, ${notRun} too large for the memory`;
  if (ok) return `${what}: ${count}, all equal to int`;
  const rest = notRun > 0 ? `, ${notRun} not run` : "";
  return `${what}: ${count}, ${equal} equal, ${vectors - equal - notRun} fail${rest}`;
}

function failureLines(binding: Binding, title: string, failure: Failure): string[] {
  const { golden, difference, faults } = failure;
  const lines = [`${title}: ${golden.name}`, `  ${settingText(binding, golden)}`];
  for (const { text, line } of faults) lines.push(`  ${text}${line === undefined ? "" : ` at ${line}`}`);
  if (difference) {
    const { index, expected, got, unwritten, differing, elements } = difference;
    const found = unwritten ? "never written" : `got ${got}`;
    lines.push(
      `  y[${index.join(", ")}]: expected ${expected}, ${found}; ${differing} of ${elements} elements differ`,
    );
  }
  return [...lines, ...dataLines(binding, golden)];
}

/** Sizes, types and attributes: what one needs to make the call by hand. */
function settingText(binding: Binding, { nodes, tensors, setting }: GoldenCase): string {
  const types = [...inputTensors(binding).map((t) => t.name), resultName].map(
    (name) => `${name}: ${printType(tensors.get(name)!.type)}`,
  );
  const attrs = nodes.flatMap((n, i) =>
    Object.entries(n.attrs)
      .filter(([name]) => Object.hasOwn(binding.steps[i]!.attrs, name))
      .map(([name, value]) => `${name} ${Array.isArray(value) ? `[${value.join(", ")}]` : value}`),
  );
  const several = binding.cores.some((c) => c > 1);
  const cores = several ? [setting.cores === 1 ? "1 core" : `${setting.cores} cores`] : [];
  return [...types, ...attrs, ...cores].join(", ");
}

/** Tensors of at most so many elements are written out. */
const shortTensor = 12;

function dataLines(binding: Binding, { tensors }: GoldenCase): string[] {
  const names = [...inputTensors(binding).map((t) => t.name), resultName];
  const all = names.map((name) => [name, tensors.get(name)!] as const);
  if (all.some(([, t]) => sizes(t.type).reduce((a, b) => a * b, 1) > shortTensor)) return [];
  return [`  ${all.map(([name, t]) => `${name} = [${numbersOf(t.data).join(", ")}]`).join(", ")}`];
}
