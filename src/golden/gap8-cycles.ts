/** How fast a kernel is on gap8sim, beside the one that compile would take for the same layer. */
import { timeKernel } from "../backends/pulp/firmware/time-kernel.js";
import { costOf, macs } from "../ir/cost.js";
import { type Graph, isParam } from "../ir/graph.js";
import type { Binding } from "./binding.js";
import { compileCall } from "./calls.js";
import type { GoldenCase } from "./cases.js";
import type { Gap8Kernel, Gap8Profile } from "./gap8-runner.js";

/** One call of a kernel, its code in the instruction cache. */
export interface Speed {
  readonly vector: string;
  readonly profile: Gap8Profile;
  readonly cores: number;
  /** 0 for ops that multiply nothing. */
  readonly macs: number;
  readonly cycles: number;
  /** Where the data lay: in L1 if it fits. */
  readonly memory: "l1" | "l2";
  /** pulsec's own kernel on the same layer, data in L1; absent where it has none or the layer is too large. */
  readonly ours?: { readonly kernel: string; readonly cycles: number };
}

const workOf = ({ nodes }: GoldenCase): number => nodes.reduce((sum, n) => sum + costOf(macs, n), 0);
const sizeOf = ({ tensors }: GoldenCase): number =>
  [...tensors.values()].reduce((n, t) => n + t.data.length, 0);

/** The layers of a model, and the vector with the most work where there are none. */
export function worthTiming(cases: readonly GoldenCase[]): readonly GoldenCase[] {
  const layers = cases.filter((c) => !c.recipe);
  if (layers.length > 0) return layers;
  const more = (a: GoldenCase, b: GoldenCase) => workOf(b) - workOf(a) || sizeOf(b) - sizeOf(a);
  return cases.toSorted(more).slice(0, 1);
}

export interface TimingJob {
  readonly binding: Binding;
  readonly kernel: Gap8Kernel;
  readonly cases: readonly GoldenCase[];
  readonly cores: readonly number[];
  readonly profiles: readonly Gap8Profile[];
}

/** Cases that do not fit memory are left out. */
export async function speedsOf({
  binding,
  kernel,
  cases,
  cores,
  profiles,
}: TimingJob): Promise<readonly Speed[]> {
  const found: Speed[] = [];
  for (const golden of cases)
    for (const profile of profiles)
      for (const n of cores) {
        const call = compileCall(binding, { ...golden, setting: { ...golden.setting, cores: n } });
        const timed = kernel.time(call, profile);
        if (!timed) continue;
        const ours = await timeKernel(graphOf(golden), { cores: n, profile });
        const common = { vector: golden.name, profile, cores: n, macs: workOf(golden) };
        found.push({ ...common, ...timed, ...(ours ? { ours } : {}) });
      }
  return found;
}

function graphOf({ nodes }: GoldenCase): Graph {
  const made = new Set(nodes.map((n) => n.result));
  const inputs = nodes.flatMap((n) => n.operands).filter((v) => !isParam(v) && !made.has(v));
  const outputs = [nodes.at(-1)!.result];
  return { name: "golden", stage: "integer", inputs: [...new Set(inputs)], outputs, nodes };
}

const rate = (macs: number, cycles: number): string =>
  macs === 0 ? "" : `, ${(macs / cycles).toFixed(2)} MAC/cycle`;

/** A line for each. */
export function renderSpeeds(speeds: readonly Speed[]): string {
  return speeds
    .map(({ vector, profile, cores, macs, cycles, memory, ours }) => {
      const where = memory === "l1" ? "" : ", data in L2";
      const beside = ours
        ? `ours (${ours.kernel}) ${ours.cycles} cycles${rate(macs, ours.cycles)}`
        : "no kernel of ours to compare with: none takes this layer whole in L1";
      const team = cores === 1 ? "1 core" : `${cores} cores`;
      return `${vector}, ${team}, ${profile}: ${cycles} cycles${rate(macs, cycles)}${where}; ${beside}`;
    })
    .join("\n");
}
