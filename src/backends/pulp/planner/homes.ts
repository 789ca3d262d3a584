/** Where values lie in L2: which share bytes because one is a view of the other or a part of it, and for how long. */
import { type Graph, isParam, type Value } from "../../../ir/graph.js";
import { slotBytes } from "../../../ir/storage.js";
import { elements } from "../../../ir/type.js";
import type { Level } from "../../schedule/program.js";
import { canonical, type Extent, type LayerInput, type Layout } from "../contract.js";
import type { Alias } from "./alias.js";
import { extentOf } from "./extent.js";
import { boxBytes, pitch } from "./geometry.js";
import type { Layouts } from "./layouts.js";
import type { Home } from "./moves.js";
import type { Unit } from "./units.js";

/** Bytes that hold one value and all that lie in it. */
export interface Storey {
  readonly name: string;
  readonly value: Value;
  readonly level: Level;
  readonly bytes: number;
  readonly from: number;
  readonly to: number;
}

/** Transfers of channel-major boxes may reach this far beyond a value's ends, and alignments of 4 as well. */
const margin = 16;

function homeOf(block: string, layout: Layout, e: Extent, bytes: number, offset: number): Home {
  const inner = pitch(layout, e, bytes) as number;
  return { block, offset, layout, pitch: inner, stride: inner * (layout.order === "hwc" ? e.w : e.h) };
}

/** The value whose bytes each value shares. */
class Roots {
  readonly #parent = new Map<Value, Value>();
  of(value: Value): Value {
    const parent = this.#parent.get(value);
    return parent ? this.of(parent) : value;
  }
  join(child: Value, parent: Value): void {
    const [a, b] = [this.of(child), this.of(parent)];
    if (a !== b) this.#parent.set(a, b);
  }
  /** Makes `value` the root of those that it shares bytes with. */
  adopt(value: Value): void {
    const root = this.of(value);
    this.#parent.delete(value);
    this.#parent.set(root, value);
  }
}

export interface Housing {
  readonly homes: ReadonlyMap<Value, Home>;
  readonly storeys: readonly Storey[];
  /** Values that lie in the bytes of a larger one, beside others. */
  readonly parts: ReadonlySet<Value>;
}

/** Values that are seen as callers see them: arguments, views and operands of portable kernels. */
export function fixedValues(graph: Graph, units: readonly Unit[]): ReadonlySet<Value> {
  const plain = units.filter((u) => u.kind === "whole" || u.kind === "view");
  return new Set([
    ...graph.inputs,
    ...graph.outputs,
    ...plain.flatMap((u) => [u.output, ...u.nodes[0]!.operands.filter((v) => !isParam(v))]),
  ]);
}

/**
 * Lives are counted in layers, which are the units that compute. With `inPlace`, an element-wise layer may leave its
 * result where an operand was that nobody needs any more.
 */
export function house(graph: Graph, units: readonly Unit[], layouts: Layouts, inPlace: boolean): Housing {
  const roots = new Roots();
  for (const u of units) if (u.kind === "view") roots.join(u.output, u.nodes[0]!.operands[0]!);
  for (const v of graph.outputs) adopt(roots, v, graph);
  const aliases = aliasesOf(units);
  for (const { value, within } of aliases.values()) roots.join(value, within);
  if (inPlace) reuse(graph, units, layouts, { roots, parts: new Set(aliases.keys()) });
  const lives = livesOf(graph, units, roots);
  const homes = new Map<Value, Home>();
  const storeys = new Map<Value, Storey>();
  const isArgument = (v: Value) => graph.inputs.includes(v) || graph.outputs.includes(v);
  const guardOf = (root: Value) =>
    isArgument(root) || (layouts.of.get(root) ?? canonical).order === "hwc" ? 0 : margin;
  const homeAt = (value: Value): Home => {
    const had = homes.get(value);
    if (had) return had;
    const alias = aliases.get(value);
    const root = roots.of(value);
    const own = layouts.of.get(value) ?? canonical;
    const extent = extentOf(value) ?? { h: 1, w: 1, c: elements(value.type) };
    const bytes = slotBytes(value.type.storage);
    const home = alias
      ? alias.home(homeAt(alias.within), own)
      : homeOf(`%${root.name}`, own, extent, bytes, guardOf(root));
    homes.set(value, home);
    return home;
  };
  const values = [...graph.inputs, ...units.map((u) => u.output)];
  for (const value of values) {
    const home = homeAt(value);
    const root = roots.of(value);
    const layout = layouts.of.get(root) ?? canonical;
    const e = extentOf(root);
    const bytes = slotBytes(root.type.storage);
    const inner = e && !isArgument(root) ? boxBytes(layout, e, bytes) : elements(root.type) * bytes;
    storeys.set(root, {
      name: home.block,
      value: root,
      level: isArgument(root) ? "caller" : "l2",
      bytes: inner + 2 * guardOf(root),
      ...lives.get(root)!,
    });
  }
  return { homes, storeys: [...storeys.values()], parts: new Set(aliases.keys()) };
}

