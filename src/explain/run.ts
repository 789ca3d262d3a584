/** The diagnostics `run/...`. */
import { calledBetter, type Explanation, fixedIn } from "./explanation.js";

const main = `graph @net(%x: u8[1x4]) -> (%y: u8[1x4]) stage integer {
  %y = relu %x : u8[1x4]
}
`;
const tail = (input: string) => `
graph @tail(%${input}: f32[1x4]) -> (%p: f32[1x4]) stage float {
  %p = softmax %${input} : f32[1x4]
}
`;
export const runExplanations: readonly Explanation[] = [
  {
    id: "run/no-tail",
    title: "--tail is asked of a model that has no float graph @tail",
    why: `Import splits a network that ends in float operators into the integer graph that is compiled and a float graph @tail behind it; --tail
runs both. This model has only one graph, or a float one that needs no tail. Leave --tail out.`,
    ...calledBetter({ "net.pir": main }, "run net.pir --tail", "run net.pir"),
  },
  {
    id: "run/tail-input",
    title: "the float graph @tail reads a value that the first graph does not give",
    why: `Each input of @tail has the name of the output that it continues. Files that import writes keep to that; in one edited by hand an output
was renamed or dropped on one side only.`,
    ...fixedIn("net.pir", "run net.pir --tail", main + tail("z"), main + tail("y")),
  },
];
