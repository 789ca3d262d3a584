/** Notes: where the import assumes something, or reads it differently from ONNX's letter. */
import type { Explanation } from "../explanation.js";
import { corrected } from "./model.js";

const sequence = "float[1, 2, 8] x => float[1, 2, 8] y";
const matrix = "float[4, 2] w = {0.5, 1, -1, 2, 3, 4, 0.25, 1}";

export const onnxAssumptions: readonly Explanation[] = [
  {
    id: "onnx/assumed-input",
    title: "An input is taken as u8, because nothing says what it is",
    why: "Tools keep integers in float tensors and rarely say how wide the input is. Say it with --input-type, with an integer element type in the file, with a configuration (input_bits), or with an example (--input).",
    ...corrected({ graph: sequence, nodes: ["y = Relu (x)"] }, { graph: sequence.replace("float", "int8") }),
  },
  {
    id: "onnx/border-average",
    title: "An average that leaves out the padding may differ by 1 from the exact one",
    why: "At the borders it divides by fewer elements than elsewhere; these divisions use factors of 15 bits. With count_include_pad = 1 all divisors are equal and the result is exact.",
    ...corrected(
      { graph: sequence, nodes: ["y = AveragePool <kernel_shape = [3], pads = [1, 1]> (x)"] },
      { nodes: ["y = AveragePool <kernel_shape = [3], pads = [1, 1], count_include_pad = 1> (x)"] },
      "--input-type u8",
    ),
  },
  {
    id: "onnx/fixed-batch",
    title: "The symbolic batch of a float network became 1",
    why: "Something in the network depends on how many samples there are: the note says what. Microcontrollers run one sample at a time, so nothing is lost there; training in batches needs a network whose nodes leave the first axis alone.",
    ...corrected(
      {
        graph: "float[N, 4] x => float[N, 2] y",
        weights: [matrix],
        nodes: ["h = MatMul (x, w)", "y = Softmax <axis = 0> (h)"],
      },
      { nodes: ["h = MatMul (x, w)", "y = Softmax <axis = 1> (h)"] },
    ),
  },
  {
    id: "onnx/float-tail",
    title: "The network ends in float operators: they became a second graph, @tail",
    why: "Softmax, LogSoftmax, Sigmoid and Tanh on the last integers have no integer meaning. The integer graph ends before them; run --tail computes the rest in float. A classifier often does without: the largest integer is the class.",
    ...corrected(
      {
        graph: "uint8[1, 4] x => float[1, 2] y",
        weights: ["float[4, 2] w = {1, 2, 3, 4, 5, 6, 7, 8}"],
        nodes: ["h = MatMul (x, w)", "y = Softmax (h)"],
      },
      { nodes: ["y = MatMul (x, w)"] },
    ),
  },
  {
    id: "onnx/float-width",
    title: "Elements of another float type are computed as f32",
    why: "There is one float type here. f16 and bf16 fit into it, so only rounding between layers differs; f64 loses digits that networks do not need. Export in float32 to compare results digit by digit.",
    ...corrected(
      {
        graph: "float16[1, 4] x => float16[1, 2] y",
        weights: [matrix],
        nodes: ["y = MatMul (x, w)"],
      },
      { graph: "float[1, 4] x => float[1, 2] y" },
    ),
  },
  {
    id: "onnx/implicit-floor",
    title: "The file divides and never says how the quotient is rounded: it is floored",
    why: "Integer kernels shift, which is floor, and the tools that write such files mean just that. Write a Floor behind the Div to make the file say what is computed.",
    ...corrected(
      { graph: sequence, weights: ["float k = {4}"], nodes: ["d = Div (x, k)", "y = Relu (d)"] },
      { nodes: ["d = Div (x, k)", "f = Floor (d)", "y = Relu (f)"] },
      "--input-type i8",
    ),
  },
  {
    id: "onnx/implied-rounding",
    title: "The file takes a mean and never says how it is rounded: to the nearest, halves up",
    why: "That is what Deeploy computes, the tool that leaves it unwritten. Write ReduceSum, Div and Floor to say another rounding.",
    ...corrected(
      {
        graph: "uint8[1, 2, 8] x => float[1, 2] y",
        nodes: ["y = ReduceMean <axes = [2], keepdims = 0> (x)"],
      },
      {
        weights: ["int64[1] axes = {2}", "float count = {8}"],
        nodes: ["s = ReduceSum <keepdims = 0> (x, axes)", "d = Div (s, count)", "y = Floor (d)"],
      },
    ),
  },
  {
    id: "onnx/linear-resize",
    title: "Linear interpolation of integers is rounded, where the file leaves a float",
    why: "Weights have 15 bits and halves go up, after each axis. Nothing has to be done; the network should be evaluated with these integers. Nearest is exact.",
    ...corrected(
      {
        graph: "uint8[1, 2, 4] x => float[1, 2, 8] y",
        weights: ["float[3] scales = {1, 1, 2}"],
        nodes: ['y = Resize <mode = "linear"> (x, "", scales)'],
      },
      {
        nodes: [
          'y = Resize <mode = "nearest", coordinate_transformation_mode = "asymmetric", nearest_mode = "floor"> (x, "", scales)',
        ],
      },
    ),
  },
  {
    id: "onnx/rounded-divisor",
    title: "A divisor 2^n - 1 is read as 2^n",
    why: "NEMO's exporter writes 2^n - 1 where it means a shift by n, and DORY reads it as the shift. Write the power of two to have no doubt.",
    ...corrected(
      {
        graph: sequence,
        weights: ["float m = {900}", "float k = {65535}"],
        nodes: ["p = Mul (x, m)", "d = Div (p, k)", "y = Floor (d)"],
      },
      { weights: ["float m = {900}", "float k = {65536}"] },
      "--input-type u8",
    ),
  },
  {
    id: "onnx/stays-float",
    title: "A quantised network does not become an integer graph: one of its nodes computes on floats",
    why: "Between two roundings there may be sums, products, moves and functions of one byte; the named node is none of these, or it reads what no QuantizeLinear has rounded. The network comes in as floats and runs on engine float. With --network integer this is an error. Softmax at the end is no obstacle: it becomes the float tail.",
    ...corrected(
      {
        graph: "float[1, 4] x => uint8[1, 4] y",
        weights: ["float s = {0.1}", "uint8 z = {3}"],
        nodes: [
          "a = QuantizeLinear (x, s, z)",
          "b = DequantizeLinear (a, s, z)",
          "c = Softmax (b)",
          "y = QuantizeLinear (c, s, z)",
        ],
      },
      {
        nodes: [
          "a = QuantizeLinear (x, s, z)",
          "b = DequantizeLinear (a, s, z)",
          "c = Relu (b)",
          "y = QuantizeLinear (c, s, z)",
        ],
      },
    ),
  },
  {
    id: "onnx/truncation",
    title: "The file rounds negative quotients toward zero: they are floored",
    why: "Div of integer tensors truncates in ONNX, but the goldens of NEMO and DORY, and a shift, floor. Divide float tensors and write Floor, or make sure that no negative quotient is left (Relu).",
    ...corrected(
      { graph: "int8[1, 4] x => int8[1, 4] y", weights: ["int8 k = {4}"], nodes: ["y = Div (x, k)"] },
      { nodes: ["d = Div (x, k)", "y = Relu (d)"] },
    ),
  },
];
