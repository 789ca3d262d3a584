/** Vectors from a model: each of its layers with the values of one inference. */
import { defaultAttr } from "../ir/check.js";
import { Refusal } from "../ir/diagnostic.js";
import { type Graph, isParam, type Node, usersOf, type Value } from "../ir/graph.js";
import { type AttrSpec, type OpDef, operandNames } from "../ir/op.js";
import { requant } from "../ir/ops/requant.js";
import type { Data } from "../ir/storage.js";
import { allocate, type Tensor } from "../ir/tensor.js";
import { elements, sizes, type TensorType, zeroPoint } from "../ir/type.js";
import { type Binding, resultName } from "./binding.js";
import { type GoldenCase, resolveAttrs } from "./cases.js";
import { type Expression, evaluateExpression } from "./expression.js";
import { refuseUnfit } from "./limits.js";

/** An op with the requantisation that alone reads its sums: what kernels do in one go. */
export interface Layer {
  readonly name: string;
  readonly nodes: readonly Node[];
  /** Every tensor by the name of its operand, the result as `y`. */
  readonly tensors: ReadonlyMap<string, Tensor>;
}

export function layersOf(graph: Graph, values: ReadonlyMap<string, Tensor>): readonly Layer[] {
  const users = usersOf(graph);
  const outputs = new Set(graph.outputs);
  const fused = new Set<Node>();
  return graph.nodes.flatMap((node) => {
    if (fused.has(node)) return [];
    const readers = users.get(node.result) ?? [];
    const next = readers.length === 1 && !outputs.has(node.result) ? readers[0]! : undefined;
    const nodes =
      next?.op === requant && next.operands[0] === node.result && node.op !== requant ? [node, next] : [node];
    if (nodes[1]) fused.add(nodes[1]);
    return [{ name: nodes.at(-1)!.result.name, nodes, tensors: tensorsOf(nodes, values) }];
  });
}

function tensorsOf(nodes: readonly Node[], values: ReadonlyMap<string, Tensor>): ReadonlyMap<string, Tensor> {
  const of = (v: Value): Tensor => (isParam(v) ? { type: v.type, data: v.data } : values.get(v.name)!);
  const found = new Map<string, Tensor>();
  for (const [i, { op, operands }] of nodes.entries()) {
    const names = operandNames(op, operands.length).map((n) => n.replace(/\[(\d+)\]$/, "$1"));
    for (const [k, operand] of operands.entries()) {
      if (i > 0 && k === 0) continue;
      const name = names[k]!;
      found.set(found.has(name) ? `${op.name}.${name}` : name, of(operand));
    }
  }
  return found.set(resultName, of(nodes.at(-1)!.result));
}

/** The layer as a vector of the binding, or why it is none: the kernel is for other layers. */
export function layerCase(binding: Binding, layer: Layer, cores: number): GoldenCase | string {
  const { nodes } = layer;
  const chain = binding.steps.map((s) => s.op);
  if (nodes.length !== chain.length || nodes.some((n, i) => n.op !== chain[i])) return "another op";
  const shapes = solveSizes(binding, layer);
  if (typeof shapes === "string") return shapes;
  const tensors = new Map<string, Tensor>();
  for (const bound of binding.tensors.values()) {
    const want = bound.shape?.map((e) => size(e, shapes));
    const t = fitted(layer.tensors.get(bound.name), want, bound.storage);
    if (!t) return `${bound.name} has another shape`;
    if (t.type.storage !== bound.storage) return `${bound.name} is ${t.type.storage}, not ${bound.storage}`;
    if (!bound.zero.includes(zeroPoint(t.type))) return `${bound.name} has zero point ${zeroPoint(t.type)}`;
    tensors.set(bound.name, t);
    try {
      refuseUnfit(bound, t);
    } catch (e) {
      if (e instanceof Refusal) return e.diagnostics[0]!.text;
      throw e;
    }
  }
  const wrong = otherAttrs(binding, nodes, shapes);
  if (wrong) return wrong;
  const setting = { sizes: shapes, attrs: nodes.map(() => ({})), zeros: {}, cores };
  return { name: `layer %${layer.name}`, setting, nodes, tensors };
}

const size = (e: Expression, known: Readonly<Record<string, number>>): number =>
  Number(evaluateExpression(e, ({ base }) => BigInt(known[base] ?? 0)));

/** The sizes that stand alone in a shape; those that are calculated must come out right afterwards. */
function solveSizes(binding: Binding, layer: Layer): Readonly<Record<string, number>> | string {
  const known: Record<string, number> = {};
  for (const { name, shape = [] } of binding.tensors.values()) {
    const has = layer.tensors.get(name)?.type.shape as readonly number[] | undefined;
    if (!has || has.length !== shape.length) continue;
    for (const [i, e] of shape.entries()) {
      if (e.kind !== "reference") continue;
      const { base } = e.reference;
      // Constants of one element stand for all channels.
      if (known[base] === undefined || has[i]! > known[base]) known[base] = has[i]!;
    }
  }
  const open = [...binding.sizes.keys()].find((n) => known[n] === undefined);
  return open === undefined ? known : `nothing says what ${open} is`;
}

/** A tensor of the wanted shape: one constant is repeated, a bias that is left out is zero. */
function fitted(
  t: Tensor | undefined,
  want: readonly number[] | undefined,
  storage: TensorType["storage"],
): Tensor | undefined {
  if (!want) return t;
  const type = { storage, shape: want };
  if (!t) return { type, data: allocate(storage, elements(type)) };
  const has = sizes(t.type);
  if (has.join() === want.join()) return t;
  if (has.length !== 1 || has[0] !== 1 || want.length !== 1) return undefined;
  return { type: { ...t.type, shape: want }, data: repeated(t.data, want[0]!) };
}

function repeated(data: Data, count: number): Data {
  const out = new (data.constructor as new (n: number) => Data)(count);
  for (let i = 0; i < count; i++) out[i] = data[0] as never;
  return out;
}

/** Attributes that the binding does not mention have their defaults in its kernel; those with one value, that one. */
function otherAttrs(
  binding: Binding,
  nodes: readonly Node[],
  known: Readonly<Record<string, number>>,
): string | undefined {
  for (const [i, step] of binding.steps.entries()) {
    const node = nodes[i]!;
    const fixed = resolveAttrs(step, {}, known);
    const plain = defaults(step.op, node);
    for (const [name, value] of Object.entries(node.attrs)) {
      const choices = step.attrs[name];
      const only = choices === undefined ? plain[name] : choices.length === 1 ? fixed[name] : undefined;
      if (choices !== undefined && only === undefined) continue;
      if (String(value) !== String(only)) return `${name} is ${value}`;
    }
  }
  return undefined;
}

const defaults = (op: OpDef, node: Node): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(op.attrs as AttrSpec).map(([name, kind]) => [name, defaultAttr(kind, node.operands)]),
  );
