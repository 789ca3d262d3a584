import fc from "fast-check";
import { kernels } from "../../src/backends/wasm/index.js";
import { suite } from "../harness.js";
import { layerArbitrary, layerNames, networkArbitrary } from "./random-layers.js";
import { agrees } from "./wasm-agrees.js";

const test = suite("wasm kernels");

for (const name of layerNames) {
  test(`${name} agrees with the specification`, () =>
    fc.assert(
      fc.asyncProperty(layerArbitrary(name), (c) => agrees(c)),
      { numRuns: 25 },
    ));
}
test("networks agree with the specification", () =>
  fc.assert(
    fc.asyncProperty(networkArbitrary, (c) => agrees(c)),
    { numRuns: 40 },
  ));
test("networks agree where the host evaluates some of the nodes", () =>
  fc.assert(fc.asyncProperty(networkArbitrary, fc.subarray([...kernels]), agrees), { numRuns: 20 }));

test.run();
