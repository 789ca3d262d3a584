/** From an integer graph to the program of a PULP machine. */
import { error, Refusal } from "../../ir/diagnostic.js";
import { type Graph, isParam, type Value } from "../../ir/graph.js";
import { planMemory } from "../memory.js";
import type { Block, LevelUse, Program, ProgramLayer, Result, Whole } from "../schedule/program.js";
import { extentOf } from "./extent.js";
import { fixedValues, type Housing, house } from "./homes.js";
import { chooseLayouts, type Layouts } from "./layouts.js";
import { aligned16, constantOffsets, lowerLayer } from "./lower.js";
import { type Prepared, searchTiling } from "./tile.js";
import { type KernelLists, type TiledUnit, unitsOf, type WholeUnit } from "./units.js";

export interface PlanOptions {
  readonly target: string;
  readonly cores: number;
  /** Bytes that tiles may take. */
  readonly l1: number;
  /** Bytes that constants, values and arguments may take. */
  readonly l2: number;
  readonly kernels: KernelLists;
}

/** The program of an integer graph. Throws a `Refusal` for what no kernel takes, and for what does not fit. */
export function planProgram(graph: Graph, options: PlanOptions): Program {
  const units = unitsOf(graph, options.kernels, options.cores);
  const layouts = chooseLayouts(units, fixedValues(graph, units), options.cores);
  const housing = house(graph, units, layouts);
  const constants = new Constants();
  const computing = units.filter((u) => u.kind === "tiled" || u.kind === "whole");
  const layers = computing.map((unit, step) =>
    unit.kind === "tiled"
      ? tiledLayer(unit, step, { layouts, housing, constants, options })
      : wholeLayer(unit, housing, constants),
  );
  const blocks = [...placed(housing), ...constants.blocks];
  const argument = (v: Value) => blocks.find((b) => b.name === housing.homes.get(v)!.block)!;
  return {
    name: graph.name,
    target: options.target,
    cores: options.cores,
    inputs: graph.inputs.map(argument),
    outputs: graph.outputs.map(argument),
    levels: use(layers, blocks, housing, options),
    blocks,
    layers,
  };
}

/** Constants in the order in which layers use them. */
class Constants {
  readonly blocks: Block[] = [];
  #top = 0;

