/** The conversion rule of quantised ONNX networks, checked on test vectors. */
import type { RuleReport } from "../frontends/onnx/index.js";
import { interpret } from "../ir/interpreter.js";
import type { TestVector } from "../verify/index.js";
import type { LoadedModel } from "./model.js";

/** What rounding in float64 says of every integer that a quantised network rounds to; nothing of other networks. */
export async function checkConversion(
  { graph, imported }: LoadedModel,
  vectors: readonly TestVector[],
): Promise<RuleReport | undefined> {
  const roundings = imported?.roundings;
  if (!roundings) return undefined;
  const { checkRule } = await import("../frontends/onnx/index.js");
  const session = interpret(graph);
  const total = { elements: 0, ties: 0, different: 0, wrong: 0, firstWrong: [] as string[] };
  for (const { inputs } of vectors) {
    const one = checkRule(roundings, await session.run(inputs));
    for (const key of ["elements", "ties", "different", "wrong"] as const) total[key] += one[key];
    total.firstWrong.push(...one.firstWrong);
  }
  return total;
}

/** One line, above it the first element of each value that breaks the rule. */
export function renderConversion(r: RuleReport): string {
  const first = r.firstWrong.slice(0, 10).map((text) => `  ${text}`);
  const held = r.elements - r.wrong;
  const ties = `${r.ties} within 1e-6 of a tie, ${r.different} of them rounded up where ONNX rounds to even`;
  const line = `conversion: ${held} of ${r.elements} rounded elements keep the rule; ${ties}`;
  return [...(first.length > 0 ? ["these elements break the conversion rule:", ...first] : []), line].join(
    "\n",
  );
}
