/** Cycles of a layer in tiles: kernels, transfers that nothing hides, borders, and what goes on between tiles. */
import type { Extent, TileShape } from "../contract.js";
import { outsideOf, tileShape } from "./geometry.js";
import { gap8, type MachineModel, transferCycles } from "./machine.js";
import type { Load, Prepared, TilePlan, Tiling } from "./tile.js";

/** How long one axis' tiles are, and how many of each length: full ones, and a smaller one at the end. */
function lengths(n: number, size: number): readonly (readonly [length: number, count: number])[] {
  const [full, left] = [Math.floor(n / size), n % size];
  const all = [[size, full] as const, [left, 1] as const];
  return all.filter(([length, count]) => length > 0 && count > 0);
}

/** The different tiles of an output, and how often each occurs. */
export function tileKinds(out: Extent, size: Extent): { readonly extent: Extent; readonly count: number }[] {
  return lengths(out.h, size.h).flatMap(([h, rows]) =>
    lengths(out.w, size.w).flatMap(([w, columns]) =>
      lengths(out.c, size.c).map(([c, blocks]) => ({ extent: { h, w, c }, count: rows * columns * blocks })),
    ),
  );
}

const volume = ({ h, w, c }: Extent): number => h * w * c;

/** Share of a full tile that the last one is. */
const lastShare = (out: Extent, size: Extent): number =>
  volume({
    h: ((out.h - 1) % size.h) + 1,
    w: ((out.w - 1) % size.w) + 1,
    c: ((out.c - 1) % size.c) + 1,
  }) / volume(size);

/** Rows of the boxes of a tile that have a border, on the core that gets most of them. */
function borderRows({ layer, layouts }: Prepared, shape: TileShape, cores: number): number {
  return layer.inputs.reduce((rows, input, i) => {
    const outside = [
      outsideOf(input.y, layer.out.h, input.extent.h),
      outsideOf(input.x, layer.out.w, input.extent.w),
    ];
    if (outside.every((o) => o.before === 0 && o.behind === 0)) return rows;
    const box = shape.inputs[i]!;
    return rows + Math.ceil((layouts.inputs[i]!.order === "chw" ? box.c * box.h : box.h) / cores);
  }, 0);
}

const sum = (loads: readonly Load[], of: (l: Load) => number): number => loads.reduce((n, l) => n + of(l), 0);

/** Estimated cycles of a layer in these tiles. */
export function layerCycles(
  p: Prepared,
  plan: TilePlan,
  { size, slots }: Pick<Tiling, "size" | "slots">,
  cores: number,
  machine: MachineModel = gap8,
): number {
  const { layer, kernel, layouts } = p;
  const operands = [...plan.inputs, plan.weights, plan.channels].filter((l) => l.bytes > 0);
  const moving = operands.filter((l) => l.loads > 1);
  const perTile = sum(moving, (l) => (l.bytes * l.loads) / plan.tiles);
  const stored = (plan.output.bytes * plan.output.loads) / plan.tiles;
  const first = sum(operands, (l) => l.bytes) + plan.shared;
  let cycles = machine.layer + machine.transfer + first / machine.coldBytesPerCycle;
  for (const { extent, count } of tileKinds(layer.out, size)) {
    const shape = tileShape(layer, extent);
    const rows = borderRows(p, shape, cores);
    const around = machine.tile + (rows > 0 ? machine.border + rows * machine.borderRow : 0);
    const share = volume(extent) / volume(size);
    const [load, store] = [transferCycles(perTile * share, machine), transferCycles(stored * share, machine)];
    const work = kernel.cycles(layer, layouts, shape, cores) + around;
    const each = slots === 2 ? Math.max(work, load, store) : work + Math.max(load, store);
    cycles += count * plan.addends * each;
  }
  // The first tile's kernel is not in the cache yet while the next one's operands come.
  if (slots === 2 && plan.tiles > 1) cycles += perTile / machine.coldBytesPerCycle;
  return cycles + transferCycles(plan.output.bytes * lastShare(layer.out, size), machine);
}
