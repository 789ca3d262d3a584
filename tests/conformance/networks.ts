/**
 * Networks written in the DSL against onnxruntime: each at drawn sizes and with random weights is exported, run
 * there, read back and run on engine `float`. A search over a size of the input says which the network takes.
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { floatEngine } from "../../src/backends/float/index.js";
import { randomTensor } from "../../src/data/random-tensor.js";
import { parsePulse } from "../../src/frontends/dsl/index.js";
import { makeParam } from "../../src/ir/build.js";
import { unwrap } from "../../src/ir/diagnostic.js";
import { type Graph, isParam, mainGraph, type Node, type Param, type Value } from "../../src/ir/graph.js";
import { operandNames } from "../../src/ir/op.js";
import { ops } from "../../src/ir/ops/index.js";
import { randomFrom } from "../../src/ir/random.js";
import type { Tensor } from "../../src/ir/tensor.js";
import { atBatch, printType } from "../../src/ir/type.js";
import { exported, onRuntime, readBack } from "../backends/onnx-export.js";
import type { CaseFolder } from "./cases.js";
import { failure, type Outcome } from "./run.js";

/** Every model below `dir`, in order of their names. */
export const networkCases = (dir: string): readonly CaseFolder[] =>
  readdirSync(dir)
    .filter((file) => file.endsWith(".pulse"))
    .sort()
    .map((file) => ({ name: path.basename(file, ".pulse"), folder: dir, model: path.join(dir, file) }));

/**
 * Of an output's largest magnitude. Both sides sum in f32, in different orders: an element near zero is what is
 * left of terms of that magnitude, and its rounding is theirs.
 */
export const networkTolerance = 1e-4;

/** Where the params of norms, biases and slopes lie: as they start, a norm does nothing. Weights stay He-uniform. */
const spreads: Readonly<Record<string, readonly [low: number, high: number]>> = {
  gamma: [0.5, 1.5],
  var: [0.5, 1.5],
  beta: [-0.5, 0.5],
  mean: [-0.5, 0.5],
  b: [-0.5, 0.5],
  alpha: [-0.25, 0.75],
};

/** The graph with other numbers in its biases, norms and slopes. */
function spread(graph: Graph, random: () => number): Graph {
  const redrawn = (param: Param, name: string): Param => {
    const [low, high] = spreads[name]!;
    const data = Float32Array.from({ length: param.data.length }, () => low + (high - low) * random());
    return makeParam(param.name, param.type, data, param);
  };
  const drawn = ({ op, operands, ...rest }: Node): Node => {
    const names = operandNames(op, operands.length);
    const own = (v: Value, i: number) => (isParam(v) && spreads[names[i]!] ? redrawn(v, names[i]!) : v);
    return { ...rest, op, operands: operands.map(own) };
  };
  return { ...graph, nodes: graph.nodes.map(drawn) };
}

export interface DrawnNetwork {
  readonly graph: Graph;
  readonly inputs: readonly Tensor[];
  readonly opset: number;
  /** Types of the inputs, with the batch that was drawn; and the opset. */
  readonly sizes: string;
}

/** What the exporter writes. */
const opsets = { oldest: 13, newest: 24 } as const;

/** Networks draw different numbers from one seed. */
const seedFor = (name: string, seed: number): number =>
  [...name].reduce((h, c) => Math.imul(h, 31) + c.charCodeAt(0), seed);

/** The network of a text with everything random that may be: sizes, batch, params, inputs, opset. */
export async function drawNetwork(source: string, file: string, seed: number): Promise<DrawnNetwork> {
  const random = randomFrom(seedFor(path.basename(file), seed));
  const pick = (list: readonly string[]) => list[Math.floor(random() * list.length)]!;
  const sized = source.replace(
    /search (\w+) = choice\(([^)]*)\)/g,
    (_, name, choices) => `${name} = ${pick(choices.split(","))}`,
  );
  const { module } = unwrap(await parsePulse(sized, { file, ops, seed }));
  const graph = spread(mainGraph(module), random);
  const batch = 1 + Math.floor(random() * 2);
  const inputs = graph.inputs.map((v, i) => randomTensor(atBatch(v.type, batch), seed * 1000 + i));
  const opset = opsets.oldest + Math.floor(random() * (opsets.newest - opsets.oldest + 1));
  const sizes = inputs.map((t) => printType(t.type)).join(", ");
  return { graph, inputs, opset, sizes: `${sizes} opset ${opset}` };
}

