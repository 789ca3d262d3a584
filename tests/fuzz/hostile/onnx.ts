/** Hostile ONNX models: cycles, depth, sizes that lie, constants that grow, files elsewhere. Field numbers: onnx.proto. */
import { field, joined, number } from "../protobuf.js";
import type { Hostile } from "./index.js";
import {
  attribute,
  type Bytes,
  constant,
  type Dims,
  graph,
  i64,
  ints,
  model,
  node,
  times,
  valueInfo,
  x,
  zeros,
} from "./onnx-model.js";

function external(location: string, ...more: readonly (readonly [string, string])[]): Bytes {
  const entries = [["location", location], ...more].map(([k, v]) =>
    field(13, joined([field(1, k!), field(2, v!)])),
  );
  const weights = constant("w", [4, 4], 1, number(14, 1), ...entries);
  return graph(x, "y", weights, node("Gemm", ["x", "w"], ["y"]));
}

/** A graph inside of an attribute inside of a node, `depth` times; built from inside out. */
function nested(depth: number): Bytes {
  let inner: Bytes = node("Relu", ["x"], ["y"]);
  for (let i = 0; i < depth; i++)
    inner = node("If", ["x"], ["y"], attribute("then_branch", 5, field(6, inner)));
  return graph(x, "y", inner);
}

/** Groups of the protobuf wire format, which a reader skips by recursion. */
const groups = (depth: number): Bytes => new Uint8Array(depth).fill((31 << 3) | 3);

const sized = (sizes: Dims, ...parts: readonly Bytes[]): Bytes =>
  graph(valueInfo("x", sizes), "y", ...(parts.length > 0 ? parts : [node("Relu", ["x"], ["y"])]));

const large: Readonly<Record<string, () => Bytes>> = {
  "100000 nodes in a row": () =>
    graph(x, "v100000", ...times(100_000, (i) => node("Relu", [i === 0 ? "x" : `v${i}`], [`v${i + 1}`]))),
  "100000 nodes of one unknown operator": () =>
    graph(x, "v100000", ...times(100_000, (i) => node("Rely", [i === 0 ? "x" : `v${i}`], [`v${i + 1}`]))),
  "100000 sums that add all that came before": () =>
    graph(
      x,
      "v20000",
      ...times(20_000, (i) => node("Add", [i < 2 ? "x" : `v${i}`, i < 2 ? "x" : `v${i - 1}`], [`v${i + 1}`])),
    ),
  "50000 divisions in a row": () =>
    graph(
      x,
      "v50000",
      constant("c", [], 1, field(9, new Uint8Array(new Float32Array([3]).buffer))),
      ...times(50_000, (i) =>
        joined([
          node("Div", [i === 0 ? "x" : `w${i}`, "c"], [`v${i + 1}`]),
          node("Floor", [`v${i + 1}`], [`w${i + 1}`]),
        ]),
      ),
    ),
  "20000 factors in a row": () =>
    graph(
      x,
      "v20000",
      constant("c", [], 1, field(9, new Uint8Array(new Float32Array([16777213]).buffer))),
      ...times(20_000, (i) => node("Mul", [i === 0 ? "x" : `v${i}`, "c"], [`v${i + 1}`])),
    ),
  "20000 branches that meet": () =>
    graph(
      x,
      "v20000",
      ...times(20_000, (i) =>
        node("Concat", [i === 0 ? "x" : `v${i}`, "x"], [`v${i + 1}`], attribute("axis", 2, number(3, 1))),
      ),
    ),
  "100000 inputs of one node": () =>
    graph(
      x,
      "y",
      node(
        "Concat",
        times(100_000, () => "x"),
        ["y"],
        attribute("axis", 2, number(3, 1)),
      ),
    ),
  "600000 empty nodes": () =>
    graph(
      x,
      "y",
      new Uint8Array(1_200_000).map((_, i) => (i % 2 === 0 ? 10 : 0)),
    ),
  "6000000 unpacked integers": () =>
    graph(
      x,
      "y",
      constant("c", [6_000_000], 7, field(7, new Uint8Array(6_000_000).fill(1))),
      node("Add", ["x", "c"], ["y"]),
    ),
  "100000 graph inputs": () =>
    model(
      joined([
        node("Relu", ["x"], ["y"]),
        ...times(100_000, (i) => field(11, valueInfo(`i${i}`, [1, 4]))),
        field(12, valueInfo("y", [1, 4])),
      ]),
    ),
  "a million dimensions": () => sized(times(1_000_000, () => 1)),
};

