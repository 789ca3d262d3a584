/** The diagnostics `golden/...`: golden tests of users' own kernels. */
import { calledBetter, type Explanation, fixedIn } from "./explanation.js";

const binding = (layout: string, sizes: string): string => `{
  "pulsec": "golden 1",
  "kernel": "my_relu",
  "adapter": "adapter.c",
  "ops": ["relu"],
  "tensors": {
    "x": { "storage": "i8", "shape": [1, "H", "W", "C"], "axes": "NHWC", "layout": "${layout}" },
    "y": { "storage": "i8", "axes": "NHWC", "layout": "HWC" }
  },
  "sizes": ${sizes},
  "arguments": [{ "tensor": "x" }, { "tensor": "y" }, { "name": "n", "value": "H * W * C" }]
}
`;
const plain = '{ "H": [1, 3], "W": [1, 3], "C": [1, 3] }';
const adapter = `#include "pulsec_golden.h"
void my_relu(GOLDEN_PARAMETERS);
void golden_call(const golden_case *t) { my_relu(GOLDEN_ARGUMENTS(t)); }
`;
const kernel = (length: string): string => `#include <stdint.h>
void my_relu(const int8_t *x, int8_t *y, int n) {
  for (int i = 0; i < ${length}; i++) y[i] = x[i] > 0 ? x[i] : 0;
}
`;
const generate = "golden gen my_relu.golden.json -o vectors";

const sums = (rows: string): string => `{
  "pulsec": "golden 1",
  "kernel": "my_linear",
  "adapter": "adapter.c",
  "ops": ["linear"],
  "tensors": {
    "x": { "storage": "u8", "shape": [1, "Ci"], "axes": "NC", "layout": "C" },
    "w": { "storage": "i8", "shape": ["Co", "${rows}"], "axes": "OI" },
    "y": { "storage": "i32", "axes": "NC", "layout": "C" }
  },
  "sizes": { "Ci": [1, 8], "Co": [1, 8]${rows === "Ci" ? "" : ', "K": [9, 16]'} },
  "arguments": [{ "tensor": "x" }, { "tensor": "w" }, { "tensor": "y" }]
}
`;

export const goldenExplanations: readonly Explanation[] = [
  {
    id: "golden/binding",
    title: "The binding file says something that it cannot",
    why: "A binding is JSON that says how a C function is called: its ops, the storage, shape, layout and packing of each tensor, and its arguments in order. Every entry is checked before anything is compiled; the message names the entry and shows its line. docs/golden-testing.md lists all entries.",
    ...fixedIn("my_relu.golden.json", generate, binding("HWD", plain), binding("HWC", plain)),
  },
  {
    id: "golden/compiler",
    title: "The C compiler refuses the kernel or its adapter",
    why: "The kernel is compiled for this machine with the adapter that calls it and pulsec's harness. What the compiler said stands in the message. Further C files and options belong into the binding (sources, flags); headers of PULP's SDK and its builtins are there without being named.",
    ...fixedIn("my_relu.c", "golden test my_relu.c --vectors 2", kernel("length"), kernel("n"), {
      "my_relu.golden.json": binding("HWC", plain),
      "adapter.c": adapter,
    }),
  },
  {
    id: "golden/exists",
    title: "A file of that name is already there",
    why: "golden new never replaces a binding or an adapter: they are yours, edited by hand. Choose another kernel name or folder, or remove the file.",
    ...calledBetter(
      { "my_relu.golden.json": binding("HWC", plain) },
      "golden new relu --kernel my_relu",
      "golden new relu --kernel my_relu -o fresh",
    ),
  },
  {
    id: "golden/no-binding",
    title: "Nothing says how the kernel is called",
    why: "golden test looks for NAME.golden.json beside NAME.c, or for the only .golden.json in that folder. golden new writes one for an op, with an adapter; --binding names one that lies elsewhere.",
    wrong: { files: { "my_relu.c": kernel("n") }, command: "golden test my_relu.c" },
    right: {
      files: {
        "my_relu.c": kernel("n"),
        "my_relu.golden.json": binding("HWC", plain),
        "adapter.c": adapter,
      },
      command: "golden test my_relu.c --vectors 2",
    },
  },
  {
    id: "golden/no-layer",
    title: "The kernel fits none of the layers that it was named for",
    why: "compile --kernel OP=FILE.c takes the layers whose ops, storage, attributes and layouts are those of the binding; the message says of each layer of that op (or of the one named) why it is none. In firmware activations lie channels last, an element per slot; constants come in whatever layout and packing the binding says.",
    ...calledBetter(
      {
        "net.pir": `graph @net(%x: i8[1x2x2x3]) -> (%y: i8[1x2x2x3]) stage integer {
  %y = relu %x : i8[1x2x2x3]
}
`,
        "my_relu.c": kernel("n"),
        "my_relu.golden.json": binding("HWC", plain),
        "adapter.c": adapter,
      },
      "compile net.pir --target gap8 --kernel conv=my_relu.c -o out",
      "compile net.pir --target gap8 --kernel relu=my_relu.c -o out",
    ),
  },
  {
    id: "golden/no-vectors",
    title: "No sizes of the binding fit together",
    why: "Vectors are made by choosing every size from its range, and the op refused all that were tried; the message holds its words. Dimensions that must be equal need one name: a weight's input channels are those of the input. Ranges must also leave room for the window, and sums must fit 32 bits.",
    ...fixedIn("my_linear.golden.json", "golden gen my_linear.golden.json -o vectors", sums("K"), sums("Ci")),
  },
  {
    id: "golden/op",
    title: "There is no such op, or it has no meaning on integers",
    why: "A kernel is compared with the integer meaning of an op, bit for bit. golden new without an op lists the names with good bindings to begin with; any other op with an integer meaning works too, the project's own included. Functions of reals (sigmoid, softmax) are tables on integers: lut.",
    ...calledBetter({}, "golden new conv3d", "golden new conv2d"),
  },
];
