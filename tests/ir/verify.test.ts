/** Every rule of the verifier about structure and types is broken once, and what is sound is left alone. */
import * as assert from "uvu/assert";
import { error } from "../../src/ir/diagnostic.js";
import type { Graph, Node } from "../../src/ir/graph.js";
import { defineOp, type OpDef } from "../../src/ir/op.js";
import { ops } from "../../src/ir/ops/index.js";
import { requant } from "../../src/ir/ops/requant.js";
import { tensorType } from "../../src/ir/type.js";
import { suite } from "../harness.js";
import {
  attrs,
  param,
  place,
  provoked,
  refuses,
  sound,
  value,
  verify,
  w,
  withInput,
  withNode,
  withResult,
  x,
  y,
} from "./sound-graph.js";

const test = suite("verify");

test("a sound module passes", () => {
  assert.equal(verify(sound, { ...sound, name: "other" }), []);
});

test("names are unique: of graphs, values and params", () => {
  refuses("ir/duplicate-name", /two graphs are named @net/, sound, sound);
  refuses("ir/duplicate-name", /%x: this name is already taken in @net/, withResult({ name: "x" }));
  const twin = param("w", tensorType("i8", [2, 3, 1]), [0, 0, 0, 0, 0, 0]);
  refuses("ir/duplicate-name", /@w: two params share this name/, sound, {
    ...sound,
    name: "other",
    nodes: [{ ...y, operands: [x, twin] }],
  });
  assert.equal(verify(sound, { ...sound, name: "other" }), [], "one param may serve two graphs");
});

test("names are what the text can say", () => {
  refuses("ir/name", /%a b: a name is/, withResult({ name: "a b" }));
  refuses("ir/name", /@1: a name is/, { ...sound, name: "1" });
  refuses("ir/name", /@layer\/w: a name is/, withNode({ operands: [x, { ...w, name: "layer/w" }] }));
});

test("values are defined before they are read", () => {
  const stranger = value("v", x.type);
  refuses("ir/undefined-value", /%y: reads %v before it is defined/, withNode({ operands: [stranger, w] }));
  refuses("ir/undefined-value", /%v: is an output of @net but nothing defines it/, {
    ...sound,
    outputs: [stranger],
  });
  const later: Node = { ...y, operands: [x, w], result: value("z", y.result.type) };
  const early: Node = {
    op: requant,
    operands: [later.result, ...requantParams],
    attrs: { shift: [0], axis: -1 },
    result: value("r", tensorType("i8", [1, 2, 2])),
  };
  refuses("ir/undefined-value", /%r: reads %z before it is defined/, {
    ...sound,
    nodes: [early, later],
    outputs: [early.result],
  });
});

const requantParams = [param("mul", tensorType("i32", [1]), [2]), param("add", tensorType("i64", [1]), [0n])];
test("shapes have positive sizes, and a batch only in front", () => {
  refuses("ir/shape", /%x: dimension 1 is not a positive/, withInput(tensorType("u8", [1, 0, 1])));
  refuses(
    "ir/shape",
    /%x: only the leading dimension may be the symbolic batch/,
    withInput(tensorType("u8", [1, "N", 1])),
  );
  refuses(
    "ir/shape",
    /@w: a param has no symbolic batch/,
    withNode({ operands: [x, { ...w, type: tensorType("i8", ["N", 3, 1]) }] }),
  );
  refuses("ir/shape", /%x: 4294967296 elements/, withInput(tensorType("u8", [65536, 65536, 1])));
});

test("scales are positive, zero points are storable, channel scales fit", () => {
  const quantised = (quant: object, storage: "u8" | "f32" = "u8") =>
    withInput({ storage, shape: [1, 4, 1], quant: { scale: 1, zero: 0, ...quant } });
  refuses("ir/quant", /the scale -1 is not a positive finite number/, quantised({ scale: -1 }));
  refuses("ir/quant", /the scale Infinity is not/, quantised({ scale: Infinity }));
  refuses("ir/quant", /the zero point 256 is no u8/, quantised({ zero: 256 }));
  refuses("ir/quant", /the zero point 0.5 is no u8/, quantised({ zero: 0.5 }));
  refuses("ir/quant", /f32 is not stored as integers/, quantised({}, "f32"));
  const scales = (values: readonly number[]) => param("s", tensorType("f32", [values.length]), values);
  refuses("ir/quant", /@s holds 2 scales, axis 1 has 4/, quantised({ channels: scales([1, 2]), axis: 1 }));
  refuses(
    "ir/quant",
    /@s holds 1 scales, axis 7 has undefined/,
    quantised({ channels: scales([1]), axis: 7 }),
  );
  refuses("ir/quant", /@s holds a scale that is not positive/, quantised({ channels: scales([0]), axis: 2 }));
});

