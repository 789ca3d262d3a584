/** Models that cannot be read, or that leave open what they compute on. */
import { type Explanation, fixedIn } from "../explanation.js";
import { corrected, onnxText } from "./model.js";

const flat = "uint8[1, 4] x => float[1, 4] y";
const relu = onnxText({ graph: flat, nodes: ["y = Relu (x)"] });

/** y = Relu (x) on u8[1x4], as a protobuf. */
const tiny = {
  about: "one Relu on a u8[1x4], as onnx.save writes it",
  hex: "08083a3d0a0c0a0178120179220452656c7512036e65745a130a0178120e0a0c080212080a0208010a02080462130a0179120e0a0c080212080a0208010a02080442040a001011",
};

export const onnxFiles: readonly Explanation[] = [
  {
    id: "onnx/config",
    title: "The configuration beside the model gives an input storage that does not exist",
    why: "DORY's and PLiNIO's configurations say how wide the inputs are, in input_bits and input_signed. Inputs have 2, 4, 8, 16 or 32 bits.",
    ...fixedIn(
      "config.json",
      "check net.onnxtxt --dory-config config.json",
      '{ "BNRelu_bits": 32, "input_bits": 7, "input_signed": false }\n',
      '{ "BNRelu_bits": 32, "input_bits": 8, "input_signed": false }\n',
      { "net.onnxtxt": onnxText({ graph: "float[1, 4] x => float[1, 4] y", nodes: ["y = Relu (x)"] }) },
    ),
  },
  {
    id: "onnx/dynamic-shape",
    title: "A size is not known before the network runs",
    why: "Memory on a microcontroller is planned while compiling, so every size but the batch must be a number. Export with static shapes (without dynamic_axes), or set the sizes with onnx.tools.update_model_dims.",
    ...corrected(
      { graph: "uint8[N, 2, length] x => float[N, 2, length] y", nodes: ["y = Relu (x)"] },
      { graph: "uint8[N, 2, 64] x => float[N, 2, 64] y" },
    ),
  },
  {
    id: "onnx/dynamic-weights",
    title: "The weights of a layer are computed while the network runs",
    why: "Weights lie in flash, already in the order and width that kernels want, so they must be constants of the file. Fold constants when exporting; a layer whose weights come from another tensor (attention, hypernetworks) is outside the op set.",
    ...corrected(
      { graph: "uint8[1, 2, 4] x => float[1, 1, 1] y", nodes: ["y = Conv (x, x)"] },
      { weights: ["float[1, 2, 4] w = {1, 2, 3, 4, 5, 6, 7, 8}"], nodes: ["y = Conv (x, w)"] },
    ),
  },
  {
    id: "onnx/element-type",
    title: "A constant is of an element type that is not read",
    why: "Constants may be integers of 2 to 64 bits, bool, and floats of 16, 32 and 64 bits. Convert others (8-bit floats, complex numbers, texts) before exporting.",
    ...corrected(
      {
        graph: "uint8[1, 1, 4] x => float[1, 1, 4] y",
        weights: ["float8e4m3fn[1, 1, 1] w = {56}"],
        nodes: ["y = Conv (x, w)"],
      },
      { weights: ["int8[1, 1, 1] w = {1}"] },
    ),
  },
  {
    id: "onnx/external-data",
    title: "A tensor is stored in another file that cannot be read",
    why: "Large models keep their weights beside the .onnx file, under a relative path. The file must be there, hold as many bytes as the model says, and lie in the model's folder: a path out of it is refused, because a model from elsewhere must not read your files.",
    ...fixedIn(
      "net.onnxtxt",
      "check net.onnxtxt",
      onnxText({
        graph: "uint8[1, 1, 4] x => float[1, 1, 4] y",
        weights: ['int8[1, 1, 1] w = ["location": "../weights.bin"]'],
        nodes: ["y = Conv (x, w)"],
      }),
      onnxText({
        graph: "uint8[1, 1, 4] x => float[1, 1, 4] y",
        weights: ['int8[1, 1, 1] w = ["location": "weights.bin"]'],
        nodes: ["y = Conv (x, w)"],
      }),
      { "weights.bin": { about: "one weight, 3", hex: "03" } },
    ),
  },
  {
    id: "onnx/malformed",
    title: "The file is no ONNX model, or it is cut off",
    why: "An .onnx file is a protobuf with a graph of at least one node. What looks like one may be the pointer of git-lfs, an error page that was saved, or a download that broke off: look at its size and its first bytes. Models as text end in .onnxtxt.",
    wrong: {
      files: {
        "net.onnx":
          "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22e\n",
      },
      command: "check net.onnx",
    },
    right: { files: { "net.onnx": tiny }, command: "check net.onnx" },
  },
  {
    id: "onnx/opset",
    title: "The model uses an operator set that is too old, or names none",
    why: "Before opset 7 operators had other attributes and broadcasting rules (float networks are read from 6 on). Export again with a newer opset, or convert the file with onnx.version_converter.",
    ...corrected({ graph: flat, nodes: ["y = Relu (x)"], opset: 5 }, { opset: 13 }),
  },
  {
    id: "onnx/output",
    title: "An output of the graph is computed by no node, or is a constant",
    why: "Either its name is misspelt, or the nodes that compute it were cut away, or everything before it is known while importing. Name a tensor that depends on an input.",
    ...corrected({ graph: "uint8[1, 4] x => float[1, 4] out", nodes: ["y = Relu (x)"] }, { graph: flat }),
  },
  {
    id: "onnx/sample",
    title: "The example of an input holds numbers that its integers cannot be",
    why: "From an example the importer sees how wide the input is, so it must hold what the network is fed: integers, after normalisation and quantisation, not the floats before.",
    ...fixedIn("x.csv", "check net.onnxtxt --input x.csv", "0.1,0.7,0.2,0.4\n", "13,90,26,51\n", {
      "net.onnxtxt": onnxText({ graph: "float[1, 4] x => float[1, 4] y", nodes: ["y = Relu (x)"] }),
    }),
  },
  {
    id: "onnx/syntax",
    title: "A model in ONNX's textual syntax has a syntax error",
    why: "The syntax is the one of onnx.parser and onnx.printer (docs/Syntax.md of the ONNX repository). After a mistake in a node reading goes on with the next, so several are told at once. Names with dots or slashes stand in quotes.",
    ...fixedIn("net.onnxtxt", "check net.onnxtxt", relu.replace("(x)\n}", "(x\n}"), relu),
  },
  {
    id: "onnx/tensor-data",
    title: "A tensor does not hold as many elements as its shape says, or elements out of range",
    why: "Shape and data contradict each other: the file is damaged, or was written by a script that changed one without the other.",
    ...corrected(
      {
        graph: "uint8[1, 1, 4] x => float[1, 1, 2] y",
        weights: ["int8[1, 1, 3] w = {1, -2}"],
        nodes: ["y = Conv (x, w)"],
      },
      { weights: ["int8[1, 1, 3] w = {1, -2, 1}"] },
    ),
  },
  {
    id: "onnx/undefined-tensor",
    title: "A node reads a tensor that nothing before it computes",
    why: "Nodes stand in the order in which they compute. The name is misspelt, its node comes later, or the tensor belonged to a part of the model that was cut away.",
    ...corrected(
      { graph: flat, nodes: ["hidden = Relu (x)", "y = Neg (hiden)"] },
      { nodes: ["hidden = Relu (x)", "y = Neg (hidden)"] },
    ),
  },
];
