/** What DORY's dialect cannot say, op by op, with a way out. */
import { highest, lowest } from "../../../ir/bounds.js";
import type { Diagnostic } from "../../../ir/diagnostic.js";
import { isParam, type Node, type Value } from "../../../ir/graph.js";
import { axisOf } from "../../../ir/ops/axes.js";
import { sameShape } from "../../../ir/type.js";
import { type Facts, ints, isMoved, isView, paramAt, shapeOf, viewed } from "./facts.js";
import {
  exactInDouble,
  isAddOperand,
  isPerTensor,
  largest,
  levelsOf,
  pooledElements,
  scalingOf,
} from "./scaling.js";

export interface Problem extends Pick<Diagnostic, "id" | "text" | "found" | "expected" | "help"> {}
type Rule = (node: Node, facts: Facts) => readonly (Problem | undefined)[];

const op = (text: string, help: string, found?: string): Problem => ({
  id: "export/dory-op",
  text,
  help,
  ...(found === undefined ? {} : { found }),
});
const layout = (text: string, help: string): Problem => ({ id: "export/dory-layout", text, help });

/** Is the node refused anyway? What follows from that is not worth a line of its own. */
const isForeign = (node: Node | undefined): boolean =>
  node !== undefined && !Object.hasOwn(rules, node.op.name);

/** A sum of 32 bits goes through one requant; only a last layer may leave it as it is. */
function readByOneRequant(node: Node, facts: Facts): Problem | undefined {
  const users = facts.users(node.result);
  if (users.some(isForeign)) return undefined;
  const isOutput = facts.isOutput(node.result);
  if (users.length === 1 && users[0]!.op.name === "requant" && !isOutput) return undefined;
  const last = ["conv", "linear"].includes(node.op.name) && users.length === 0;
  if (isOutput && last) return undefined;
  const readers = [
    ...users.map((u) => `${u.op.name} %${u.result.name}`),
    ...(isOutput ? ["the graph's output"] : []),
  ];
  return op(
    "its i32 sum is not read by one requant alone",
    "requantise it to 8 bits or fewer first; canonicalise folds relu and clip into the requant",
    readers.join(", ") || "no reader",
  );
}

const padding = (node: Node): readonly (Problem | undefined)[] => {
  const pads = ints(node, "pads");
  const mode = node.attrs.pad_mode ?? "constant";
  const padded = pads.some((p) => p !== 0);
  return [
    mode !== "constant" && padded
      ? op(`it pads with ${mode}`, "DORY pads with zeros: pad_mode = constant")
      : undefined,
    pads.some((p) => p < 0) ? op("its pads are negative", "crop before the network, or pad less") : undefined,
  ];
};

const conv: Rule = (node, facts) => {
  const [x, w] = [node.operands[0]!, paramAt(node, 1)!];
  const groups = node.attrs.groups as number;
  const [ci, co] = [shapeOf(x).at(-1)!, shapeOf(w)[0]!];
  const depthwise = groups === ci && groups === co;
  return [
    ...padding(node),
    groups === 1 || depthwise
      ? undefined
      : op(
          `it has ${groups} groups for ${ci} input and ${co} output channels`,
          "DORY takes 1 group, or as many groups as input and output channels: split it, or fill up with zeros",
        ),
    ...weights(node),
    readByOneRequant(node, facts),
  ];
};

function weights(node: Node): readonly (Problem | undefined)[] {
  const [w, b] = [paramAt(node, 1)!, paramAt(node, 2)];
  const wide = b?.data.findIndex((v: number | bigint) => Math.fround(Number(v)) !== Number(v)) ?? -1;
  return [
    w.type.storage === "i16"
      ? type(`its weights @${w.name} are i16`, "quantise them to i8, i4 or i2")
      : undefined,
    wide >= 0
      ? type(
          `its bias is ${b!.data[wide]} in channel ${wide}, which no float holds`,
          "move it into the requant's add",
        )
      : undefined,
  ];
}
const type = (text: string, help: string): Problem => ({ id: "export/dory-type", text, help });

const linear: Rule = (node, facts) => [
  shapeOf(node.operands[0]!).length === 2
    ? undefined
    : layout("it works on positions, not on one vector", "write it as a conv of kernel 1"),
  ...weights(node),
  readByOneRequant(node, facts),
];

const maxpool: Rule = (node) => [
  ...padding(node),
  ints(node, "dilation").some((d) => d > 1)
    ? op("it is dilated", "DORY pools without dilation: slice first, or use a stride")
    : undefined,
];

const avgpool: Rule = (node, facts) => [
  ...padding(node),
  ints(node, "pads").some((p) => p > 0) && !node.attrs.count_include_pad
    ? op("its averages leave padding out", "set count_include_pad = true: DORY divides by the whole kernel")
    : undefined,
  readByOneRequant(node, facts),
];

const pad: Rule = (node, facts) => {
  const readers = facts.users(node.result);
  const reader = readers.length === 1 && !facts.isOutput(node.result) ? readers[0]!.op.name : undefined;
  const signedMax = reader === "maxpool" && lowest(facts.bounds(node.operands[0]!)) < 0;
  return [
    ...padding(node),
    (node.attrs.value ?? 0) === 0
      ? undefined
      : op(`it pads with ${node.attrs.value}`, "DORY pads with zeros"),
    reader === "conv" || (reader === "maxpool" && !signedMax)
      ? undefined
      : op(
          "DORY merges padding into the conv or unsigned maxpool that alone reads it",
          "pad in the conv itself, or once for each reader",
          readers.map((u) => u.op.name).join(", ") || "the graph's output",
        ),
  ];
};