test("operands and attributes are what the op takes", () => {
  const found = refuses(
    "ir/operands",
    /%y: w has rank 1, conv takes rank 3 or 4/,
    withNode({ operands: [x, { ...w, type: tensorType("i8", [6]) }] }),
  );
  assert.equal(found.place, place);
  refuses("ir/operands", /groups = 0 lies outside \[1, inf\]/, withNode({ attrs: { ...attrs, groups: 0 } }));
  assert.match(
    refuses("ir/operands", /conv has no attribute strides/, withNode({ attrs: { ...attrs, strides: 1 } }))
      .help!,
    /did you mean stride/,
  );
});

test("the written type is the inferred one", () => {
  const found = refuses(
    "ir/type",
    /%y: conv gives another type/,
    withResult({ type: tensorType("i32", [1, 4, 2]) }),
  );
  assert.is(found.found, "i32[1x4x2]");
  assert.is(found.expected, "i32[1x2x2]");
});

const relaxed = defineOp({
  name: "maybe",
  summary: "An op that only a search may use.",
  operands: { x: { storage: ["f32"] } },
  attrs: {},
  traits: ["relaxed"],
  infer: ({ x }) => x,
  examples: [],
});

test("each stage holds what belongs there", () => {
  const f = tensorType("f32", [1, 4, 1]);
  const input = value("x", f);
  const graph = (stage: Graph["stage"], op = relaxed): Graph => {
    const result = value("y", f);
    return {
      name: "net",
      stage,
      inputs: [input],
      outputs: [result],
      nodes: [{ op, operands: [input], attrs: {}, result }],
    };
  };
  assert.equal(verify(graph("relaxed")), []);
  refuses("ir/stage", /maybe may stand in relaxed graphs only/, graph("float"));
  refuses("ir/stage", /%x: a float graph holds f32 values only/, {
    ...graph("float"),
    inputs: [x],
    outputs: [],
    nodes: [],
  });
  refuses("ir/stage", /%x: a relaxed graph holds f32 values only/, {
    ...graph("relaxed"),
    inputs: [x],
    outputs: [],
    nodes: [],
  });
  refuses("ir/stage", /%n: an integer graph has no symbolic batch/, {
    ...graph("integer"),
    inputs: [value("n", tensorType("u8", ["N", 4]))],
    outputs: [],
    nodes: [],
  });
  const lowered = { ...graph("integer"), outputs: [], nodes: [] };
  refuses("ir/stage", /%x: f32 in an integer graph/, lowered);
  const onlyFloat: OpDef = { ...relaxed, name: "wave", operands: { x: { storage: ["u8"] } }, traits: [] };
  const result = value("y", x.type);
  refuses("ir/stage", /wave has no integer meaning/, {
    ...sound,
    outputs: [result],
    nodes: [{ op: onlyFloat, operands: [x], attrs: {}, result }],
  });
});

test("every id was provoked, but for those of proofs", () => {
  const all = ["name", "duplicate-name", "undefined-value", "shape", "quant", "operands", "type", "stage"];
  assert.equal([...provoked].sort(), all.map((what) => error(`ir/${what}`, "").id).sort());
});

test("a broken structure is not analysed further", () => {
  const graph = withNode({
    operands: [value("v", x.type), w],
    result: { ...y.result, type: tensorType("i8", [9]) },
  });
  assert.equal(
    verify(graph).map((d) => d.id),
    ["ir/undefined-value"],
  );
});

test("every op has a name that text can say", () => {
  for (const op of ops) assert.match(op.name, /^[a-z_]+$/);
});

test.run();
