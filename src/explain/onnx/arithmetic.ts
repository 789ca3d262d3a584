/** Arithmetic of integer networks that has no exact integer meaning. */
import type { Explanation } from "../explanation.js";
import { corrected } from "./model.js";

const sequence = "uint8[1, 2, 4] x => float[1, 2, 4] y";
const scale = (by: string, weight = "1") => [
  `float k = {${by}}`,
  `float[1, 2, 1] w = {${weight}, ${weight}}`,
];

export const onnxArithmetic: readonly Explanation[] = [
  {
    id: "onnx/cast",
    title: "A cast to a narrow type may lose values, or has no integer meaning",
    why: "What a Cast makes of values outside its type is not defined in ONNX, and pulsec proves that some can be outside. Put a Clip before the Cast, which also says how the value saturates; casts to int32 and wider are always accepted.",
    ...corrected(
      { graph: sequence, weights: ["float k = {4}"], nodes: ["m = Mul (x, k)", "y = Cast <to = 2> (m)"] },
      {
        weights: ["float k = {4}", "float lo = {0}", "float hi = {255}"],
        nodes: ["m = Mul (x, k)", "c = Clip (m, lo, hi)", "y = Cast <to = 2> (c)"],
      },
    ),
  },
  {
    id: "onnx/constant-range",
    title: "A constant does not fit the widest storage that its place allows",
    why: "Weights have at most 16 bits and biases 32. Numbers beyond that are mostly float weights that were scaled twice, or not rounded to the bits that the quantiser was asked for.",
    ...corrected(
      {
        graph: "uint8[1, 1, 4] x => float[1, 1, 4] y",
        weights: ["float[1, 1, 1] w = {100000}"],
        nodes: ["y = Conv (x, w)"],
      },
      { weights: ["float[1, 1, 1] w = {100}"] },
    ),
  },
  {
    id: "onnx/constant-shape",
    title: "A multiplier or offset varies along more than one axis",
    why: "A requantisation has one multiplier and one offset for the whole tensor, or one per channel. Give one number, or as many as there are channels.",
    ...corrected(
      {
        graph: sequence,
        weights: ["float[1, 2, 4] mul = {1, 2, 3, 4, 5, 6, 7, 8}", "float add = {0}"],
        nodes: ["y = RequantShift <div = 256, n_levels = 256, signed = 0> (x, mul, add)"],
      },
      { weights: ["float[1, 2, 1] mul = {1, 2}", "float add = {0}"] },
    ),
  },
  {
    id: "onnx/division-by-zero",
    title: "A node divides by a constant that holds a zero",
    why: "There is no integer that the result could be. A zero among divisors is mostly a channel whose scale vanished in training: remove the channel, or give it the scale 1.",
    ...corrected(
      { graph: sequence, weights: ["float k = {0}"], nodes: ["d = Div (x, k)", "y = Floor (d)"] },
      { weights: ["float k = {4}"] },
    ),
  },
  {
    id: "onnx/divisor",
    title: "A node divides by something that is not one number, or one per channel",
    why: "Integer networks divide by constants only: such a division becomes a multiplication and a shift. Divide by one number or one per channel; a division of one tensor by another has no integer form here.",
    ...corrected(
      { graph: sequence, nodes: ["d = Div (x, x)", "y = Floor (d)"] },
      { weights: ["float k = {4}"], nodes: ["d = Div (x, k)", "y = Floor (d)"] },
    ),
  },
  {
    id: "onnx/float-network",
    title: "A network of integers computes with a number that is no integer and no fixed-point fraction",
    why: "Fractions with up to 16 significant bits (0.5, 0.125) are multiplications and shifts; others are not, and rounding them would change the network. Let the quantiser write multipliers and shifts, or keep the fraction behind the last integer layer, where it becomes the float tail.",
    ...corrected(
      { graph: sequence, weights: scale("0.123"), nodes: ["m = Mul (x, k)", "y = Conv <group = 1> (m, w)"] },
      { weights: scale("0.125") },
    ),
  },
  {
    id: "onnx/inexact-division",
    title: "A division has no exact multiplication and shift in 64 bits",
    why: "pulsec replaces a division by a multiplication and a shift only where both give the same integer for every value that can occur. With a wide operand and an odd divisor that can take more than 64 bits. Divide by a power of two, or clip the operand to a narrower range before.",
    ...corrected(
      {
        graph: "float[1, 4] x => float[1, 4] y",
        weights: ["float m = {16777199}", "float k = {16777213}"],
        nodes: ["p = Mul (x, m)", "d = Div (p, k)", "y = Floor (d)"],
      },
      { weights: ["float m = {16777199}", "float k = {16777216}"] },
      "--input-type i32",
    ),
  },
  {
    id: "onnx/rounding",
    title: "A mean of signed integers rounds halves away from zero, which no multiplication and shift does",
    why: "Means in files without a word on rounding are read as Deeploy computes them, where halves go away from zero; for negative numbers that differs from adding one half and shifting. Sum instead, and say the rounding: ReduceSum, Div, Floor.",
    ...corrected(
      {
        graph: "int8[1, 2, 8] x => float[1, 2, 1] y",
        nodes: ["y = ReduceMean <axes = [2], keepdims = 1> (x)"],
      },
      {
        weights: ["int64[1] axes = {2}", "float count = {8}"],
        nodes: ["s = ReduceSum <keepdims = 1> (x, axes)", "d = Div (s, count)", "y = Floor (d)"],
      },
    ),
  },
  {
    id: "onnx/wide-operand",
    title: "A layer reads integers that may need more than 16 bits",
    why: "Convolutions and products take operands of at most 16 bits, so that their sums fit 32. The interval in the message is what the values can be; requantise them before this layer, with a multiplication, a shift and a Clip.",
    ...corrected(
      {
        graph: "uint8[1, 2, 4] x => float[1, 1, 4] y",
        weights: scale("4000", "99"),
        nodes: ["m = Mul (x, k)", "y = Conv (m, w)"],
      },
      {
        weights: [...scale("4000", "99"), "float lo = {0}", "float hi = {255}"],
        nodes: ["m = Mul (x, k)", "c = Clip (m, lo, hi)", "y = Conv (c, w)"],
      },
    ),
  },
  {
    id: "onnx/wide-result",
    title: "A result may need more than 32 bits",
    why: "No integer value has more than 32 bits, and pulsec proves that none overflows. Make the multiplier smaller, divide first, or clip the result.",
    ...corrected(
      { graph: sequence, weights: ["float k = {100000000}"], nodes: ["y = Mul (x, k)"] },
      { weights: ["float k = {1000}"] },
    ),
  },
];
