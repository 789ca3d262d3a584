/** IR text whose form is wrong. */
import { type Explanation, fixedIn } from "../explanation.js";

const check = "check net.pir";
const identity = `graph @main(%x: u8[1x4]) -> (%y: u8[1x4]) stage integer {
  %y = relu %x : u8[1x4]
}
`;

const saved = (type: string, values: string) => `param @weights : ${type} = ${values}

graph @main(%x: u8[1x2]) -> (%y: i32[1x1]) stage integer {
  %y = linear %x, @weights : i32[1x1]
}
`;
const savedHash = "#cf53b0675e6226deb27ff78dd4ad4fd1f0b1a5a3253179165bc1d8c9a50339a1";

export const textSyntaxExplanations: readonly Explanation[] = [
  {
    id: "text/element-count",
    title: "A param lists more or fewer values than its type holds",
    why: "The values of a param stand in row-major order, as many as the product of its sizes. Complete the list, or correct the type.",
    ...fixedIn(
      "net.pir",
      check,
      `param @weights : i8[2x3] = [1, 2, 3, 4]

graph @main(%x: u8[1x3]) -> (%y: i32[1x2]) stage integer {
  %y = linear %x, @weights : i32[1x2]
}
`,
      `param @weights : i8[2x3] = [1, 2, 3, 4, 5, 6]

graph @main(%x: u8[1x3]) -> (%y: i32[1x2]) stage integer {
  %y = linear %x, @weights : i32[1x2]
}
`,
    ),
  },
  {
    id: "text/hash",
    title: "A param's values were saved in the .pmod with another type than the one written",
    why: "Values of large params lie in the .pmod beside the text and are found by a hash that covers type and values. After an edit of the type the values would mean something else. Write the old type, or write the new values into the text.",
    wrong: {
      files: { "saved.pir": saved("i8[1x2]", "[1, -1]"), "net.pir": saved("u8[1x2]", savedHash) },
      before: ["import saved.pir -o net.pmod"],
      command: check,
    },
    right: {
      files: { "saved.pir": saved("i8[1x2]", "[1, -1]"), "net.pir": saved("i8[1x2]", savedHash) },
      before: ["import saved.pir -o net.pmod"],
      command: check,
    },
  },
  {
    id: "text/missing-values",
    title: "A param's values are named by their hash, and no .pmod is there that holds them",
    why: "Lists of more than 64 values are not written into the text: they lie in the .pmod of the same name beside it. Keep both files together, or write the values out.",
    ...fixedIn(
      "net.pir",
      check,
      `param @weights : i8[1x2] = #e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855

graph @main(%x: u8[1x2]) -> (%y: i32[1x1]) stage integer {
  %y = linear %x, @weights : i32[1x1]
}
`,
      `param @weights : i8[1x2] = [1, -1]

graph @main(%x: u8[1x2]) -> (%y: i32[1x1]) stage integer {
  %y = linear %x, @weights : i32[1x1]
}
`,
    ),
  },
  {
    id: "text/no-graph",
    title: "The text holds no graph",
    why: "A module without a graph computes nothing: there is nothing to check, run or compile. Write at least one graph; the first is the one that engines run.",
    ...fixedIn("net.pir", check, "// the network comes here\n", identity),
  },
  {
    id: "text/origin",
    title: "What stands behind `from` does not say where a param came from",
    why: "The origin of a param names the float param it was made of, and optionally which channels were kept and in how many bits. Passes write it; without one, leave `from` out.",
    ...fixedIn(
      "net.pir",
      check,
      `param @weights : i8[1x2] from {"file": "net.onnx"} = [1, -1]

graph @main(%x: u8[1x2]) -> (%y: i32[1x1]) stage integer {
  %y = linear %x, @weights : i32[1x1]
}
`,
      `param @weights : i8[1x2] from {"param": "fc.weight", "bits": 8} = [1, -1]

graph @main(%x: u8[1x2]) -> (%y: i32[1x1]) stage integer {
  %y = linear %x, @weights : i32[1x1]
}
`,
    ),
  },
  {
    id: "text/place",
    title: "What stands in `loc(...)` is no place in a file",
    why: "A place is a node of an imported model (`file: node`) or a stretch of a text in characters (`file:start-end`). Messages about the value point there. Without one, leave `loc` out.",
    ...fixedIn(
      "net.pir",
      check,
      `graph @main(%x: u8[1x4]) -> (%y: u8[1x4]) stage integer {
  %y = relu %x : u8[1x4] loc("line 12")
}
`,
      `graph @main(%x: u8[1x4]) -> (%y: u8[1x4]) stage integer {
  %y = relu %x : u8[1x4] loc("net.onnx: Relu_3")
}
`,
    ),
  },
  {
    id: "text/range",
    title: "A range is not two numbers of which the first is the smaller",
    why: "A range keeps the smallest and the largest value that calibration saw. Both are needed, in this order; they may be equal.",
    ...fixedIn(
      "net.pir",
      check,
      `range @main %x = [6, 0]\n\n${identity}`,
      `range @main %x = [0, 6]\n\n${identity}`,
    ),
  },
  {
    id: "text/shape",
    title: "The sizes of a type cannot be those of a tensor",
    why: "A tensor has at most 8 dimensions of at least 1 and at most 2^31 elements. The symbolic batch N may stand in first place only, and never in a param, whose elements are known.",
    ...fixedIn(
      "net.pir",
      check,
      `graph @main(%x: f32[4xN]) -> (%y: f32[4xN]) stage float {
  %y = relu %x : f32[4xN]
}
`,
      `graph @main(%x: f32[Nx4]) -> (%y: f32[Nx4]) stage float {
  %y = relu %x : f32[Nx4]
}
`,
    ),
  },
  {
    id: "text/string",
    title: "A string holds an escape that does not exist",
    why: "Strings are written as in JSON: a backslash is followed by one of the letters of JSON's escapes. To write a backslash itself, double it.",
    ...fixedIn(
      "net.pir",
      check,
      `meta source = "C:\\models\\net.onnx"\n\n${identity}`,
      `meta source = "C:\\\\models\\\\net.onnx"\n\n${identity}`,
    ),
  },
  {
    id: "text/syntax",
    title: "The text does not follow the grammar of IR text",
    why: "The message shows where reading stopped, what stands there and what may stand there; `docs/reference/ir.md` has the grammar. Several such errors are reported at once, as reading goes on behind each.",
    ...fixedIn(
      "net.pir",
      check,
      `graph @main(%x: u8[1x4]) -> (%y: u8[1x4]) stage integer {
  %y = relu(%x) : u8[1x4]
}
`,
      identity,
    ),
  },
  {
    id: "text/too-large",
    title: "The text is larger than 4 MiB",
    why: "Text is for people; megabytes of numbers are read faster, and take a quarter of the space, from a container. Write the module with `pulsec import net.pir -o net.pmod`, or from its source with `-o net.pir`, which puts large params into a .pmod beside the text.",
    wrong: {
      files: { "net.pir": { about: "a text of more than 4 MiB", zeros: 2 ** 22 + 1 } },
      command: check,
    },
    right: { files: { "net.pir": identity }, command: check },
  },
  {
    id: "text/too-many-errors",
    title: "Reading stopped after 100 errors",
    why: "A text with this many errors is mostly not what it is taken for: another format, or one mistake that makes many. Correct the first errors and check again.",
    ...fixedIn("net.pir", check, `${identity}${"}\n".repeat(101)}`, identity),
  },
];