/** Puts an output at the root of the values that share its bytes, unless an input is there. */
function adopt(roots: Roots, output: Value, graph: Graph): void {
  const root = roots.of(output);
  if (root === output || graph.inputs.includes(root) || graph.outputs.includes(root)) return;
  roots.adopt(output);
}

/** By the value that lies in the bytes of another. */
const aliasesOf = (units: readonly Unit[]): ReadonlyMap<Value, Alias> =>
  new Map(units.flatMap((u) => (u.kind === "alias" ? u.aliases.map((a) => [a.value, a] as const) : [])));

const computes = (u: Unit): boolean => u.kind === "tiled" || u.kind === "whole";

/** Does every tile of the layer read nothing of the operand but what lies where it writes? */
const aligned = (i: LayerInput): boolean =>
  i.channels === "same" &&
  [i.y, i.x].every((a) => a.kind === "window" && a.kernel === 1 && a.stride === 1 && a.before === 0);

/** Puts results at the roots of operands that die in their layer, where both have one layout and size. */
function reuse(
  graph: Graph,
  units: readonly Unit[],
  layouts: Layouts,
  { roots, parts }: { roots: Roots; parts: ReadonlySet<Value> },
): void {
  const owned = new Set<Value>([...graph.inputs, ...graph.outputs]);
  const layoutOf = (v: Value) => JSON.stringify(layouts.of.get(v) ?? canonical);
  const bytesOf = (v: Value) => elements(v.type) * slotBytes(v.type.storage);
  for (const [step, u] of units.filter(computes).entries()) {
    if (u.kind !== "tiled" || owned.has(roots.of(u.output)) || roots.of(u.output) !== u.output) continue;
    const lives = livesOf(graph, units, roots);
    const free = u.layer.inputs.find(({ value, ...i }) => {
      const root = roots.of(value);
      const dies = root === value && lives.get(root)!.to === step && !owned.has(root) && !parts.has(value);
      return (
        dies &&
        aligned({ value, ...i }) &&
        layoutOf(value) === layoutOf(u.output) &&
        bytesOf(value) === bytesOf(u.output)
      );
    });
    if (free) roots.join(u.output, free.value);
  }
}

function livesOf(graph: Graph, units: readonly Unit[], roots: Roots) {
  const lives = new Map<Value, { from: number; to: number }>();
  const extend = (value: Value, step: number) => {
    const root = roots.of(value);
    const had = lives.get(root);
    lives.set(root, { from: Math.min(had?.from ?? step, step), to: Math.max(had?.to ?? step, step) });
  };
  for (const v of graph.inputs) extend(v, 0);
  const computing = units.filter(computes);
  for (const [step, u] of computing.entries()) {
    const made = new Set(u.nodes.map((n) => n.result));
    extend(u.output, step);
    for (const n of u.nodes) for (const v of n.operands) if (!isParam(v) && !made.has(v)) extend(v, step);
  }
  for (const v of graph.outputs) extend(v, computing.length);
  return lives;
}