const growing: Readonly<Record<string, () => Bytes>> = {
  "a constant of 2^31 zeros": () => graph(x, "y", ...zeros("c", [2 ** 31]), node("Add", ["x", "c"], ["y"])),
  "many constants of millions of zeros": () =>
    graph(
      x,
      "y",
      ...times(60, (i) => zeros(`c${i}`, [2 ** 23])).flat(),
      node("Sum", ["x", ...times(60, (i) => `c${i}`)], ["y"]),
    ),
  "a constant that doubles 40 times": () =>
    graph(
      x,
      "y",
      ...zeros("c0", [2]),
      ...times(40, (i) =>
        node("Concat", [`c${i}`, `c${i}`], [`c${i + 1}`], attribute("axis", 2, number(3, 0))),
      ),
      node("Add", ["x", "c40"], ["y"]),
    ),
  "a gather of everything by everything": () =>
    graph(
      x,
      "y",
      ...zeros("c", [2 ** 20]),
      ...zeros("i", [2 ** 20]),
      node("Unsqueeze", ["c", "axis"], ["d"]),
      constant("axis", [1], 7, i64(0)),
      node("Expand", ["d", "s"], ["e"]),
      constant("s", [2], 7, i64(4, 1)),
      node("Gather", ["e", "i"], ["g"], attribute("axis", 2, number(3, 0))),
      node("Add", ["x", "g"], ["y"]),
    ),
  "a range without end": () =>
    graph(
      x,
      "y",
      constant("a", [], 7, i64(0)),
      constant("b", [], 7, i64(2n ** 62n)),
      constant("c", [], 7, i64(1)),
      node("Range", ["a", "b", "c"], ["r"]),
      node("Add", ["x", "r"], ["y"]),
    ),
  "a range of steps of nothing": () =>
    graph(
      x,
      "y",
      constant("a", [], 7, i64(0)),
      constant("b", [], 7, i64(5)),
      constant("c", [], 7, i64(0)),
      node("Range", ["a", "b", "c"], ["r"]),
      node("Add", ["x", "r"], ["y"]),
    ),
  "a tile of 2^40": () =>
    graph(x, "y", constant("r", [2], 7, i64(2 ** 20, 2 ** 20)), node("Tile", ["x", "r"], ["y"])),
  "an expansion to 2^40": () =>
    graph(x, "y", constant("r", [2], 7, i64(2 ** 20, 2 ** 40)), node("Expand", ["x", "r"], ["y"])),
  "a resize to 2^30 by 2^30": () =>
    graph(
      valueInfo("x", [1, 1, 4, 4]),
      "y",
      constant("s", [4], 7, i64(1, 1, 2 ** 30, 2 ** 30)),
      node("Resize", ["x", "", "", "s"], ["y"]),
    ),
  "a linear resize to 2^20 by 2^20": () =>
    graph(
      valueInfo("x", [1, 1, 4, 4]),
      "y",
      constant("s", [4], 7, i64(1, 1, 2 ** 20, 2 ** 20)),
      node("Resize", ["x", "", "", "s"], ["y"], attribute("mode", 3, field(4, "linear"))),
    ),
  "a pad of 2^31": () =>
    graph(x, "y", constant("p", [4], 7, i64(0, 2 ** 31, 0, 2 ** 31)), node("Pad", ["x", "p"], ["y"])),
  "a split into a million": () =>
    graph(
      valueInfo("x", [1, 2 ** 20]),
      "v0",
      node(
        "Split",
        ["x"],
        times(2 ** 16, (i) => `v${i}`),
        attribute("axis", 2, number(3, 1)),
      ),
    ),
};

