/** What is computed how: tiled layers with their kernels, whole tensors by portable kernels, and views that cost nothing. */
import { boundsOf } from "../../ir/bounds.js";
import type { Kernel } from "../../ir/contracts.js";
import { error, Refusal } from "../../ir/diagnostic.js";
import { type Graph, isParam, type Node, type Value } from "../../ir/graph.js";
import { sizes } from "../../ir/type.js";
import { chooseKernels } from "../choose-kernels.js";
import type { KernelContext, Layer, TileKernel } from "./contract.js";
import { type Group, groupOf, layersOf } from "./layers.js";

export interface TiledUnit {
  readonly kind: "tiled";
  readonly nodes: readonly Node[];
  readonly output: Value;
  readonly layer: Layer;
  readonly kernel: TileKernel;
}
export interface WholeUnit {
  readonly kind: "whole";
  readonly nodes: readonly Node[];
  readonly output: Value;
  readonly kernel: Kernel;
  /** What the kernel is asked with, where that is not the only one of `nodes`. */
  readonly node?: Node;
}
/** A kernel of the user's own, for layers that it chooses itself. */
export interface LinkedKernel {
  /** A node is in one of them at most; only the last result of a unit is read by others. */
  units(graph: Graph, cores: number): readonly WholeUnit[];
}
/** The same bytes under another shape. */
export interface ViewUnit {
  readonly kind: "view";
  readonly nodes: readonly Node[];
  readonly output: Value;
}
/** Joins channels: its operands may be written to where they belong. */
export interface ConcatUnit {
  readonly kind: "concat";
  readonly nodes: readonly Node[];
  readonly output: Value;
}
export type Unit = TiledUnit | WholeUnit | ViewUnit | ConcatUnit;

const viewOps: ReadonlySet<string> = new Set(["reshape", "flatten", "squeeze"]);
/** Elements of the only position of a value: they lie one behind the other in it. */
export function isPart({ op, attrs, operands: [x] }: Node): boolean {
  if (op.name !== "slice" || attrs.step !== 1) return false;
  const shape = sizes(x!.type);
  const axis = attrs.axis as number;
  return (axis === -1 || axis === shape.length - 1) && shape.slice(0, -1).every((d) => d === 1);
}

/** Does the node only give its operand's bytes, or a part of them, another shape? */
export const isView = (node: Node): boolean => viewOps.has(node.op.name) || isPart(node);

export interface KernelLists {
  readonly tile: readonly TileKernel[];
  readonly portable: readonly Kernel[];
  /** Asked first, the first of them before the others. */
  readonly linked?: readonly LinkedKernel[];
}

/** Units in the order of the graph; with `alone`, every node is one. Throws a `Refusal` that names all nodes that no kernel takes. */
export function unitsOf(graph: Graph, kernels: KernelLists, cores: number, alone = false): readonly Unit[] {
  const cx: KernelContext = { bounds: boundsOf(graph), cores };
  const portable = chooseKernels(graph, kernels.portable);
  const aliased = joinable(graph);
  const whole = (node: Node): Unit => {
    const common = { nodes: [node], output: node.result };
    if (isView(node)) return { kind: "view", ...common };
    if (aliased.has(node)) return { kind: "concat", ...common };
    const kernel = portable.kernels.get(node);
    if (kernel) return { kind: "whole", ...common, kernel };
    throw new Refusal(...portable.missing.slice(0, 1), missing(node));
  };
  const tiled = (group: Group): Unit | undefined => {
    const { layer, nodes, output } = group;
    const kernel = layer && kernels.tile.find((k) => k.refuses(layer, cx) === undefined);
    return kernel && layer && { kind: "tiled", nodes, output, layer, kernel };
  };
  const units = (group: Group): readonly Unit[] => {
    const unit = tiled(group);
    if (unit) return [unit];
    return group.nodes.map((node) => tiled(groupOf([node], graph)) ?? whole(node));
  };
  const claimed = claims(graph, kernels.linked ?? [], cores);
  const around = (group: Group): readonly Unit[] => {
    if (!group.nodes.some((n) => claimed.has(n))) return units(group);
    return group.nodes.flatMap((n): readonly Unit[] => {
      const unit = claimed.get(n);
      if (unit) return unit.nodes.at(-1) === n ? [unit] : [];
      return units(groupOf([n], graph));
    });
  };
  return separated(layersOf(graph, alone).flatMap(around), portable.kernels);
}

/** Units of linked kernels by each of their nodes. */
function claims(graph: Graph, linked: readonly LinkedKernel[], cores: number): ReadonlyMap<Node, WholeUnit> {
  const found = new Map<Node, WholeUnit>();
  for (const unit of linked.flatMap((k) => k.units(graph, cores)))
    if (!unit.nodes.some((n) => found.has(n))) for (const n of unit.nodes) found.set(n, unit);
  return found;
}

/** Joins whose operands portable kernels make or read are done by such a kernel as well: those know no strides. */
function separated(units: readonly Unit[], kernels: ReadonlyMap<Node, Kernel>): readonly Unit[] {
  const dense = new Set(
    units.flatMap((u) =>
      u.kind === "whole" || u.kind === "view" ? [u.output, ...u.nodes[0]!.operands] : [],
    ),
  );
  const moved = units.findIndex((u) => u.kind === "concat" && u.nodes[0]!.operands.some((v) => dense.has(v)));
  const unit = units[moved];
  if (!unit) return units;
  const kernel = kernels.get(unit.nodes[0]!);
  if (!kernel) throw new Refusal(missing(unit.nodes[0]!));
  return separated(
    units.with(moved, { kind: "whole", nodes: unit.nodes, output: unit.output, kernel }),
    kernels,
  );
}

const missing = (node: Node) =>
  error("pulp/no-kernel", `%${node.result.name}: no kernel of the gap8 target takes this ${node.op.name}`, {
    ...(node.result.places[0] ? { place: node.result.places[0] } : {}),
    help: "rewrite the graph without it, or add a kernel in pulsec.config.ts",
  });

/** Concats along channels whose operands are all made by nodes, each in one place only. */
function joinable(graph: Graph): ReadonlySet<Node> {
  const taken = new Set<Value>([...graph.inputs, ...graph.outputs]);
  const found = new Set<Node>();
  for (const node of graph.nodes) {
    if (node.op.name !== "concat") continue;
    const rank = node.result.type.shape.length;
    const axis = node.attrs.axis as number;
    const channels = axis === -1 || axis === rank - 1;
    const even = node.operands.every((v) => !isParam(v) && sizes(v.type).at(-1)! % 4 === 0);
    const free =
      new Set(node.operands).size === node.operands.length && !node.operands.some((v) => taken.has(v));
    if (!channels || !even || !free || graph.outputs.includes(node.result)) continue;
    for (const v of node.operands) taken.add(v);
    found.add(node);
  }
  return found;
}