const view: Rule = (node, facts) => {
  const y = node.result;
  const sole = facts.users(y).every((u) => u.op.name === "linear") && !facts.isOutput(y);
  return [
    shapeOf(y).length === 2
      ? undefined
      : layout("it does not flatten to one vector", "DORY knows Flatten before a fully connected layer only"),
    isMoved(viewed(facts, y)) && !sole
      ? layout(
          "a flattened map of several positions and channels is read by more than linear layers",
          "ONNX flattens channels first: end the network before the flatten",
        )
      : undefined,
  ];
};

const sums: readonly string[] = ["conv", "linear", "maxpool", "avgpool", "global_avgpool", "add"];

/** Is there a layer that DORY can fuse the requant with? Behind an Add's own there may be a second one. */
function hasLayer(facts: Facts, requant: Node): boolean {
  const before = facts.producer(requant.operands[0]!);
  if (!before) return false;
  if (sums.includes(before.op.name)) return true;
  const sum = before.op.name === "requant" ? facts.producer(before.operands[0]!) : undefined;
  return sum?.op.name === "add" && facts.users(before.result).length === 1 && !facts.isOutput(before.result);
}

const requant: Rule = (node, facts) => {
  if (isAddOperand(facts, node)) return [];
  const x = node.operands[0]!;
  const before = facts.producer(x);
  const pooled = pooledElements(before);
  const along = axisOf(shapeOf(x).length, node.attrs.axis as number) === shapeOf(x).length - 1;
  const isWide = largest(facts, node, scalingOf(node, pooled), pooled) >= exactInDouble;
  return [
    hasLayer(facts, node) || isForeign(before)
      ? undefined
      : op(
          "DORY requantises only behind a conv, linear, pool or add",
          "compose it with the requant before, or move it behind the next layer",
          before ? `${before.op.name} %${before.result.name}` : "the graph's input",
        ),
    isPerTensor(node) || along
      ? undefined
      : op("it varies along another axis than the channels", "set axis = -1"),
    node.result.type.storage === "i32"
      ? type(
          "its result is i32",
          "requantise to i8, u8 or fewer bits, or let the last layer be the sum itself",
        )
      : undefined,
    isWide ? type("x * mul + add may need more than 53 bits", "use a smaller shift") : undefined,
    before?.op.name === "add" ? sumRequant(node) : undefined,
  ];
};

/** `out_mul`, `out_add`, `out_shift` and `out_n_levels` of an Add are single numbers. */
function sumRequant(node: Node): Problem | undefined {
  if (!isPerTensor(node))
    return op("a sum is requantised per channel", "DORY's Add has one multiplier for all channels");
  if (levelsOf(node)) return undefined;
  return op(
    `a sum is clamped to [${node.attrs.lo ?? "..."}, ${node.attrs.hi ?? "..."}]`,
    "DORY's Add has a power of two of levels: clamp to the range of a type",
  );
}

const magnitude = (facts: Facts, value: Value): number => {
  const bounds = facts.bounds(value);
  return Math.max(-lowest(bounds), highest(bounds));
};

const add: Rule = (node, facts) => {
  const [a, b] = node.operands as [Value, Value];
  if (isParam(a) || isParam(b)) return [op("it adds a constant", "make it the bias of the layer before")];
  const wide = [a, b].filter((v) => v.type.storage === "i32");
  return [
    sameShape(a.type.shape, b.type.shape) ? undefined : op("it broadcasts", "DORY adds tensors of one shape"),
    wide.length > 0
      ? op(
          `it adds i32 sums (${wide.map((v) => `%${v.name}`).join(", ")})`,
          "requantise both operands to 8 bits first",
        )
      : undefined,
    [a, b].some((v) => facts.graph.inputs.includes(viewed(facts, v)))
      ? op("it reads the graph's input", "DORY adds results of layers: put a layer between")
      : undefined,
    [a, b].some((v) => isView(facts.producer(v)))
      ? op("it adds flattened tensors", "add before the flatten")
      : undefined,
    ints(node, "mul").some((m, i) => m < 1 || m * magnitude(facts, i === 0 ? a : b) > 2 ** 30)
      ? op("its factors are not positive, or too large", "fold them into the requants of its operands")
      : undefined,
    readByOneRequant(node, facts),
  ];
};

export const rules: Readonly<Record<string, Rule>> = {
  conv,
  linear,
  maxpool,
  avgpool,
  global_avgpool: (node, facts) => [readByOneRequant(node, facts)],
  pad,
  flatten: view,
  reshape: view,
  squeeze: view,
  requant,
  add,
};

const others: Readonly<Record<string, string>> = {
  relu: "requantise its result: canonicalise folds it into the requant behind it",
  clip: "canonicalise folds it into the requant before it",
  sub: "negate weights before it and add",
  concat: "DORY has no concatenation: add branches instead, or keep this network with the C target",
  upsample: "DORY has no resizing, half-pixel or other; the C target has",
  lut: "DORY has no tables: use relu, or the C target",
  prelu: "DORY has ReLU alone: the pass prelu-to-relu changes the function and needs fine-tuning",
  matmul: "DORY multiplies by constant weights alone",
  conv_transpose: "DORY has no transposed convolution; the C target has",
};

/** Everything that keeps a node out of DORY. */
export function problemsOf(node: Node, facts: Facts): readonly Problem[] {
  const rule = Object.hasOwn(rules, node.op.name) ? rules[node.op.name] : undefined;
  if (rule) return rule(node, facts).filter((p) => p !== undefined);
  const help = others[node.op.name] ?? "export to another dialect, or compile with the C target";
  return [op(`DORY has no ${node.op.name}`, help)];
}
