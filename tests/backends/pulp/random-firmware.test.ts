/** Property: firmware of random networks gives what the specification gives, on the host under sanitizers and on gap8sim. */
import fc from "fast-check";
import { seed, suite } from "../../harness.js";
import { layerArbitrary, layerNames, networkArbitrary } from "../random-layers.js";
import { type Budgets, budgets, firmwareOf, wrongOnGap8, wrongOnHost } from "./random-firmware.js";
import { hasCrossCompiler, hasHostCompiler } from "./tools.js";

const test = suite("pulp: random firmware");
const run = hasCrossCompiler && hasHostCompiler ? test : test.skip;

/** Every case costs two compilers: few runs, each with several layers, and one counterexample is enough. */
const few = { seed, endOnFailure: true };

const agrees = async (c: Parameters<typeof firmwareOf>[0], b: Budgets): Promise<void> => {
  const project = await firmwareOf(c, b);
  if (!project) return;
  const wrong = (await wrongOnHost(project)) ?? (await wrongOnGap8(project));
  if (wrong) throw new Error(wrong);
};

run("networks of up to seven blocks, with one to eight cores and little memory", () =>
  fc.assert(fc.asyncProperty(networkArbitrary, budgets, agrees), { ...few, numRuns: 12 }),
);

run("single layers of any kind", () => {
  const any = fc.constantFrom(...layerNames).chain(layerArbitrary);
  return fc.assert(fc.asyncProperty(any, budgets, agrees), { ...few, numRuns: 16 });
});

test.run();
