import fc from "fast-check";
import { suite } from "../harness.js";
import { agrees } from "./onnx-check.js";
import { randomNetwork } from "./onnx-random.js";

const test = suite("onnx: random networks");

test("every mapped tensor of a random network equals the reference evaluator", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), fc.integer({ min: 1, max: 8 }), async (seed, length) => {
      const { model, input } = randomNetwork(seed, length);
      await agrees(model, { x: input });
    }),
    { numRuns: 150 },
  );
});

test.run();
