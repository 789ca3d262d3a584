/** From an integer graph to the program of a PULP machine. */
import { Refusal } from "../../../ir/diagnostic.js";
import type { Graph, Node, Value } from "../../../ir/graph.js";
import { rewrite } from "../../../ir/rewrite.js";
import { type IntStorage, storages } from "../../../ir/storage.js";
import { sizes } from "../../../ir/type.js";
import { planMemory } from "../../memory.js";
import type { Block, Channel, LevelUse, Program, ProgramLayer, Step } from "../../schedule/program.js";
import { trafficOf } from "../../schedule/traffic.js";
import { verifyProgram } from "../../schedule/verify.js";
import { layersInL1 } from "./ahead.js";
import { arrange } from "./fusion.js";
import { fixedValues, type Housing, house } from "./homes.js";
import { contiguous } from "./moves.js";
import { aligned16 } from "./operands.js";
import { withOwnOutputs } from "./outputs.js";
import { chooseResidency, liveIn, type Needs, type Residency, windowOf } from "./residency.js";
import { rewritten } from "./rewrites.js";
import { type Site, type SiteConstant, sharedFunctions, siteOf } from "./sites.js";
import { splitSums } from "./split.js";
import { splitChannels } from "./split-channels.js";
import { l2TooSmall, l3TooSmall } from "./too-large.js";
import { type KernelLists, unitsOf } from "./units.js";

export interface PlanOptions {
  readonly target: string;
  readonly cores: number;
  /** Bytes that tiles may take. */
  readonly l1: number;
  /** Bytes that constants and values may take; what callers pass comes on top. */
  readonly l2: number;
  /** Bytes for what does not fit there. */
  readonly l3: number;
  readonly kernels: KernelLists;
  /** Every node is a layer, so that every value is in memory once. */
  readonly spill?: boolean;
}

/** A graph with all that is decided before memory is. */
interface Draft {
  readonly graph: Graph;
  readonly housing: Housing;
  readonly sites: readonly Site[];
  /** Is one of the layers two? */
  readonly fused: boolean;
}

function draft(graph: Graph, options: PlanOptions, plain: boolean, fuse = !options.spill): Draft {
  const separate = unitsOf(graph, options.kernels, options.cores, {
    plain,
    ...(options.spill ? { alone: true } : {}),
  });
  const all = [...graph.inputs, ...separate.map((u) => u.output)];
  const fixed = plain ? new Set<Value>(all) : fixedValues(graph, separate);
  const { units, layouts } = arrange(graph, separate, { fixed, fuse, far: plain, budget: options });
  const housing = house(graph, units, layouts, !plain);
  const functions = sharedFunctions();
  const computing = units.filter((u) => u.kind === "tiled" || u.kind === "whole");
  return {
    graph,
    housing,
    fused: units.some((u) => u.kind === "tiled" && u.layer.parts !== undefined),
    sites: computing.map((u, step) =>
      siteOf(u, step, { layouts, housing, cores: options.cores, l1: options.l1, functions }),
    ),
  };
}

function needsOf({ housing, sites }: Draft, movable: boolean): Needs {
  return {
    constants: sites.flatMap((s) =>
      s.constants.map(({ name, data }) => ({ name, bytes: aligned16(data.length), step: s.step })),
    ),
    values: housing.storeys.filter((s) => s.level === "l2").map((s) => ({ ...s, movable })),
    layers: sites.length,
    windows: (step, far, section) => sites[step]!.windows(far, section),
    positions: (step) => sites[step]!.positions,
  };
}

/**
 * The program of an integer graph. Constants leave L2 for L3 where they do not fit, then values do, which then lie
 * channels last everywhere. Throws a `Refusal` for what no kernel takes, and for what does not fit.
 */
