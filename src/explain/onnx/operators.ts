/** Operators and forms of them that are outside the op set, or that are written wrongly. */
import type { Explanation } from "../explanation.js";
import { corrected } from "./model.js";

const sequence = "uint8[1, 2, 8] x => float[1, 2, 8] y";

export const onnxOperators: readonly Explanation[] = [
  {
    id: "onnx/attribute",
    title: "An attribute of a node is missing, of another kind, or has a value that means nothing",
    why: "What the node computes depends on it, so nothing is guessed. The message names the attribute and the node. Exporters write these attributes; a model that lacks them was mostly edited by hand or by a script.",
    ...corrected(
      { graph: sequence, nodes: ["y = MaxPool (x)"] },
      { nodes: ["y = MaxPool <kernel_shape = [2]> (x)"] },
    ),
  },
  {
    id: "onnx/ceil-mode",
    title: "ceil_mode makes windows of an average hang over the end of the data",
    why: "Such a window averages fewer elements than the others and would need a divisor of its own. Export the pool with ceil_mode = 0 (the default of PyTorch), or choose a length that the stride divides. Where ceil_mode adds no window it is accepted.",
    ...corrected(
      {
        graph: "uint8[1, 2, 7] x => float[1, 2, 4] y",
        nodes: ["y = AveragePool <kernel_shape = [2], strides = [2], ceil_mode = 1> (x)"],
      },
      { nodes: ["y = AveragePool <kernel_shape = [2], strides = [2]> (x)"] },
    ),
  },
  {
    id: "onnx/dilated-average",
    title: "An average over a window with gaps is not read in integer networks",
    why: "The op avgpool has no dilation. Average over a window without gaps, or write the average as a depthwise Conv whose weights are equal.",
    ...corrected(
      {
        graph: sequence,
        nodes: ["y = AveragePool <kernel_shape = [2], dilations = [2]> (x)"],
        opset: 19,
      },
      { nodes: ["y = AveragePool <kernel_shape = [2]> (x)"] },
    ),
  },
  {
    id: "onnx/gather",
    title: "Gather takes one constant index in integer networks",
    why: "With one index it is a slice. Several indices at equal distances are a Slice with steps; others are slices that a Concat joins.",
    ...corrected(
      {
        graph: "uint8[1, 2, 8] x => float[1, 2, 3] y",
        weights: ["int64[3] at = {0, 2, 4}"],
        nodes: ["y = Gather <axis = 2> (x, at)"],
      },
      {
        weights: ["int64[1] start = {0}", "int64[1] end = {5}", "int64[1] axis = {2}", "int64[1] step = {2}"],
        nodes: ["y = Slice (x, start, end, axis, step)"],
      },
    ),
  },
  {
    id: "onnx/operands",
    title: "A node reads operands that its operator cannot take together",
    why: "The message says which operand is missing or does not fit, and the place lists all of them with element types and shapes. Mostly two layers do not belong together: channels or groups that differ from what the weights expect.",
    ...corrected(
      {
        graph: "uint8[1, 2, 4] x => float[1, 1, 4] y",
        weights: ["float[1, 3, 1] w = {1, 2, 3}"],
        nodes: ['["mix"] y = Conv (x, w)'],
      },
      { weights: ["float[1, 2, 1] w = {1, 2}"] },
    ),
  },
  {
    id: "onnx/outputs",
    title: "A further output of a node is used that pulsec does not compute",
    why: "Positions of maxima and masks have no op of their own. Leave the output out where nothing reads it; a network that needs it (MaxUnpool) must be changed before it is trained.",
    ...corrected(
      {
        graph: "uint8[1, 2, 8] x => float[1, 2, 4] y",
        nodes: ["y, where = MaxPool <kernel_shape = [2], strides = [2]> (x)"],
      },
      { nodes: ["y = MaxPool <kernel_shape = [2], strides = [2]> (x)"] },
    ),
  },
  {
    id: "onnx/pad",
    title: "Pad has a mode or axes that integer networks cannot have",
    why: "Length, height and width can be padded with zeros (constant), the element at the edge (edge) or mirrored ones (reflect). Use one of these modes; padding of every axis at once is done in two steps.",
    ...corrected(
      {
        graph: "uint8[1, 2, 8] x => float[1, 2, 10] y",
        weights: ["int64[6] pads = {0, 0, 1, 0, 0, 1}"],
        nodes: ['y = Pad <mode = "wrap"> (x, pads)'],
      },
      { nodes: ['y = Pad <mode = "edge"> (x, pads)'] },
    ),
  },
  {
    id: "onnx/rank",
    title: "A window or a product is applied to data of a rank that it does not have here",
    why: "Convolutions, pools and pads work on N x C x L or N x C x H x W, products on matrices. Reshape the data, or split a 3-D window into 2-D ones before training.",
    ...corrected(
      {
        graph: "uint8[1, 1, 4, 4, 4] x => float[1, 1, 3, 3, 3] y",
        nodes: ["y = MaxPool <kernel_shape = [2, 2, 2]> (x)"],
      },
      {
        graph: "uint8[1, 4, 4, 4] x => float[1, 4, 3, 3] y",
        nodes: ["y = MaxPool <kernel_shape = [2, 2]> (x)"],
      },
    ),
  },
  {
    id: "onnx/resize",
    title: "Resize has a mode that integer networks do not compute",
    why: "Integers are repeated (nearest) or interpolated linearly with weights of 15 bits; other modes and ways to count positions would give other numbers than the file means. Nearest by whole factors, counted asymmetrically, is exact.",
    ...corrected(
      {
        graph: "uint8[1, 2, 4] x => float[1, 2, 8] y",
        weights: ["float[3] scales = {1, 1, 2}"],
        nodes: ['y = Resize <mode = "cubic"> (x, "", scales)'],
      },
      {
        nodes: [
          'y = Resize <mode = "nearest", coordinate_transformation_mode = "asymmetric", nearest_mode = "floor"> (x, "", scales)',
        ],
      },
    ),
  },
  {
    id: "onnx/shape",
    title: "Shapes do not fit together",
    why: "Sizes of operands contradict each other, an axis does not exist, or a reshape changes the number of elements. The place lists the operands with their shapes, as they are at that point; follow the branch upwards to the node that makes the wrong one.",
    ...corrected(
      {
        graph: "uint8[1, 4] x => float[1, 2] y",
        weights: ["float[3, 2] w = {1, 2, 3, 4, 5, 6}"],
        nodes: ["y = MatMul (x, w)"],
      },
      { weights: ["float[4, 2] w = {1, 2, 3, 4, 5, 6, 7, 8}"] },
    ),
  },
  {
    id: "onnx/unsupported",
    title: "The model uses operators, or forms of them, that pulsec does not have",
    why: "All of them are told at once, each with the first node that uses it. The reference page of ONNX coverage lists what is read. Replace the operator by one of these, or end the model before it and compute the rest in your own code.",
    ...corrected(
      { graph: sequence, nodes: ['["act"] y = Relu6 (x)'] },
      {
        weights: ["float lo = {0}", "float hi = {6}"],
        nodes: ['["act"] y = Clip (x, lo, hi)'],
      },
    ),
  },
];
