/** The diagnostics `export/...` of float and QDQ files. */
import { calledBetter, type Explanation, fixedIn } from "./explanation.js";

const wide = {
  "net.pir": `graph @main(%x: i16[1x4] * 0.5) -> (%y: i16[1x4] * 0.5) stage integer {
  %y = relu %x : i16[1x4] * 0.5
}
`,
};

const float = {
  "net.pir": `graph @main(%x: f32[Nx4]) -> (%y: f32[Nx4]) stage float {
  %y = relu %x : f32[Nx4]
}
`,
};
const integer = (
  scale: string,
): string => `graph @main(%x: u8[1x4]${scale}) -> (%y: u8[1x4]${scale}) stage integer {
  %y = relu %x : u8[1x4]${scale}
}
`;
const perChannel = (last: string): string => `param @s : f32[2] = [0.5, 2]
param @w : i8[2x1x1] * @s axis 0 = [1, 2]

graph @main(%x: u8[1x4x1] * 0.5) -> (%y: i32[1x4x2] * 0.5 * @s axis 2) stage integer {
  %a = conv %x, @w : i32[1x4x2] * 0.5 * @s axis 2
  %y = ${last} : i32[1x4x2] * 0.5 * @s axis 2
}
`;
const scaled = { "net.pir": integer(" * 0.5") };

export const onnxExportExplanations: readonly Explanation[] = [
  {
    id: "export/integers",
    title: "A graph with stored integers cannot be written as a float file",
    why: "The dialect `onnx` holds floats alone. Integers whose types have scales go out as `qdq`, where QuantizeLinear and DequantizeLinear say their meaning; integers without scales as `dory`.",
    ...calledBetter(
      scaled,
      "export net.pir --dialect onnx -o net.onnx",
      "export net.pir --dialect qdq -o net.onnx",
    ),
  },
  {
    id: "export/no-graph",
    title: "The module has no graph of the name given with --graph",
    why: "A module may hold several graphs; export writes one, the first unless --graph names another. The message lists the graphs there are.",
    ...calledBetter(
      float,
      "export net.pir --graph mian -o net.onnx",
      "export net.pir --graph main -o net.onnx",
    ),
  },
  {
    id: "export/no-scale",
    title: "A QDQ file needs scales, and some integers have none",
    why: "QDQ states what integers mean as real numbers, so every type must say its scale. Write the scales into the types of inputs and params, from which the others follow, or export with `--dialect dory`, which keeps integers as they are.",
    ...fixedIn("net.pir", "export net.pir --dialect qdq -o net.onnx", integer(""), integer(" * 0.5")),
  },
  {
    id: "export/opset",
    title: "The file cannot be written in this version of ONNX's operator set",
    why: "The message says which opsets can be written, and what needs a newer one. Leave --opset out to get one that every current runtime reads.",
    ...calledBetter(wide, "export net.pir --opset 17 -o net.onnx", "export net.pir --opset 21 -o net.onnx"),
  },
  {
    id: "export/unsupported",
    title: "A node of the graph cannot be written with ONNX's operators",
    why: "The message says what ONNX lacks: limits that differ per channel, say, which its Clip does not take. All such nodes are listed at once. Write that part in another way, or export the integers as they are with `--dialect dory`.",
    ...fixedIn(
      "net.pir",
      "export net.pir --dialect qdq -o net.onnx",
      perChannel("clip %a {hi = 6}"),
      perChannel("relu %a"),
    ),
  },
];
