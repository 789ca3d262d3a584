/** Nodes that join, take or turn values, as aliases: no layer computes these, but for copies where addresses cannot do it. */
import { makeNode } from "../../../ir/build.js";
import { type Graph, isParam, type Node, usersOf, type Value } from "../../../ir/graph.js";
import { clip } from "../../../ir/ops/clip.js";
import { concat } from "../../../ir/ops/concat.js";
import type { Layer } from "../contract.js";
import { type Alias, joined, other, takenBy } from "./alias.js";
import { extentOf } from "./extent.js";
import type { AliasUnit, Unit } from "./units.js";

/** The copy of a value, which keeps the shape. */
const copyNode = (from: Value, to: Value): Node => ({
  ...makeNode(concat, [from], { axis: -1 }, { name: to.name }),
  result: to,
});

/** The only element that a value known in advance has. */
function uniform(v: Value): number | undefined {
  if (!isParam(v)) return undefined;
  const [first] = v.data;
  return v.data.every((e) => e === first) ? Number(first) : undefined;
}

/** A layer that reads one element of `x` and writes `value` everywhere. */
function filled(x: Value, to: Value, value: number): Layer {
  const node: Node = {
    ...makeNode(clip, [x], { lo: value, hi: value }, { name: to.name }),
    result: to,
  };
  const single = { kind: "single" } as const;
  const input = {
    value: x,
    extent: extentOf(x)!,
    y: single,
    x: single,
    channels: "single",
    fill: 0,
  } as const;
  return {
    name: to.name,
    nodes: [node],
    anchor: node,
    inputs: [input],
    output: to,
    out: extentOf(to)!,
    bias: [],
  };
}

const movers: ReadonlySet<string> = new Set(["concat", "slice", "crop", "transpose"]);

export interface Surroundings {
  readonly graph: Graph;
  /** A unit that copies a value, said to be what computes `nodes`; nothing where no kernel does. */
  copy(node: Node, nodes: readonly Node[], name: string): Unit | undefined;
  /** The unit of a layer, likewise. */
  tiled(layer: Layer): Unit | undefined;
  /** Nodes that kernels of the user's own compute. */
  readonly claimed: ReadonlyMap<Node, Unit>;
  /** Values lie channels last with rows one behind the other. */
  readonly plain: boolean;
}

/** What is known of units while they become aliases. */
interface Reading {
  /** The unit of the value, before. */
  readonly maker: (v: Value) => Unit | undefined;
  readonly becomes: ReadonlySet<Unit>;
  /** Can everybody who reads the value do so where it is a part of others' bytes? */
  readonly strided: (v: Value) => boolean;
  /** Operands that lie in the result of a join. */
  readonly placed: Set<Value>;
}

function reading(units: readonly Unit[], s: Surroundings): Reading {
  const users = usersOf(s.graph);
  const unitOf = new Map(units.flatMap((u) => u.nodes.map((n) => [n, u] as const)));
  const makers = new Map(units.map((u) => [u.output, u]));
  const outputs = new Set(s.graph.outputs);
  const becomes = new Set(units.filter((u) => isMover(u, s)));
  const copes = (n: Node): boolean => unitOf.get(n)!.kind === "tiled" || becomes.has(unitOf.get(n)!);
  return {
    maker: (v) => makers.get(v),
    becomes,
    strided: (v) => !outputs.has(v) && (users.get(v) ?? []).every(copes),
    placed: new Set(),
  };
}

/** Operands where they belong, with copies of those that must stay where they are. */
function joins(node: Node, r: Reading, s: Surroundings): readonly Unit[] {
  const made: Unit[] = [];
  const operands = node.operands.map((v, i) => {
    const maker = r.maker(v);
    const own =
      maker && (r.becomes.has(maker) ? maker.nodes[0]!.op.name === "concat" : maker.kind === "tiled");
    if (own && r.strided(v) && !r.placed.has(v)) {
      r.placed.add(v);
      return v;
    }
    const to = other(`${node.result.name}.part${i}`, v);
    const value = uniform(v);
    const copy = copyNode(v, to);
    const moved =
      value === undefined ? s.copy(copy, [copy], to.name) : s.tiled(filled(first(node), to, value));
    made.push(...(moved ? [moved] : []));
    return to;
  });
  return [...made, aliasUnit({ ...node, operands }, joined(node, operands)!, node.result)];
}

/**
 * Units with aliases for nodes that join, take or turn values. Where somebody needs the elements one behind the other,
 * or two joins want one value, tiles are copied.
 */
export function withAliases(units: readonly Unit[], s: Surroundings): readonly Unit[] {
  const r = reading(units, s);
  return units.flatMap((unit): readonly Unit[] => {
    if (!r.becomes.has(unit)) return [unit];
    const node = unit.nodes[0]!;
    if (node.op.name === "concat") return joins(node, r, s);
    const free = r.strided(node.result);
    if (unit.kind === "tiled" && !free) return [unit];
    const t = takenBy(node, free)!;
    const copy = t.copy && s.copy(copyNode(t.copy.from, t.copy.to), [node], node.result.name);
    return [
      ...t.before.map((a) => aliasUnit(node, [a], a.value)),
      ...(copy ? [copy] : []),
      ...t.behind.map((a) => aliasUnit(node, [a], a.within)),
    ];
  });
}

const aliasUnit = (node: Node, aliases: readonly Alias[], output: Value): AliasUnit => ({
  kind: "alias",
  nodes: [node],
  output,
  aliases,
});

/** Can the node be aliases, with copies that some kernel makes? */
function isMover(unit: Unit, s: Surroundings): boolean {
  const [node] = unit.nodes;
  if (
    unit.nodes.length !== 1 ||
    !node ||
    !movers.has(node.op.name) ||
    !["tiled", "whole"].includes(unit.kind)
  )
    return false;
  if (s.claimed.has(node)) return false;
  if (node.op.name === "concat")
    return (
      unit.kind === "whole" &&
      node.operands.every((v) => !isParam(v) || uniform(v) !== undefined) &&
      joined(node, node.operands) !== undefined &&
      copies(node, s)
    );
  if (isParam(node.operands[0]!)) return false;
  const t = takenBy(node, false);
  if (!t || !copies(node, s)) return false;
  return !s.plain || (t.behind.length === 0 && node.op.name !== "transpose" && (node.attrs.step ?? 1) === 1);
}

const first = ({ operands }: Node): Value => operands.find((v) => !isParam(v))!;

function copies(node: Node, s: Surroundings): boolean {
  const x = first(node);
  const to = other("copy", x);
  const copy = copyNode(x, to);
  return s.copy(copy, [copy], "copy") !== undefined && s.tiled(filled(x, to, 0)) !== undefined;
}
