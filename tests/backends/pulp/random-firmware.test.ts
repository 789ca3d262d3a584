/**
 * Property: firmware of random networks gives what the specification gives, on the host under sanitizers and on gap8sim.
 * `RUNS=50` draws fifty times as many; `SEED` other ones.
 */
import fc from "fast-check";
import { Refusal, renderDiagnostic } from "../../../src/ir/diagnostic.js";
import { seed, suite } from "../../harness.js";
import { type LayerCase, layerArbitrary, layerNames, networkArbitrary } from "../random-layers.js";
import { type Budgets, budgets, firmwareOf, wrongOnGap8, wrongOnHost } from "./random-firmware.js";
import { hasCrossCompiler, hasHostCompiler } from "./tools.js";

const test = suite("pulp: random firmware");
const run = hasCrossCompiler && hasHostCompiler ? test : test.skip;

const times = Number(process.env.RUNS ?? 1);
/** The simulator takes longest, and every case has been on the host before: one in so many. */
const simulated = 3;

interface Case {
  readonly network: LayerCase;
  readonly with: Budgets;
}

const said = (e: unknown): string =>
  e instanceof Refusal ? e.diagnostics.map((d) => renderDiagnostic(d)).join("\n") : `${(e as Error).stack}`;

async function agrees(c: Case, index: number): Promise<void> {
  const wrong = async () => {
    const project = await firmwareOf(c.network, c.with);
    if (!project) return undefined;
    return (await wrongOnHost(project)) ?? (index % simulated === 0 ? wrongOnGap8(project) : undefined);
  };
  const found = await wrong().catch(said);
  if (found) throw new Error(`seed ${seed}, case ${index}: ${found}\n${fc.stringify(c)}`);
}

/** Two at a time, as compilers are other processes. The first that is wrong is enough. */
async function all(network: fc.Arbitrary<LayerCase>, count: number): Promise<void> {
  const cases = fc.sample(fc.record({ network, with: budgets }), { seed, numRuns: count * times });
  let next = 0;
  const worker = async () => {
    while (next < cases.length) {
      const index = next++;
      await agrees(cases[index]!, index);
    }
  };
  await Promise.all([worker(), worker()]);
}

run("networks of up to seven blocks, with one to eight cores and little memory", () =>
  all(networkArbitrary, 10),
);

run("single layers of any kind", () => all(fc.constantFrom(...layerNames).chain(layerArbitrary), 16));

test.run();