  add(name: string, data: Uint8Array, step: number): string {
    const had = this.blocks.find((b) => b.name === name);
    if (had) return name;
    const bytes = aligned16(data.length);
    this.blocks.push({ name, level: "l2", offset: this.#top, bytes, from: step, to: step, data });
    this.#top += bytes;
    return name;
  }
}

interface Context {
  readonly layouts: Layouts;
  readonly housing: Housing;
  readonly constants: Constants;
  readonly options: PlanOptions;
}

function joined({ constants }: Prepared): Uint8Array {
  const at = constantOffsets(constants);
  const data = new Uint8Array(at.bytes);
  data.set(constants.weights, at.w);
  data.set(constants.channels, at.q);
  data.set(constants.shared, at.shared);
  return data;
}

function tiledLayer(
  unit: TiledUnit,
  step: number,
  { layouts, housing, constants, options }: Context,
): ProgramLayer {
  const { layer, kernel, nodes } = unit;
  const own = layouts.units.get(unit)!;
  const p: Prepared = { layer, kernel, layouts: own, constants: kernel.pack(layer, own) };
  const tiling = searchTiling(p, options.l1, options.cores);
  const homes = {
    inputs: layer.inputs.map((i) => housing.homes.get(i.value)!),
    output: housing.homes.get(layer.output)!,
    constants: `@${layer.name}`,
  };
  const data = joined(p);
  if (data.length > 0) constants.add(homes.constants, data, step);
  const cFunction = `tile_${layer.name.replaceAll(".", "_")}`;
  const lowered = lowerLayer(p, tiling, homes, { layer: layer.name, cFunction, step, cores: options.cores });
  return {
    name: layer.name,
    nodes,
    kernel: kernel.name,
    source: { name: cFunction, text: kernel.emit(layer, own, cFunction), headers: kernel.headers },
    ...lowered,
    result: resultAt(layer.output, housing),
    estimate: Math.round(tiling.cycles),
  };
}

const bytesOf = (data: ArrayBufferView): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

function resultAt(value: Value, { homes }: Housing): Result {
  const { block, offset, layout, pitch, stride } = homes.get(value)!;
  const extent = extentOf(value);
  const at = { block, offset };
  return extent ? { at, strides: { order: layout.order, ...extent, pitch, stride } } : { at };
}

function wholeLayer(unit: WholeUnit, housing: Housing, constants: Constants): ProgramLayer {
  const { homes } = housing;
  const node = unit.nodes[0]!;
  const at = (v: Value) => {
    const { block, offset } = homes.get(v)!;
    return { block, offset };
  };
  const operands = node.operands.map((v, i) => {
    if (!isParam(v)) return at(v);
    const packed = unit.kernel.pack?.(node, i);
    const name = `@${v.name}${packed ? `:${packed.form}` : ""}`;
    return { block: constants.add(name, bytesOf(packed?.data ?? v.data), 0), offset: 0 };
  });
  const step: Whole = { kind: "whole", node, kernel: unit.kernel, operands, result: at(unit.output) };
  return {
    name: unit.output.name,
    nodes: unit.nodes,
    kernel: unit.kernel.name,
    channels: [],
    blocks: [],
    steps: [step],
    tiles: 1,
    result: resultAt(unit.output, housing),
    estimate: 0,
  };
}

/** Values between the arguments share L2 by their lives. */
function placed({ storeys }: Housing): Block[] {
  const inside = storeys.filter((s) => s.level === "l2");
  const plan = planMemory(
    inside.map(({ name, bytes, from, to }) => ({ name, bytes, firstUse: from, lastUse: to })),
  );
  return storeys.map((s) => ({ ...s, offset: plan.offsets.get(s.name) ?? 0 }));
}

function use(
  layers: readonly ProgramLayer[],
  blocks: readonly Block[],
  { storeys }: Housing,
  o: PlanOptions,
): LevelUse[] {
  const inside = storeys.filter((s) => s.level === "l2");
  const plan = planMemory(
    inside.map(({ name, bytes, from, to }) => ({ name, bytes, firstUse: from, lastUse: to })),
  );
  const sum = (list: readonly Block[]) => list.reduce((n, b) => n + b.bytes, 0);
  const still = sum(blocks.filter((b) => b.data)) + sum(blocks.filter((b) => b.level === "caller"));
  const l1 = Math.max(0, ...layers.map((l) => sum(l.blocks)));
  const levels: LevelUse[] = [
    { level: "l1", bytes: l1, budget: o.l1, lowerBound: l1 },
    { level: "l2", bytes: still + plan.peak, budget: o.l2, lowerBound: still + plan.lowerBound },
  ];
  for (const l of levels) if (l.bytes > l.budget) throw new Refusal(overBudget(l, layers, storeys));
  return levels;
}

function overBudget(l: LevelUse, layers: readonly ProgramLayer[], storeys: Housing["storeys"]) {
  const largest = layers
    .map((layer, i) => ({
      layer,
      bytes: storeys.filter((s) => s.from <= i && i <= s.to).reduce((n, s) => n + s.bytes, 0),
    }))
    .sort((a, b) => b.bytes - a.bytes)[0];
  return error(
    "pulp/l2-budget",
    `the network needs ${l.bytes} bytes of L2, ${l.bytes - l.budget} more than it may take`,
    {
      found: `%${largest?.layer.name} with ${largest?.bytes} bytes of values around it`,
      expected: `at most ${l.budget} bytes`,
      help: "raise the L2 budget, or make that layer smaller",
    },
  );
}
