/** The diagnostics `quant/...`: networks that cannot be made integers as they are. */
import { calledBetter, type Explanation, fixedIn } from "./explanation.js";
import { floatMirror } from "./own-op.js";

const linear = (weights: string): string => `param @w : f32[1x2] = ${weights}

graph @main(%x: f32[Nx2]) -> (%y: f32[Nx1]) stage float {
  %y = linear %x, @w : f32[Nx1]
}
`;
const ranges = `range @main %x = [-1, 1]
range @main %y = [-2, 2]
`;
const net = linear("[0.5, -0.25]");
const withRanges = { "net.pir": `${ranges}\n${net}` };
const opt = (passes: string): string => `opt net.pir --passes ${passes}`;
const calibrated = "quantize net.pir --calibrate x.csv";
const data = { "x.csv": "1,2\n-3,4\n" };

const normed = `param @beta : f32[1] = [0]
param @gamma : f32[1] = [1]
param @mean : f32[1] = [0]
param @var : f32[1] = [1]

range @main %x = [-1, 1]
range @main %y = [-1, 1]

graph @main(%x: f32[Nx4x1]) -> (%y: f32[Nx4x1]) stage float {
  %y = batchnorm %x, @gamma, @beta, @mean, @var : f32[Nx4x1]
}
`;
const deployed = (file: string): string => `model net {
  input x: [2]
  output y = x |> linear(1)
}
deploy net to gap8 { calibrate "${file}" }
`;
const bent = (alpha: string): string => `param @alpha : f32[1] = [${alpha}]
param @w : f32[1x2] = [0.5, -0.25]

graph @main(%x: f32[Nx2]) -> (%y: f32[Nx1]) stage float {
  %a = linear %x, @w : f32[Nx1]
  %y = prelu %a, @alpha : f32[Nx1]
}
`;

export const quantExplanations: readonly Explanation[] = [
  {
    id: "quant/bits",
    title: "A width in bits was asked for that integers here do not have",
    why: "Weights and activations have 8, 4 or 2 bits: the widths that kernels are written for.",
    ...calledBetter(withRanges, opt("to-integer{weights=5}"), opt("to-integer{weights=4}")),
  },
  {
    id: "quant/bits-file",
    title: "A file of bits by layer cannot be read",
    why: "The file given to --bits is a JSON object: a layer's name, and the bits of its weights, or both bits of weights and of activations. `pulsec quantize --report FILE.html` lists the layers by the names that are meant.",
    ...fixedIn(
      "bits.json",
      "quantize net.pir --bits bits.json",
      '{"y": "four"}\n',
      '{"y": {"weights": 4}}\n',
      {
        "net.pir": net,
      },
    ),
  },
  {
    id: "quant/budget",
    title: "The weights do not fit the budget, not even at the fewest bits",
    why: "`--budget` takes bits from the layers where that costs least accuracy. Counted are weights, biases, multipliers, offsets and shifts, sub-byte weights packed; activations are not. Where every layer is at the fewest bits and the network is still too large, only fewer channels or a larger budget help. The exit code is 4.",
    ...calledBetter({ "net.pir": net }, "quantize net.pir --budget 8B", "quantize net.pir --budget 64B"),
  },
  {
    id: "quant/manifest",
    title: "A manifest (.json) stands where arrays are read",
    why: "Calibration and test data are arrays with samples along the first axis: .npz with one array for each input, .npy, .csv or .txt. A manifest that lists recordings is read by training, not here. Name an array file in the deploy section, or give one with --calibrate or --test.",
    ...fixedIn("net.pulse", "quantize net.pulse", deployed("cohort.json"), deployed("windows.csv"), {
      "windows.csv": "1,2\n-3,4\n",
    }),
  },
  {
    id: "quant/no-range",
    title: "A value's range is not known, so its scale cannot be chosen",
    why: "The scale of an activation follows from the smallest and largest value it takes. The pass calibrate measures them on data (`pulsec quantize --calibrate` runs it), and `range` lines in the text keep them.",
    ...fixedIn("net.pir", opt("to-integer"), net, `${ranges}\n${net}`),
  },
  {
    id: "quant/no-samples",
    title: "A pass wants to measure the network on data, and none was given",
    why: "Ranges, and statistics of norms, come from typical inputs: some hundred of them. Give a file with --calibrate; random data gives random ranges.",
    ...calledBetter({ "net.pir": net, ...data }, opt("calibrate"), calibrated),
  },
  {
    id: "quant/norm",
    title: "A norm is left that has no place in an integer graph",
    why: "Norms with fixed statistics vanish into the convolution before them, or become a convolution of their own; norms that measure each input have no integer meaning. The help line names the pass to run. The pipeline of `pulsec quantize` has those that keep the function.",
    ...calledBetter({ "net.pir": normed }, opt("to-integer"), opt("norm-to-conv,to-integer")),
  },
  {
    id: "quant/not-finite",
    title: "A value becomes infinite or no number on the calibration data",
    why: "A range with infinity gives no scale. Some weight, or some sample, is far out of proportion, or the network divides by zero. `pulsec run --dump-layers` shows the first value that is not finite.",
    ...fixedIn("net.pir", calibrated, linear("[3e38, -0.25]"), net, data),
  },
  {
    id: "quant/overflow",
    title: "The slopes of a prelu are too steep for sums of 32 bits",
    why: "An integer prelu multiplies the sum by its slope, and the product must fit into 32 bits, whatever the input. Make the slopes or the sum smaller; slopes far above 1 are mostly a sign of training that diverged.",
    ...fixedIn("net.pir", calibrated, bent("1e9"), bent("0.25"), data),
  },
  {
    id: "quant/rule",
    title: "An op of your own does not say how it becomes integers, or says it wrongly",
    why: 'The record of an op with an integer meaning states how to reach it from floats: `quantise: "sum"` where `int` gives i32 with a scale of its own, `"same"` where the result has the type of the operand, `{ table }` for a function of each element by itself. An op that fits none of them is rewritten into others by a pass of yours before `to-integer`.',
    wrong: { files: floatMirror(""), command: opt("to-integer") },
    right: { files: floatMirror('quantise: "same",'), command: opt("to-integer") },
  },
  {
    id: "quant/unknown-layer",
    title: "Bits were given for a layer that the network does not have",
    why: "A layer is named by its sum or by the activation that comes of it; the message has a guess or lists the layers. `pulsec check` and the printed IR show the names.",
    ...calledBetter(withRanges, opt("'to-integer{layers=\"z=4\"}'"), opt("'to-integer{layers=\"y=4\"}'")),
  },
];