export function planProgram(given: Graph, options: PlanOptions): Program {
  const graph = withOwnOutputs(rewritten(options.spill ? given : simplified(given)));
  const near = tryPlan(graph, options, false) ?? tryPlan(graph, options, true);
  if (near) return checked(near);
  const sums = splitSums(graph, (node) => inputsInL2(node, options));
  const far = tryPlan(sums, options, true) ?? tryPlan(splitChannels(sums, options.l2 / 3), options, true);
  if (far) return checked(far);
  const last = draft(splitChannels(sums, options.l2 / 3), options, true, false);
  throw new Refusal(l2TooSmall(needsOf(last, true), outputsOf(last), options.l2));
}

const outputsOf = ({ sites }: Draft): readonly Value[] => sites.map((s) => s.output);

/** Without what costs memory and time and is not needed, such as padding that the layer behind can do itself. */
const simplified = (graph: Graph): Graph =>
  rewrite(graph, [...new Set(graph.nodes.flatMap((n) => n.op.canonical ?? []))]);

/** The program, if it fits; with `plain`, values lie as callers see them, and may lie in L3. */
function tryPlan(graph: Graph, options: PlanOptions, plain: boolean): Program | undefined {
  const drafted = draft(graph, options, plain);
  const together = settled(drafted, options, plain);
  if (!drafted.fused || (together && bytesInL3(together) === 0)) return together;
  // A pair as one has its operand and its result in L2 at once, which may be more than either layer has.
  const apart = settled(draft(graph, options, plain, false), options, plain);
  return together && (!apart || cyclesOf(together) <= cyclesOf(apart)) ? together : apart;
}

function settled(drafted: Draft, options: PlanOptions, plain: boolean): Program | undefined {
  const needs = needsOf(drafted, plain);
  const residency = chooseResidency(needs, options.l2);
  return residency && assemble(drafted, needs, residency, options);
}

const bytesInL3 = ({ levels }: Program): number => levels.find((l) => l.level === "l3")!.bytes;
/** Estimated: those of the layers, and one for each byte between L3 and L2. */
const cyclesOf = (p: Program): number =>
  p.layers.reduce((n, l) => n + l.estimate, 0) + trafficOf(p).reduce((n, t) => n + t.l3ToL2 + t.l2ToL3, 0);

const weightBits = (node: Node): number => storages[node.operands[1]!.type.storage as IntStorage].bits;
/** Output channels whose weights are in L1 at the same time, at least. */
const group = 4;
/** Inputs of a fully connected layer of which the constants take half of L2. */
const inputsInL2 = (node: Node, { l2 }: PlanOptions): number =>
  Math.floor((l2 * 4) / (Math.ceil(sizes(node.result.type).at(-1)! / group) * group * weightBits(node)));

/** A program that would go wrong is our fault, and nothing is made of it. */
function checked(program: Program): Program {
  const [first] = verifyProgram(program);
  if (first) throw new Error(`the schedule is wrong, ${first.id}: ${first.text}`);
  return program;
}

function assemble({ graph, housing, sites }: Draft, needs: Needs, r: Residency, o: PlanOptions): Program {
  const { layers, ...early } = layersInL1(sites, r, o.l1);
  const arena = planMemory(liveIn(needs, r));
  const spots = new Map<string, number>(arena.offsets);
  const near = stacked(needs.constants.filter((c) => !r.far.has(c.name)));
  const far = stacked([...needs.constants, ...needs.values].filter((b) => r.far.has(b.name)));
  for (const [name, offset] of [...near.offsets, ...far.offsets]) spots.set(name, offset);
  const blocks = [
    ...housing.storeys.map(
      (s): Block => ({ ...s, level: r.far.has(s.name) ? "l3" : s.level, offset: spots.get(s.name) ?? 0 }),
    ),
    ...sites.flatMap((s) => s.constants.map((c) => constantBlock(c, s.step, r, spots))),
    ...windowBlocks(needs, r, spots),
    ...early.blocks,
  ];
  const argument = (v: Value) => blocks.find((b) => b.name === housing.homes.get(v)!.block)!;
  const bound = boundOf(needs);
  const levels: LevelUse[] = [
    {
      level: "l1",
      bytes: bytesInL1([...early.blocks, ...layers.flatMap((l) => l.blocks)]),
      budget: o.l1,
      lowerBound: 0,
    },
    { level: "l2", bytes: near.bytes + arena.peak, budget: o.l2, lowerBound: bound },
    { level: "l3", bytes: far.bytes, budget: o.l3, lowerBound: Math.max(0, bound - o.l2) },
  ];
  if (far.bytes > o.l3)
    throw new Refusal(
      l3TooSmall(
        needs,
        sites.map((s) => s.output),
        r.far,
        levels[2]!,
      ),
    );
  return {
    name: graph.name,
    target: o.target,
    cores: o.cores,
    inputs: graph.inputs.map(argument),
    outputs: graph.outputs.map(argument),
    levels,
    channels: [...[...r.early].map((name) => ({ name, slots: 1 })), ...early.channels],
    blocks,
    layers: prefetching(layers, sites, needs, r),
  };
}

