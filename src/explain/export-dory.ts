/** The diagnostics `export/dory-...`. */
import { type Explanation, fixedIn } from "./explanation.js";

const command = "export net.pir --dialect dory -o dory";

const requantised = (input: string, conv: string, result: string): string => `param @add : i64[1] = [0]
param @mul : i32[1] = [3]
param @w : i8[2x3x1] = [1, 2, 3, 3, 2, 1]

graph @main(%x: ${input}) -> (%y: ${result}) stage integer {
  %sum = conv %x, @w ${conv}
  %y = requant %sum, @mul, @add {shift = 4} : ${result}
}
`;
const valid = ": i32[1x6x2]";
const right = requantised("u8[1x8x1]", valid, "u8[1x6x2]");

const relu = `param @w : i8[1x4] = [1, 2, 3, 4]

graph @main(%x: u8[1x4]) -> (%y: i32[1x1]) stage integer {
  %sum = linear %x, @w : i32[1x1]
  %y = relu %sum : i32[1x1]
}
`;
const noRelu = `param @w : i8[1x4] = [1, 2, 3, 4]

graph @main(%x: u8[1x4]) -> (%y: i32[1x1]) stage integer {
  %y = linear %x, @w : i32[1x1]
}
`;

export const doryExplanations: readonly Explanation[] = [
  {
    id: "export/dory-kernel",
    title: "DORY's own kernels do not run what the exported network says",
    why: "The file is right and reads back as the same network, but DORY's kernels for GAP8 have no 16-bit activations, run dilated convolutions undilated, and clip scaled operands of a mixed-precision Add. Change the network there, or compile it with the C target.",
    ...fixedIn(
      "net.pir",
      command,
      requantised("u8[1x8x1]", "{dilation = 2} : i32[1x4x2]", "u8[1x4x2]"),
      right,
    ),
  },
  {
    id: "export/dory-layout",
    title: "the graph has a form that DORY's networks do not have",
    why: "DORY runs one sample through one chain of layers: one input, one output, a batch of 1, and flattened maps in front of linear layers only. Export one graph per input, fix the batch to 1, or end the network before the flatten.",
    ...fixedIn("net.pir", command, requantised("u8[2x8x1]", ": i32[2x6x2]", "u8[2x6x2]"), right),
  },
  {
    id: "export/dory-op",
    title: "DORY has no layer that computes this op, or not in this form",
    why: "DORY knows conv, linear, pools and adds, each with a requant behind it, and nothing else. The help line says what the op can become: canonicalise folds relu and clip into requants, and the C target compiles every op.",
    ...fixedIn("net.pir", command, relu, noRelu),
  },
  {
    id: "export/dory-type",
    title: "DORY has no integers of this type",
    why: "DORY's weights and activations have 2, 4 or 8 bits and no zero point, and its files keep them in floats, which must hold every bias exactly. Quantise symmetrically, to fewer bits.",
    ...fixedIn("net.pir", command, requantised("(u8[1x8x1] - 128) * 1", valid, "u8[1x6x2]"), right),
  },
];
