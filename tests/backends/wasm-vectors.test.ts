import fc from "fast-check";
import { suite } from "../harness.js";
import { wideArbitrary, wideNames } from "./random-wide.js";
import { agrees } from "./wasm-agrees.js";

const test = suite("wasm vectors");

for (const name of wideNames) {
  test(`${name}, wide enough for vectors, agrees with the specification`, () =>
    fc.assert(
      fc.asyncProperty(wideArbitrary(name), (c) => agrees(c)),
      { numRuns: 20 },
    ));
}

test.run();