const bytesInL1 = (blocks: readonly Block[]): number =>
  blocks.reduce((n, b) => Math.max(n, b.offset + b.bytes), 0);

/** One behind the other, in order. */
function stacked(list: readonly { readonly name: string; readonly bytes: number }[]) {
  const offsets = new Map<string, number>();
  let bytes = 0;
  for (const b of list) {
    if (offsets.has(b.name)) continue;
    offsets.set(b.name, bytes);
    bytes += aligned16(b.bytes);
  }
  return { offsets, bytes };
}

function constantBlock(
  c: SiteConstant,
  step: number,
  r: Residency,
  spots: ReadonlyMap<string, number>,
): Block {
  const level = r.far.has(c.name) ? "l3" : "l2";
  const bytes = aligned16(c.data.length);
  return { name: c.name, level, offset: spots.get(c.name)!, bytes, from: step, to: step, data: c.data };
}

/** Blocks in L2 that are neither values nor constants that stay: what the arena was planned for besides values. */
function windowBlocks(needs: Needs, r: Residency, spots: ReadonlyMap<string, number>): Block[] {
  const values = new Set(needs.values.map((v) => v.name));
  return liveIn(needs, r)
    .filter((b) => !values.has(b.name))
    .map(({ name, bytes, firstUse, lastUse }) => ({
      name,
      level: "l2",
      offset: spots.get(name)!,
      bytes,
      from: firstUse,
      to: lastUse,
    }));
}

/** What everything in L2 would take at least. */
function boundOf(needs: Needs): number {
  const none = { far: new Set<string>(), early: new Set<string>(), sections: new Map<number, number>() };
  return planMemory(liveIn(needs, none)).lowerBound + stacked(needs.constants).bytes;
}

/** Constants that come from L3: the layer before starts the transfer where there is room, the layer itself otherwise. */
function prefetching(
  layers: readonly ProgramLayer[],
  sites: readonly Site[],
  needs: Needs,
  r: Residency,
): ProgramLayer[] {
  const before = layers.map(() => [] as Step[]);
  const own = layers.map(() => [] as Step[]);
  const channels = layers.map(() => [] as Channel[]);
  for (const c of needs.constants) {
    if (!r.far.has(c.name)) continue;
    const early = r.early.has(c.name) && c.step > 0;
    const [start, wait] = fetching(c.name, c.bytes);
    (early ? before[c.step - 1]! : own[c.step]!).push(start);
    own[c.step]!.push(wait);
    if (!r.early.has(c.name)) channels[c.step]!.push({ name: c.name, slots: 1 });
  }
  return layers.map((l, i) => ({
    ...l,
    channels: [...l.channels, ...channels[i]!],
    steps: [...own[sites[i]!.step]!, ...before[i]!, ...l.steps],
  }));
}

function fetching(name: string, bytes: number): [Step, Step] {
  const near = { block: windowOf(name), offset: 0 };
  const transfer = { channel: name, slot: 0 };
  const shape = contiguous(bytes);
  return [
    { kind: "start", ...transfer, direction: "in", near, far: { block: name, offset: 0 }, shape },
    { kind: "wait", ...transfer },
  ];
}
