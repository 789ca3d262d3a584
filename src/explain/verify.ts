/** The diagnostics `verify/...`. */
import { calledBetter, type Explanation } from "./explanation.js";

export const verifyExplanations: readonly Explanation[] = [
  {
    id: "verify/not-integer",
    title: "A network with floats cannot be compared bit for bit",
    why: "`verify` holds engines to the same bytes, which is a promise about integers only: sums of floats depend on their order. `pulsec run` gives the values of a float network; verify it once it is quantised.",
    ...calledBetter(
      {
        "net.pir": `graph @main(%x: f32[1x4]) -> (%y: f32[1x4]) stage float {
  %y = relu %x : f32[1x4]
}
`,
      },
      "verify net.pir",
      "run net.pir",
    ),
  },
];
