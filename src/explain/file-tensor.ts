/** The diagnostics `file/...` on arrays: do they fit the value that they are for? */
import { npyFile } from "./bytes.js";
import { calledBetter, type Explanation, fixedIn } from "./explanation.js";

const net = `graph @net(%x: u8[1x4x2]) -> (%y: u8[1x4x2]) stage integer {
  %y = relu %x : u8[1x4x2]
}
`;
const csv = (wrong: string, right: string) =>
  fixedIn("x.csv", "run net.pir --input x.csv", wrong, right, { "net.pir": net });
const eight = "0102030405060708";
const pool = {
  about: "an ONNX model that holds one MaxPool, its input [1, 4, 4] channels first",
  base64:
    "CAgSBXRlc3RzOlcKKQoBeBIBeRoAIgdNYXhQb29sKhQKDGtlcm5lbF9zaGFwZUIBAqABBzoAEgR0ZXN0WhcKAXgSEgoQCAESDAoCCAEKAggECgIIBGILCgF5EgYKBAgBEgBCBAoAEA0=",
};
const rawScript = (options: string) => `import { readTensorFile, renderDiagnostic } from "pulsec";

const read = readTensorFile("x.bin", Uint8Array.of(1, 2, 3, 4)${options});
console.log(read.ok ? read.value : read.diagnostics.map((d) => renderDiagnostic(d)).join("\\n"));
`;

export const tensorExplanations: readonly Explanation[] = [
  {
    id: "file/tensor-count",
    title: "an array has more or fewer elements than the value that it is for",
    why: `Shapes may differ in axes of size 1 and in layout, but every element must be there, and none is left over. One file holds one
inference: cut a longer recording into windows. Check also that the file belongs to this model.`,
    ...csv("1,2\n3,4\n5,6\n", "1,2\n3,4\n5,6\n7,8\n"),
  },
  {
    id: "file/tensor-shape",
    title: "an array has the right number of elements in a shape that fits no layout",
    why: `A shape that states something else than the graph means that the array is not what it is taken for; reading it row by row would
feed wrong numbers silently. Channels last and the layout of the ONNX model are accepted, axes of size 1 do not count. Reshape the array,
or flatten it: a flat one is read in the graph's order.`,
    wrong: {
      files: { "net.pir": net, "x.npy": npyFile("eight bytes of shape (2, 2, 2)", "|u1", "2, 2, 2", eight) },
      command: "run net.pir --input x.npy",
    },
    right: {
      files: { "net.pir": net, "x.npy": npyFile("eight bytes of shape (4, 2)", "|u1", "4, 2", eight) },
      command: "run net.pir --input x.npy",
    },
  },
  {
    id: "file/tensor-fraction",
    title: "an array for an integer input holds a fraction",
    why: `Integer graphs take stored integers, and rounding here would hide that the data were never quantised. Quantise them first: the help
line shows the formula with the scale and zero point of the input.`,
    ...csv("0.5,1\n1,2\n3,4\n5,6\n", "1,1\n1,2\n3,4\n5,6\n"),
  },
  {
    id: "file/tensor-range",
    title: "an element lies outside of what the input's storage holds",
    why: `It would have to be cut or to wrap, and both give another input than the one in the file. Mostly the sign differs (u8 data for an i8
input) or the data have another scale. Quantise them for the type that the message shows.`,
    ...csv("1,2\n3,4\n5,6\n7,300\n", "1,2\n3,4\n5,6\n7,255\n"),
  },
  {
    id: "file/ambiguous-layout",
    title: "the shape of an array fits both layouts, channels first and channels last",
    why: `A square shape does not say which of its axes holds the channels. The layout of the model's file is taken, and this warning says so.
State the layout with --input-layout.`,
    ...calledBetter(
      {
        "net.onnx": pool,
        "x.npy": npyFile("sixteen f32 zeros of shape (1, 4, 4)", "<f4", "1, 4, 4", "00".repeat(64)),
      },
      "run net.onnx --input x.npy",
      "run net.onnx --input x.npy --input-layout channels-first",
    ),
  },
  {
    id: "file/raw-type",
    title: "raw bytes are read without a word on what they hold",
    why: `A .bin file has no header. The commands take the type of the input that the file is for; a program that reads one states it in the
options. .npy files carry their type and shape and need neither.`,
    wrong: { files: {}, script: rawScript("") },
    right: { files: {}, script: rawScript(', { storage: "u8" }') },
  },
];