/** The largest difference, in units of the largest magnitude of what is meant. Infinite where shapes or NaNs differ. */
export function distance(found: Tensor, meant: Tensor): number {
  if (found.type.shape.join() !== meant.type.shape.join()) return Infinity;
  const numbers = (t: Tensor) => Float64Array.from(t.data as ArrayLike<number>, Number);
  const [a, b] = [numbers(found), numbers(meant)];
  if (![...a, ...b].every(Number.isFinite)) return Infinity;
  const largest = b.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
  return a.reduce((m, v, i) => Math.max(m, Math.abs(v - b[i]!)), 0) / (largest || 1);
}

export interface NetworkErrors {
  /** Engine `float` against onnxruntime on the exported file. */
  readonly runtime: number;
  /** The file read back, on engine `float`, against the graph it came from. */
  readonly readBack: number;
  /** Outputs whose elements are all equal: nothing is compared there. */
  readonly constant: readonly string[];
}

const isConstant = ({ data }: Tensor): boolean =>
  data.length > 1 && (data as Float32Array).every((v) => v === data[0]);

/** `written` is exported; another graph than the network's own shows that differences are found. */
export async function networkErrors(
  {
    graph,
    inputs,
    opset = opsets.newest,
  }: Pick<DrawnNetwork, "graph" | "inputs"> & { readonly opset?: number },
  written: Graph = graph,
): Promise<NetworkErrors> {
  const session = await floatEngine.prepare(graph, { expose: "outputs" });
  const values = await session.run(inputs);
  await session.dispose();
  const ours = graph.outputs.map((v) => values.get(v.name)!);
  const bytes = await exported(written, { opset });
  const { list: theirs } = await onRuntime(bytes, graph, inputs);
  const back = await readBack(bytes, graph, inputs);
  const worst = (found: readonly Tensor[], meant: readonly Tensor[]) =>
    Math.max(...meant.map((t, i) => distance(found[i]!, t)));
  return {
    runtime: worst(ours, theirs),
    readBack: worst(back, ours),
    constant: graph.outputs.filter((_, i) => isConstant(ours[i]!)).map((v) => v.name),
  };
}

export interface MeasuredNetwork {
  readonly verdict: Outcome["verdict"];
  readonly kind: string;
  /** The same on every machine: layers and drawn inputs, or what is wrong. */
  readonly facts: string;
  /** Rounding, which depends on the machine. */
  readonly errors: string;
}

/** The network at `draws` sizes; the first that differs ends it. */
export async function measureNetwork({ name, model }: CaseFolder, draws: number): Promise<MeasuredNetwork> {
  const source = readFileSync(model, "utf8");
  const all: { readonly network: DrawnNetwork; readonly errors: NetworkErrors }[] = [];
  try {
    for (let seed = 1; seed <= draws; seed++) {
      const network = await drawNetwork(source, model, seed);
      const errors = await networkErrors(network);
      const wrong = complaint(errors);
      if (wrong) return { ...failed, facts: `${network.sizes}: ${wrong}` };
      all.push({ network, errors });
    }
  } catch (e) {
    const { verdict, kind, reason } = failure(name, e);
    return { verdict, kind, facts: reason, errors: "" };
  }
  const largest = (of: keyof NetworkErrors) => Math.max(...all.map(({ errors }) => Number(errors[of])));
  const sizes = all.map(({ network }) => network.sizes);
  const facts = `${all[0]!.network.graph.nodes.length} nodes; ${sizes.join("; ")}`;
  const errors = `${brief(largest("runtime"))} from onnxruntime, ${brief(largest("readBack"))} read back`;
  return { verdict: "PASS", kind: "pass", facts, errors };
}

const failed = { verdict: "FAIL", kind: "outputs differ", errors: "" } as const;
const brief = (x: number): string => (x === 0 ? "0" : x.toExponential(1));

function complaint({ runtime, readBack: again, constant }: NetworkErrors): string | undefined {
  if (constant.length > 0) return `all elements of ${constant.join(", ")} are equal`;
  if (!(runtime <= networkTolerance)) return `${brief(runtime)} from onnxruntime`;
  if (!(again <= networkTolerance)) return `${brief(again)} from itself when read back`;
  return undefined;
}

/** The outcome of a network at ten sizes, with the largest differences. */
export async function runNetwork(c: CaseFolder): Promise<readonly Outcome[]> {
  const { verdict, kind, facts, errors } = await measureNetwork(c, 10);
  const passed = `${facts.split(";")[0]}, 10 sizes, ${errors}`;
  return [{ name: c.name, verdict, kind, reason: verdict === "PASS" ? passed : facts }];
}
