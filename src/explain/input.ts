/** The diagnostics `input/...`. */
import { calledBetter, type Explanation } from "./explanation.js";

const files = {
  "net.pir": `graph @net(%a: i8[1x4x1], %b: i8[1x4x1]) -> (%y: i32[1x4x1]) stage integer {
  %y = add %a, %b : i32[1x4x1]
}
`,
  "a.txt": "1\n2\n3\n4\n",
  "b.txt": "5\n6\n7\n8\n",
};

export const inputExplanations: readonly Explanation[] = [
  {
    id: "input/count",
    title: "there are more or fewer input files than the graph has inputs",
    why: `Without names, files feed the inputs in the graph's order, so one too few or too many means that some feed the wrong one. Give one file
per input. With names (--input a=a.txt) the order does not matter; an .npz may hold all of them.`,
    ...calledBetter(files, "run net.pir --input a.txt", "run net.pir --input a.txt --input b.txt"),
  },
  {
    id: "input/name",
    title: "--input names an input that the graph does not have, or names one twice",
    why: `A name in front of the file says which input it feeds: one of the graph, or the name that the input has in the ONNX file. A name that
means none is a slip, so the file is not taken by its position instead.`,
    ...calledBetter(
      files,
      "run net.pir --input a=a.txt --input c=b.txt",
      "run net.pir --input a=a.txt --input b=b.txt",
    ),
  },
];
