/** What is computed how: tiled layers with their kernels, whole tensors by portable kernels, and views that cost nothing. */
import { boundsOf } from "../../../ir/bounds.js";
import type { Kernel } from "../../../ir/contracts.js";
import { error, Refusal } from "../../../ir/diagnostic.js";
import type { Graph, Node, Value } from "../../../ir/graph.js";
import { chooseKernels } from "../../choose-kernels.js";
import type { KernelContext, Layer, TileKernel } from "../contract.js";
import type { Alias } from "./alias.js";
import { withAliases } from "./aliases.js";
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
/** Values that lie in the bytes of others, where they are written or read. */
export interface AliasUnit {
  readonly kind: "alias";
  readonly nodes: readonly Node[];
  readonly output: Value;
  readonly aliases: readonly Alias[];
}
export type Unit = TiledUnit | WholeUnit | ViewUnit | AliasUnit;

const viewOps: ReadonlySet<string> = new Set(["reshape", "flatten", "squeeze"]);
/** Does the node only give its operand's bytes another shape? */
export const isView = (node: Node): boolean => viewOps.has(node.op.name);

export interface KernelLists {
  readonly tile: readonly TileKernel[];
  readonly portable: readonly Kernel[];
  /** Asked first, the first of them before the others. */
  readonly linked?: readonly LinkedKernel[];
}

/**
 * Units in the order of the graph; with `alone`, every node is one, with `plain`, values lie channels last with rows one
 * behind the other. Throws a `Refusal` that names all nodes that no kernel takes.
 */
export function unitsOf(
  graph: Graph,
  kernels: KernelLists,
  cores: number,
  { alone = false, plain = false }: { readonly alone?: boolean; readonly plain?: boolean } = {},
): readonly Unit[] {
  const cx: KernelContext = { bounds: boundsOf(graph), cores };
  const portable = chooseKernels(graph, kernels.portable);
  const whole = (node: Node): Unit => {
    const common = { nodes: [node], output: node.result };
    if (isView(node)) return { kind: "view", ...common };
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
  return withAliases(layersOf(graph, alone).flatMap(around), {
    graph,
    plain,
    claimed,
    tiled: (layer) => tiled({ nodes: layer.nodes, output: layer.output, layer }),
    copy(node, nodes, name) {
      const unit = tiled(groupOf([node], graph));
      return unit?.kind === "tiled" ? { ...unit, nodes, layer: { ...unit.layer, name } } : undefined;
    },
  });
}

/** Units of linked kernels by each of their nodes. */
function claims(graph: Graph, linked: readonly LinkedKernel[], cores: number): ReadonlyMap<Node, WholeUnit> {
  const found = new Map<Node, WholeUnit>();
  for (const unit of linked.flatMap((k) => k.units(graph, cores)))
    if (!unit.nodes.some((n) => found.has(n))) for (const n of unit.nodes) found.set(n, unit);
  return found;
}

const missing = (node: Node) =>
  error("pulp/no-kernel", `%${node.result.name}: no kernel of the gap8 target takes this ${node.op.name}`, {
    ...(node.result.places[0] ? { place: node.result.places[0] } : {}),
    help: "rewrite the graph without it, or add a kernel in pulsec.config.ts",
  });
