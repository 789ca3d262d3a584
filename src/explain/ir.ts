/** The diagnostics `ir/...`: graphs that break a rule of the IR, whatever they were read from. */
import { type Explanation, fixedIn } from "./explanation.js";

const check = "check net.pir";

/** A graph made by hand, as a program would that does not use `GraphBuilder`, which makes names valid. */
const verifying = (input: string, stage: string, name: string): string =>
  `import { ${["makeNode", "opNamed", "renderDiagnostic", "tensorType", "verifyModule"].join(", ")} } from "pulsec";

const x = { name: "x", type: ${input}, places: [] };
const relu = makeNode(opNamed("relu"), [x], {}, { name: "${name}" });
const graph = { name: "main", stage: "${stage}", inputs: [x], outputs: [relu.result], nodes: [relu] };
for (const d of verifyModule({ graphs: [graph], meta: {} })) console.log(renderDiagnostic(d));
`;
const named = (name: string): string => verifying('tensorType("u8", [1, 4])', "integer", name);
const shaped = (shape: string): string => verifying(`tensorType("f32", ${shape})`, "float", "y");

export const irExplanations: readonly Explanation[] = [
  {
    id: "ir/accumulator",
    title: "A sum may leave the range of its storage",
    why: "Integer graphs are proven not to overflow: for every channel the bound |x| * sum(|w|) + |bias| must fit into 32 bits, whatever the input and the order of additions. The message names the channel and the bound. Narrow the input or the weights, or split the sum in two with a requant between.",
    ...fixedIn(
      "net.pir",
      check,
      `param @bias : i32[1] = [2147483000]
param @weights : i8[1x3] = [127, 127, 127]

graph @main(%x: u8[1x3]) -> (%y: i32[1x1]) stage integer {
  %y = linear %x, @weights, @bias : i32[1x1]
}
`,
      `param @bias : i32[1] = [2147000000]
param @weights : i8[1x3] = [127, 127, 127]

graph @main(%x: u8[1x3]) -> (%y: i32[1x1]) stage integer {
  %y = linear %x, @weights, @bias : i32[1x1]
}
`,
    ),
  },
  {
    id: "ir/arithmetic",
    title: "An op's integer arithmetic would wrap inside",
    why: "The result fits, but a number on the way to it does not: a product of 64 bits in a requant, say. The message names it. Use a smaller multiplier and a smaller shift: their quotient is what counts.",
    ...fixedIn(
      "net.pir",
      check,
      `param @add : i64[1] = [9223372036854775807]
param @mul : i32[1] = [2147483647]

graph @main(%x: i32[1x4]) -> (%y: i8[1x4]) stage integer {
  %y = requant %x, @mul, @add {shift = 62} : i8[1x4]
}
`,
      `param @add : i64[1] = [4611686018427387904]
param @mul : i32[1] = [1073741824]

graph @main(%x: i32[1x4]) -> (%y: i8[1x4]) stage integer {
  %y = requant %x, @mul, @add {shift = 62} : i8[1x4]
}
`,
    ),
  },
  {
    id: "ir/duplicate-name",
    title: "Two things of one kind have the same name",
    why: "Every value of a graph, every param, every graph and every meta key of a module has a name of its own: reports, dumped tensors and generated C refer to them by it. Rename one.",
    ...fixedIn(
      "net.pir",
      check,
      `graph @main(%x: u8[1x4], %x: u8[1x4]) -> (%y: i32[1x4]) stage integer {
  %y = add %x, %x : i32[1x4]
}
`,
      `graph @main(%left: u8[1x4], %right: u8[1x4]) -> (%y: i32[1x4]) stage integer {
  %y = add %left, %right : i32[1x4]
}
`,
    ),
  },
  {
    id: "ir/name",
    title: "A name is not one that text and generated C can carry",
    why: "Names of values, params and graphs begin with a letter or _ and go on with letters, digits, _ and dots. IR text cannot hold others, so this meets programs that build graphs themselves. Importers make such names from whatever a file holds.",
    wrong: {
      files: {},
      script: named("conv 1/out"),
    },
    right: {
      files: {},
      script: named("conv_1.out"),
    },
  },
  {
    id: "ir/operands",
    title: "An op cannot take these operands or attributes",
    why: "Each op says which storages, ranks and sizes it takes and which attributes it knows; `docs/reference/ops.md` lists them. The message says what does not fit together. Correct the operand, its type or the attribute.",
    ...fixedIn(
      "net.pir",
      check,
      `param @weights : i8[2x3] = [1, 2, 3, 4, 5, 6]

graph @main(%x: u8[1x4]) -> (%y: i32[1x2]) stage integer {
  %y = linear %x, @weights : i32[1x2]
}
`,
      `param @weights : i8[2x4] = [1, 2, 3, 4, 5, 6, 7, 8]

graph @main(%x: u8[1x4]) -> (%y: i32[1x2]) stage integer {
  %y = linear %x, @weights : i32[1x2]
}
`,
    ),
  },
  {
    id: "ir/param-range",
    title: "A value of a param does not fit its storage",
    why: "An i4 holds -8 to 7, a u8 0 to 255: a value outside would be stored as another one. Choose a wider storage, or correct the value.",
    ...fixedIn(
      "net.pir",
      check,
      `param @weights : i4[1x3] = [7, 8, -8]

graph @main(%x: u8[1x3]) -> (%y: i32[1x1]) stage integer {
  %y = linear %x, @weights : i32[1x1]
}
`,
      `param @weights : i8[1x3] = [7, 8, -8]

graph @main(%x: u8[1x3]) -> (%y: i32[1x1]) stage integer {
  %y = linear %x, @weights : i32[1x1]
}
`,
    ),
  },
  {
    id: "ir/quant",
    title: "A type's scale, zero point or scales per channel make no sense",
    why: "A quantised type reads as its meaning: real = (stored - zero) * scale. The scale is positive, the zero point a value of the storage, scales per channel one per size of their axis; an f32 takes none. Without quantisation leave all of it out.",
    ...fixedIn(
      "net.pir",
      check,
      `graph @main(%x: (i8[1x4] - 128) * 0.5) -> (%y: (i8[1x4] - 128) * 0.5) stage integer {
  %y = relu %x : (i8[1x4] - 128) * 0.5
}
`,
      `graph @main(%x: (u8[1x4] - 128) * 0.5) -> (%y: (u8[1x4] - 128) * 0.5) stage integer {
  %y = relu %x : (u8[1x4] - 128) * 0.5
}
`,
    ),
  },
  {
    id: "ir/shape",
    title: "A shape that a program built cannot be that of a tensor",
    why: "A tensor has at most 8 dimensions of at least 1 and at most 2^31 elements; N may stand in first place only, and never in a param. In text the same mistake is `text/shape`, so this one meets programs that build graphs themselves.",
    wrong: {
      files: {},
      script: shaped('[4, "N"]'),
    },
    right: {
      files: {},
      script: shaped('["N", 4]'),
    },
  },
  {
    id: "ir/stage",
    title: "A value or an op may not stand in a graph of this stage",
    why: "A float graph holds f32 only, an integer graph no f32, no symbolic batch and only ops with an integer meaning. Put the graph into the stage that it is in, or make the value of the kind that the stage holds.",
    ...fixedIn(
      "net.pir",
      check,
      `graph @main(%x: u8[1x4]) -> (%y: u8[1x4]) stage float {
  %y = relu %x : u8[1x4]
}
`,
      `graph @main(%x: u8[1x4]) -> (%y: u8[1x4]) stage integer {
  %y = relu %x : u8[1x4]
}
`,
    ),
  },
  {
    id: "ir/type",
    title: "The type written is not the one that the op gives",
    why: "Types are inferred from the operands and compared with those in the text, so that a reader can rely on them. Write the expected type, or correct the operands or attributes that it follows from.",
    ...fixedIn(
      "net.pir",
      check,
      `graph @main(%x: u8[1x8x1]) -> (%y: u8[1x8x1]) stage integer {
  %y = maxpool %x {kernel = 2, stride = 2} : u8[1x8x1]
}
`,
      `graph @main(%x: u8[1x8x1]) -> (%y: u8[1x4x1]) stage integer {
  %y = maxpool %x {kernel = 2, stride = 2} : u8[1x4x1]
}
`,
    ),
  },
  {
    id: "ir/undefined-value",
    title: "A value is read before it is defined",
    why: "Nodes stand in the order in which they are computed: an operand is an input or the result of an earlier node. Move the node that defines the value up; a loop cannot be written.",
    ...fixedIn(
      "net.pir",
      check,
      `graph @main(%x: u8[1x4]) -> (%y: i32[1x4]) stage integer {
  %y = add %x, %a : i32[1x4]
  %a = relu %x : u8[1x4]
}
`,
      `graph @main(%x: u8[1x4]) -> (%y: i32[1x4]) stage integer {
  %a = relu %x : u8[1x4]
  %y = add %x, %a : i32[1x4]
}
`,
    ),
  },
];
