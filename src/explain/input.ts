/** The diagnostics `input/...`. */
import { calledBetter, type Explanation, fixedIn } from "./explanation.js";

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
  {
    id: "input/sample-counts",
    title: "the arrays of a data set hold different numbers of samples",
    why: `Every inference needs one sample of each input, and one target where targets are given. Arrays hold samples along the first axis,
so arrays of different lengths were not cut from the same recordings. Targets that are class indices are one number for each sample.`,
    ...calledBetter(
      {
        "net.pir": `graph @net(%a: f32[Nx2], %b: f32[Nx2]) -> (%y: f32[Nx2]) stage float {
  %y = add %a, %b : f32[Nx2]
}
`,
        "a.csv": "1,2\n3,4\n",
        "b.csv": "5,6\n",
        "b2.csv": "5,6\n7,8\n",
      },
      "quantize net.pir --calibrate a=a.csv --calibrate b=b.csv",
      "quantize net.pir --calibrate a=a.csv --calibrate b=b2.csv",
    ),
  },
  {
    id: "input/samples",
    title: "an array does not hold a whole number of samples along its first axis",
    why: `Calibration data and data sets hold many inferences in one array: the first axis counts them, the others have the shape of the
graph's input (channels last, or as in the ONNX file). A recording is cut into windows of the model's length first.`,
    ...fixedIn("x.csv", "quantize net.pir --calibrate x.csv", "1,2,3\n", "1,2,3,4\n5,6,7,8\n", {
      "net.pir": `graph @net(%x: f32[Nx4]) -> (%y: f32[Nx4]) stage float {
  %y = relu %x : f32[Nx4]
}
`,
    }),
  },
  {
    id: "input/target",
    title: "--target names an output or an array that does not exist",
    why: `Outputs are compared with the array that has the output's name, or with the one that --target names: NAME where there is one output,
OUTPUT=NAME where there are several. A name that means nothing is a slip.`,
    ...calledBetter(
      {
        "net.pir": `graph @net(%x: f32[Nx2]) -> (%y: f32[Nx2]) stage float {
  %y = relu %x : f32[Nx2]
}
`,
        "data/x.csv": "1,2\n-3,4\n",
        "data/wanted.csv": "1,2\n0,4\n",
      },
      "evaluate net.pir --data data --target label",
      "evaluate net.pir --data data --target wanted",
    ),
  },
];
