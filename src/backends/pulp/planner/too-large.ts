/** What is said of networks that do not fit: the layer, the bytes, and the settings that would help. */
import { type Diagnostic, error } from "../../../ir/diagnostic.js";
import type { Value } from "../../../ir/graph.js";
import type { LevelUse } from "../../schedule/program.js";
import { chooseResidency, liveIn, type Needs, type Residency } from "./residency.js";

/** Results of the layers in order. */
type Outputs = readonly Value[];

const placeOf = (value: Value | undefined) => (value?.places[0] ? { place: value.places[0] } : {});

/** The least budget of L2 for which there is a residency, to 16 bytes, and that residency. */
function smallestL2(
  needs: Needs,
  tooLittle: number,
): { readonly bytes: number; readonly residency: Residency } {
  let [low, high] = [tooLittle, Math.max(64, 2 * tooLittle)];
  let found = chooseResidency(needs, high);
  for (; !found; found = chooseResidency(needs, high)) [low, high] = [high, 2 * high];
  while (high - low > 16) {
    const middle = Math.round((low + high) / 2);
    const residency = chooseResidency(needs, middle);
    if (residency) [high, found] = [middle, residency];
    else low = middle;
  }
  return { bytes: high, residency: found };
}

export function l2TooSmall(needs: Needs, outputs: Outputs, budget: number): Diagnostic {
  const { bytes, residency } = smallestL2(needs, budget);
  const live = liveIn(needs, residency);
  const at = (step: number) =>
    live.reduce((n, b) => n + (b.firstUse <= step && step <= b.lastUse ? b.bytes : 0), 0);
  const worst = outputs.map((_, i) => i).reduce((a, b) => (at(b) > at(a) ? b : a), 0);
  const layer = outputs[worst];
  const text = `the network does not fit into ${budget} bytes of L2, not even with everything in L3 that can be`;
  return error("pulp/l2-budget", text, {
    ...placeOf(layer),
    ...(layer ? { found: `%${layer.name} works on ${at(worst)} bytes at least` } : {}),
    expected: `${bytes - budget} bytes more`,
    help: `--l2 ${bytes}, or l2 in the deploy section, is enough; so are smaller values of that layer`,
  });
}

export function l3TooSmall(
  needs: Needs,
  outputs: Outputs,
  far: ReadonlySet<string>,
  l3: LevelUse,
): Diagnostic {
  const constants = needs.constants.filter((c) => far.has(c.name));
  const largest = constants.toSorted((a, b) => b.bytes - a.bytes)[0];
  const layer = largest && outputs[largest.step];
  const over = l3.bytes - l3.budget;
  return error("pulp/l3-budget", `the network needs ${l3.bytes} bytes of L3, ${over} more than there are`, {
    ...placeOf(layer),
    ...(layer ? { found: `%${layer.name} has the most constants, ${largest.bytes} bytes` } : {}),
    expected: `at most ${l3.budget} bytes`,
    help: "quantise weights to 4 or 2 bits, leave more in L2 with --l2, or make the network smaller",
  });
}
