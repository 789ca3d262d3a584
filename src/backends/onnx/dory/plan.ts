/** Which node of the graph becomes which part of DORY's network, and everything that cannot become one. */
import { type Diagnostic, error, warning } from "../../../ir/diagnostic.js";
import { type Graph, isParam, type Node, type Value } from "../../../ir/graph.js";
import { type IntStorage, storages } from "../../../ir/storage.js";
import { zeroPoint } from "../../../ir/type.js";
import { type Facts, ints, isView, viewed } from "./facts.js";
import { type Problem, problemsOf } from "./rules.js";
import { isAddOperand } from "./scaling.js";

/** One or a few ONNX nodes: an Add takes the requants around it along. */
export type Step =
  | { readonly kind: "node"; readonly node: Node }
  | { readonly kind: "requant"; readonly node: Node; readonly perChannel: boolean }
  | {
      readonly kind: "sum";
      readonly node: Node;
      /** The requants of its operands that it takes along, in their order. */
      readonly operands: readonly (Node | undefined)[];
      readonly out: Node;
    };

export interface Plan {
  readonly facts: Facts;
  readonly steps: readonly Step[];
  /** What DORY's fused layers compute, in its order: `out_layer0.txt`, `out_layer1.txt`, ... */
  readonly layers: readonly Value[];
}

const at = (value: Value) => (value.places[0] ? { place: value.places[0] } : {});

function diagnostic(what: string, value: Value, { id, text, ...more }: Problem): Diagnostic {
  return error(id, `${what}%${value.name}: ${text}`, { ...at(value), ...more });
}

/** What every value of the graph must be like, whatever computes it. */
function typeProblem(value: Value): Problem | undefined {
  const zero = zeroPoint(value.type);
  if (zero === 0) return undefined;
  return {
    id: "export/dory-type",
    text: `its zero point is ${zero}`,
    expected: "0: DORY's integers are multiples of their scale",
    help: "quantise symmetrically (zero points of 0)",
  };
}

function inputProblems(graph: Graph): Diagnostic[] {
  const counts = [
    ["input", graph.inputs],
    ["output", graph.outputs],
  ] as const;
  const wrong = counts.flatMap(([what, values]) =>
    values.length === 1
      ? []
      : [
          error("export/dory-layout", `@${graph.name} has ${values.length} ${what}s`, {
            expected: `one ${what}: DORY's networks have one`,
            help: `export a graph for each ${what}`,
          }),
        ],
  );
  return [...wrong, ...graph.inputs.flatMap((v) => inputProblem(v).map((p) => diagnostic("input ", v, p)))];
}

function inputProblem(value: Value): Problem[] {
  const shape = value.type.shape;
  const found = `[${shape.join("x")}]`;
  const batch: Problem = {
    id: "export/dory-layout",
    text: `its batch is ${shape[0]}`,
    found,
    help: "DORY runs one sample at a time: fix the batch to 1",
  };
  const rank: Problem = {
    id: "export/dory-layout",
    text: `it has rank ${shape.length}`,
    found,
    expected: "1 x C, 1 x L x C or 1 x H x W x C",
  };
  const wide: Problem = {
    id: "export/dory-type",
    text: "it is i32",
    expected: "an activation of 16 bits or fewer",
    help: "requantise before the network",
  };
  return [
    ...(shape[0] === 1 ? [] : [batch]),
    ...(shape.length >= 2 && shape.length <= 4 ? [] : [rank]),
    ...(value.type.storage === "i32" ? [wide] : []),
  ];
}

/** All reasons against the graph, in its order. */
export function refusals(facts: Facts): readonly Diagnostic[] {
  const { graph } = facts;
  const nodes = graph.nodes.flatMap((node) => {
    const all = [typeProblem(node.result), ...problemsOf(node, facts)];
    return all.flatMap((p) => (p ? [diagnostic(`${node.op.name} `, node.result, p)] : []));
  });
  const inputs = graph.inputs.flatMap((v) => {
    const p = typeProblem(v);
    return p ? [diagnostic("input ", v, p)] : [];
  });
  return [...inputProblems(graph), ...inputs, ...outputProblems(facts), ...nodes];
}

/** Outputs that ONNX would hold in another order, as the flattened form of what it flattens. */
const outputProblems = ({ graph, ...facts }: Facts): readonly Diagnostic[] =>
  graph.outputs
    .filter(
      (v) =>
        graph.inputs.includes(v) ||
        (isView(facts.producer(v)) && graph.inputs.includes(viewed({ graph, ...facts }, v))),
    )
    .map((v) =>
      error("export/dory-layout", `the output %${v.name} is the input: there is no layer`, {
        ...at(v),
        help: "export a graph with at least one conv, linear, pool or add",
      }),
    );

/** The export can say these; DORY's own kernels for GAP8 cannot run them. */
export function kernelWarnings(facts: Facts): readonly Diagnostic[] {
  const { graph } = facts;
  const kinds: readonly (readonly [text: string, concerns: (node: Node) => boolean])[] = [
    ["activations of 16 bits, for which DORY has no kernel", (n) => n.result.type.storage === "i16"],
    [
      "dilated convolutions, which DORY's GAP8 kernels run undilated",
      (n) => n.op.name === "conv" && ints(n, "dilation").some((d) => d > 1),
    ],
    [
      "sums of scaled operands, which DORY's mixed-precision Add clips to 8 bits (its 8-bit Add does not)",
      (n) => n.op.name === "add" && ints(n, "mul").some((m) => m !== 1),
    ],
  ];
  return kinds.flatMap(([text, concerns]) => {
    const found = graph.nodes.filter(concerns).map((n) => n.result);
    const [first] = found;
    if (!first) return [];
    const more = { ...at(first), found: found.map((v) => `%${v.name}`).join(", ") };
    return [warning("export/dory-kernel", `the network has ${text}`, more)];
  });
}

/** The steps of a graph without refusals. */
export function planOf(facts: Facts): Plan {
  const steps: Step[] = [];
  const layers: Value[] = [];
  const taken = new Set<Node>();
  for (const node of facts.graph.nodes) {
    if (taken.has(node) || isAddOperand(facts, node)) continue;
    steps.push(stepOf(node, facts, taken));
    const last = steps.at(-1)!;
    const result = last.kind === "sum" ? last.out.result : node.result;
    if (last.kind === "requant") layers[layers.indexOf(node.operands[0]!)] = result;
    else if (node.op.name !== "pad" && !isView(node)) layers.push(result);
  }
  return { facts, steps, layers };
}

function stepOf(node: Node, facts: Facts, taken: Set<Node>): Step {
  if (node.op.name === "requant") {
    // DORY fuses a requant of one multiplier with pools alone.
    const before = facts.producer(node.operands[0]!)?.op.name ?? "";
    return { kind: "requant", node, perChannel: !before.endsWith("pool") };
  }
  if (node.op.name !== "add") return { kind: "node", node };
  const [out] = facts.users(node.result);
  taken.add(out!);
  const operands = node.operands.map((v) => {
    const producer = isParam(v) ? undefined : facts.producer(v);
    return isAddOperand(facts, producer) ? producer : undefined;
  });
  return { kind: "sum", node, operands, out: out! };
}

export const bitsOf = (value: Value): number => storages[value.type.storage as IntStorage].bits;
export const isSigned = (value: Value): boolean => storages[value.type.storage as IntStorage].min < 0;
