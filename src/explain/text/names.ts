/** Names in IR text that mean nothing, or too much. */
import { type Explanation, fixedIn } from "../explanation.js";

const check = "check net.pir";

export const textNameExplanations: readonly Explanation[] = [
  {
    id: "text/duplicate-attribute",
    title: "An attribute of a node is written twice",
    why: "Every attribute has one value; with two, one of them would be lost without a word. Keep the one that is meant.",
    ...fixedIn(
      "net.pir",
      check,
      `graph @main(%x: u8[1x8x1]) -> (%y: u8[1x4x1]) stage integer {
  %y = maxpool %x {kernel = 2, stride = 1, stride = 2} : u8[1x4x1]
}
`,
      `graph @main(%x: u8[1x8x1]) -> (%y: u8[1x4x1]) stage integer {
  %y = maxpool %x {kernel = 2, stride = 2} : u8[1x4x1]
}
`,
    ),
  },
  {
    id: "text/unknown-graph",
    title: "A range names a graph that the text does not hold",
    why: "A line `range @graph %value = [low, high]` keeps what calibration observed, and belongs to a value of a graph in the same text. Write the name of that graph, or take the line out.",
    ...fixedIn(
      "net.pir",
      check,
      `range @mian %x = [0, 1]

graph @main(%x: f32[1x4]) -> (%y: f32[1x4]) stage float {
  %y = relu %x : f32[1x4]
}
`,
      `range @main %x = [0, 1]

graph @main(%x: f32[1x4]) -> (%y: f32[1x4]) stage float {
  %y = relu %x : f32[1x4]
}
`,
    ),
  },
  {
    id: "text/unknown-op",
    title: "A node calls an op that does not exist",
    why: "The ops are a fixed list: `docs/reference/ops.md` has all of them with their operands and attributes. Names are lower case and the same for one and two spatial dimensions: `conv`, not `conv1d`.",
    ...fixedIn(
      "net.pir",
      check,
      `graph @main(%x: u8[1x8x1]) -> (%y: u8[1x4x1]) stage integer {
  %y = max_pool %x {kernel = 2, stride = 2} : u8[1x4x1]
}
`,
      `graph @main(%x: u8[1x8x1]) -> (%y: u8[1x4x1]) stage integer {
  %y = maxpool %x {kernel = 2, stride = 2} : u8[1x4x1]
}
`,
    ),
  },
  {
    id: "text/unknown-param",
    title: "A node or a type names a param that is not declared",
    why: "Params (`@name`) are declared with `param` in the same text, in any order, and hold constants; values (`%name`) are inputs and results. Declare the param, or correct its name.",
    ...fixedIn(
      "net.pir",
      check,
      `param @weights : i8[2x4] = [1, 2, 3, 4, 5, 6, 7, 8]

graph @main(%x: u8[1x4]) -> (%y: i32[1x2]) stage integer {
  %y = linear %x, @weight : i32[1x2]
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
    id: "text/unknown-stage",
    title: "A graph is in a stage that does not exist",
    why: "A graph says how far it has come: `float`, `relaxed` (a search is under way), `quantised` (integers are simulated) or `integer`. The stage decides which rules its values must keep.",
    ...fixedIn(
      "net.pir",
      check,
      `graph @main(%x: u8[1x4]) -> (%y: u8[1x4]) stage int {
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
    id: "text/unknown-storage",
    title: "A type begins with a storage that does not exist",
    why: "Storage says how one element lies in memory: f32, i64 (params only), i32, i16, and signed or unsigned integers of 8, 4 and 2 bits (i8, u8, i4, u4, i2, u2). Names of other tools (`int8`, `uint8_t`) are not known here.",
    ...fixedIn(
      "net.pir",
      check,
      `graph @main(%x: int8[1x4]) -> (%y: i8[1x4]) stage integer {
  %y = relu %x : i8[1x4]
}
`,
      `graph @main(%x: i8[1x4]) -> (%y: i8[1x4]) stage integer {
  %y = relu %x : i8[1x4]
}
`,
    ),
  },
  {
    id: "text/unknown-value",
    title: "A node, an output or a range names a value that the graph does not have",
    why: "Values (`%name`) are the inputs of the graph and the results of its nodes; each is known inside its graph only. Correct the name, or add the node that makes the value.",
    ...fixedIn(
      "net.pir",
      check,
      `graph @main(%x: u8[1x4]) -> (%y: i32[1x4]) stage integer {
  %positive = relu %x : u8[1x4]
  %y = add %x, %positve : i32[1x4]
}
`,
      `graph @main(%x: u8[1x4]) -> (%y: i32[1x4]) stage integer {
  %positive = relu %x : u8[1x4]
  %y = add %x, %positive : i32[1x4]
}
`,
    ),
  },
  {
    id: "text/unused-param",
    title: "A param is declared that no graph uses",
    why: "A module holds the params that its graphs mention, so this one would be gone after the next write. Often it is the sign of a missing operand. Use the param, or take its line out.",
    ...fixedIn(
      "net.pir",
      check,
      `param @bias : i32[2] = [10, -10]
param @weights : i8[2x2] = [1, 2, 3, 4]

graph @main(%x: u8[1x2]) -> (%y: i32[1x2]) stage integer {
  %y = linear %x, @weights : i32[1x2]
}
`,
      `param @bias : i32[2] = [10, -10]
param @weights : i8[2x2] = [1, 2, 3, 4]

graph @main(%x: u8[1x2]) -> (%y: i32[1x2]) stage integer {
  %y = linear %x, @weights, @bias : i32[1x2]
}
`,
    ),
  },
];