const small: Readonly<Record<string, () => Bytes>> = {
  "two nodes that need each other": () =>
    graph(x, "y", node("Add", ["x", "z"], ["y"]), node("Relu", ["y"], ["z"])),
  "a node that needs itself": () => graph(x, "y", node("Relu", ["y"], ["y"])),
  "a cycle of a thousand nodes": () =>
    graph(x, "v0", ...times(1000, (i) => node("Relu", [`v${(i + 1) % 1000}`], [`v${i}`]))),
  "a tensor that two nodes compute": () =>
    graph(x, "y", node("Relu", ["x"], ["y"]), node("Sigmoid", ["x"], ["y"])),
  "a function that calls itself": () =>
    model(
      joined([node("f", ["x"], ["y"]), field(11, x), field(12, valueInfo("y", [1, 4]))]),
      field(
        25,
        joined([
          field(1, "f"),
          field(4, "x"),
          field(5, "y"),
          field(7, joined([field(1, "x"), field(2, "y"), field(4, "f")])),
        ]),
      ),
    ),
  "subgraphs 60 deep": () => nested(60),
  "subgraphs 2000 deep": () => nested(2000),
  "groups 100000 deep": () => groups(100_000),
  "groups 3000000 deep": () => groups(3_000_000),
  "a size of 2^31": () => sized([1, 2 ** 31]),
  "a size of 2^63 - 1": () => sized([1, 2n ** 63n - 1n]),
  "a negative size": () => sized([1, -4]),
  "a size of nothing": () => sized([1, 0]),
  "sizes whose product is beyond 2^53": () => sized([2 ** 20, 2 ** 20, 2 ** 20, 2 ** 20]),
  "sizes whose product wraps to 4": () => sized([2n ** 32n, 2n ** 32n, 4]),
  "weights of 2^31 by 2^31 in no bytes": () =>
    graph(x, "y", constant("w", [2 ** 31, 2 ** 31], 1), node("Gemm", ["x", "w"], ["y"])),
  "weights of 2^40 by nothing": () =>
    graph(x, "y", constant("w", [2 ** 40, 0], 1), node("Gemm", ["x", "w"], ["y"])),
  "weights of a negative size": () =>
    graph(x, "y", constant("w", [-4, -4], 1, field(9, new Uint8Array(64))), node("Gemm", ["x", "w"], ["y"])),
  "a kernel of 2^31": () =>
    sized(
      [1, 1, 8],
      node("MaxPool", ["x"], ["y"], ints("kernel_shape", [2 ** 31]), ints("pads", [2 ** 31, 2 ** 31])),
    ),
  "a stride of nothing": () =>
    sized([1, 1, 8], node("MaxPool", ["x"], ["y"], ints("kernel_shape", [2]), ints("strides", [0]))),
  "an average over 2^40 positions": () =>
    sized([1, 1, 2 ** 20, 2 ** 20], node("GlobalAveragePool", ["x"], ["y"])),
  "a transpose by names of axes beyond all": () =>
    sized([1, 4], node("Transpose", ["x"], ["y"], ints("perm", [2n ** 62n, -1]))),
  "names that every object has": () =>
    graph(
      valueInfo("__proto__", [1, 4]),
      "constructor",
      node("Relu", ["__proto__"], ["toString"], ints("__proto__", [1])),
      node("__proto__", ["toString"], ["hasOwnProperty"]),
      node("constructor", ["hasOwnProperty"], ["constructor"]),
    ),
  "external data of /dev/zero": () => external("/dev/zero"),
  "external data of a folder above": () => external("../../../../../etc/passwd"),
  "external data of this folder": () => external("."),
  "external data of the model itself": () => external("case.onnx"),
  "external data at a negative offset": () => external("case.onnx", ["offset", "-1"], ["length", "1e99"]),
  "external data behind a link of dots": () => external("a/./..//../x"),
  "a length that reaches past the end": () =>
    joined([number(1, 8), Uint8Array.of(58, 255, 255, 255, 255, 15)]),
  "a length beyond 32 bits": () =>
    joined([number(1, 8), Uint8Array.of(58, 255, 255, 255, 255, 255, 255, 255, 127)]),
  "a producer that is no UTF-8": () =>
    joined([sized([1, 4]), field(2, Uint8Array.of(0xed, 0xa0, 0x80, 0xff, 0xf4, 0x90))]),
  "a cast of nothing": () =>
    graph(
      x,
      "y",
      node("Cast", [""], ["c"], attribute("to", 2, number(3, 1))),
      node("Add", ["x", "c"], ["y"]),
    ),
  "a sum of nothing": () => graph(x, "y", node("Add", ["", ""], ["c"]), node("Add", ["x", "c"], ["y"])),
  "a join of nothing with something": () =>
    graph(
      x,
      "y",
      constant("a", [2, 0, 3], 1),
      constant("b", [2, 1, 0], 1),
      node("Concat", ["a", "b"], ["c"], attribute("axis", 2, number(3, 1))),
      node("Add", ["x", "c"], ["y"]),
    ),
  "no bytes": () => new Uint8Array(),
};

export function* hostileOnnx(): Generator<Hostile> {
  for (const [name, make] of Object.entries({ ...small, ...growing, ...large }))
    yield { format: "onnx", name, bytes: make() };
}
