/** Which physical layout each value has: the cheapest that the kernels on both sides agree on. */
import type { Value } from "../../../ir/graph.js";
import { canonical, type Extent, type Layer, type LayerLayouts, type Layout } from "../contract.js";
import { extentOf } from "./extent.js";
import { tileShape } from "./geometry.js";
import type { AliasUnit, TiledUnit, Unit } from "./units.js";

/** Equal for layouts that put the same elements at the same places. */
function layoutKey(layout: Layout, { w, c }: Extent): string {
  const inner = layout.order === "hwc" ? c : w;
  return `${layout.order}${layout.align === 4 || inner % 4 === 0 ? 4 : 1}`;
}

/** The same of a layer's operands and its result. */
export const layoutsKey = ({ inputs, out }: Pick<Layer, "inputs" | "out">, at: LayerLayouts): string =>
  [...at.inputs.map((l, i) => layoutKey(l, inputs[i]!.extent)), layoutKey(at.output, out)].join();

interface Option {
  readonly layouts: LayerLayouts;
  readonly keys: ReadonlyMap<Value, string>;
  readonly cost: number;
}

interface Member {
  readonly unit: Unit;
  readonly options: readonly Option[];
}

type Assignment = Map<Value, string>;

function optionOf(values: readonly Value[], layouts: readonly Layout[], cost: number): Option | undefined {
  const keys = new Map<Value, string>();
  for (const [i, value] of values.entries()) {
    const key = layoutKey(layouts[i]!, extentOf(value)!);
    if ((keys.get(value) ?? key) !== key) return undefined;
    keys.set(value, key);
  }
  return { layouts: { inputs: layouts.slice(0, -1), output: layouts.at(-1)! }, keys, cost };
}

/** One for each combination of places, the cheapest. */
function tiledOptions({ layer, kernel }: TiledUnit, cores: number): readonly Option[] {
  const values = [...layer.inputs.map((i) => i.value), layer.output];
  const shape = tileShape(layer, layer.out);
  const found = new Map<string, Option>();
  for (const l of kernel.layouts(layer)) {
    const option = optionOf(values, [...l.inputs, l.output], kernel.cycles(layer, l, shape, cores));
    const key = option && [...option.keys.values()].join();
    if (option && !((found.get(key!)?.cost ?? Infinity) <= option.cost)) found.set(key!, option);
  }
  return [...found.values()];
}

/** Where one value's bytes are those of others, one's layout decides those of all. */
function aliasOptions({ aliases }: AliasUnit): readonly Option[] {
  const [first] = aliases;
  return first!.layouts.flatMap(([, outer]) => {
    const own = aliases.map((a) =>
      a.layouts.find(([, l]) => l.order === outer.order && l.align === outer.align),
    );
    if (own.includes(undefined)) return [];
    const values = [...aliases.map((a) => a.value), first!.within];
    const option = optionOf(values, [...own.map((l) => l![0]), outer], 0);
    return option ? [option] : [];
  });
}

/** What a unit costs as things stand; nothing where it cannot do with these layouts. */
function chosen(m: Member, layouts: Assignment): Option | undefined {
  const fitting = m.options.filter((o) => [...o.keys].every(([v, k]) => layouts.get(v) === k));
  return fitting.reduce<Option | undefined>((a, b) => (a && a.cost <= b.cost ? a : b), undefined);
}

/** More than any layer takes: a unit that cannot run. */
const impossible = 1e15;
const total = (members: readonly Member[], layouts: Assignment): number =>
  members.reduce((sum, m) => sum + (chosen(m, layouts)?.cost ?? impossible), 0);

/** Layouts per value, and per tiled unit those its kernel gets. */
export interface Layouts {
  readonly of: ReadonlyMap<Value, Layout>;
  readonly units: ReadonlyMap<TiledUnit, LayerLayouts>;
}

/**
 * Starts with what callers see everywhere and improves: one unit takes another of its options, neighbours that cannot
 * follow take the nearest of theirs, and so on; the change stays where all of it together is cheaper.
 * `fixed` values keep the callers' layout.
 */
export function chooseLayouts(units: readonly Unit[], fixed: ReadonlySet<Value>, cores: number): Layouts {
  const members = units.flatMap((unit): Member[] => {
    if (unit.kind === "tiled") return [{ unit, options: tiledOptions(unit, cores) }];
    return unit.kind === "alias" ? [{ unit, options: aliasOptions(unit) }] : [];
  });
  const readers = new Map<Value, Member[]>();
  for (const m of members)
    for (const v of m.options[0]?.keys.keys() ?? []) readers.set(v, [...(readers.get(v) ?? []), m]);
  let layouts: Assignment = new Map([...readers.keys()].map((v) => [v, layoutKey(canonical, extentOf(v)!)]));
  let cost = total(members, layouts);
  for (let improved = true; improved; ) {
    improved = false;
    for (const m of members)
      for (const option of m.options) {
        const next = spread(option, layouts, { fixed, readers });
        const then = next ? total(members, next) : impossible;
        if (!next || !(then < cost)) continue;
        [layouts, cost, improved] = [next, then, true];
      }
  }
  return { of: physical(layouts), units: pickedBy(members, layouts) };
}

/** The assignment after `option` is taken and all that depends on it has followed. */
function spread(
  option: Option,
  before: Assignment,
  { fixed, readers }: { fixed: ReadonlySet<Value>; readers: ReadonlyMap<Value, readonly Member[]> },
): Assignment | undefined {
  const next: Assignment = new Map(before);
  const pinned = new Set(fixed);
  const queue: Member[] = [];
  const take = (o: Option): boolean => {
    for (const [v, k] of o.keys) {
      if (pinned.has(v) && next.get(v) !== k) return false;
      if (next.get(v) !== k) queue.push(...readers.get(v)!);
      next.set(v, k);
      pinned.add(v);
    }
    return true;
  };
  if (!take(option)) return undefined;
  for (let m = queue.shift(); m; m = queue.shift()) {
    if (chosen(m, next)) continue;
    const changes = (o: Option) => [...o.keys].filter(([v, k]) => next.get(v) !== k).length;
    const possible = m.options.filter((o) =>
      [...o.keys].every(([v, k]) => !pinned.has(v) || next.get(v) === k),
    );
    const best = possible.sort((a, b) => changes(a) - changes(b) || a.cost - b.cost)[0];
    if (!best || !take(best)) return undefined;
  }
  return next;
}

const physical = (layouts: Assignment): ReadonlyMap<Value, Layout> =>
  new Map(
    [...layouts].map(([v, key]) => [
      v,
      { order: key.slice(0, 3) as Layout["order"], align: Number(key.slice(3)) as Layout["align"] },
    ]),
  );

function pickedBy(members: readonly Member[], layouts: Assignment): ReadonlyMap<TiledUnit, LayerLayouts> {
  const picked = new Map<TiledUnit, LayerLayouts>();
  for (const m of members) {
    if (m.unit.kind !== "tiled") continue;
    const option = chosen(m, layouts);
    if (!option) throw new Error(`no layouts for %${m.unit.output.name}: kernels must take those of callers`);
    picked.set(m.unit, option.layouts);
  }
  return picked;
}
