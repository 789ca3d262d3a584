/** A program made by hand, and what a simulator could say of it. */
import type { Measured } from "../../../src/backends/pulp/report/index.js";
import type { Block, Program, ProgramLayer, Start, Step } from "../../../src/backends/schedule/program.js";
import { smallNetwork } from "./tools.js";

const graph = smallNetwork();
const value = (name: string) => graph.nodes.find((n) => n.result.name === name)!.result;

const near = (name: string, bytes: number, step: number, offset = 0): Block => ({
  name,
  level: "l1",
  offset,
  bytes,
  from: step,
  to: step,
});

const start = (
  direction: Start["direction"],
  from: string,
  to: string,
  [planes, lines, line]: readonly [number, number, number],
): Start => ({
  kind: "start",
  channel: "c",
  slot: 0,
  direction,
  near: { block: from, offset: 0 },
  far: { block: to, offset: 0 },
  shape: { planes, lines, line, lineStride: line, planeStride: lines * line, nearStride: lines * line },
});

const layer = (
  name: string,
  estimate: number,
  blocks: readonly Block[],
  steps: readonly Step[],
): ProgramLayer => ({
  name,
  nodes: graph.nodes.filter((n) => n.result.name === name || n.result.name === `${name}.sum`),
  kernel: "conv",
  channels: [{ name: "c", slots: 1 }],
  blocks,
  steps,
  tiles: 3,
  result: { at: { block: `%${name}`, offset: 0 } },
  estimate,
});

const blocks: readonly Block[] = [
  { name: "%x", level: "caller", offset: 0, bytes: 64, from: 0, to: 0, value: graph.inputs[0]! },
  { name: "@a", level: "l2", offset: 0, bytes: 10, from: 0, to: 0, data: new Uint8Array(10) },
  { name: "@far", level: "l3", offset: 0, bytes: 64, from: 1, to: 1, data: new Uint8Array(64) },
  { name: "@far.window", level: "l2", offset: 48, bytes: 64, from: 0, to: 1 },
  { name: "%a", level: "l2", offset: 0, bytes: 48, from: 0, to: 1, value: value("a") },
  { name: "%y", level: "l2", offset: 112, bytes: 24, from: 1, to: 1, value: value("y") },
];

/** Two layers: three tiles with a condition on the weights, then one that sends its result to L3. */
export function handMade(): Program {
  const tiles: Step = {
    kind: "loop",
    index: "t",
    count: 3,
    body: [
      { kind: "when", left: "t", is: "=", right: 0, body: [start("in", "a.w", "@a", [1, 1, 10])] },
      start("in", "a.x", "%x", [2, 5, 8]),
      start("out", "a.y", "%a", [1, 2, 8]),
    ],
  };
  return {
    name: "hand",
    target: "gap8",
    cores: 2,
    inputs: [blocks[0]!],
    outputs: [],
    levels: [
      { level: "l1", bytes: 192, budget: 1024, lowerBound: 0 },
      { level: "l2", bytes: 152, budget: 256, lowerBound: 150 },
      { level: "l3", bytes: 64, budget: 4096, lowerBound: 0 },
    ],
    channels: [],
    blocks,
    layers: [
      layer(
        "a",
        900,
        [near("a.x", 80, 0), near("a.w", 16, 0, 80), near("a.y", 96, 0, 96)],
        [start("in", "@far.window", "@far", [1, 1, 64]), tiles, start("in", "a.x", "%x", [0, 5, 8])],
      ),
      layer(
        "y",
        100,
        [near("y.x", 32, 1)],
        [start("in", "y.x", "%a", [1, 1, 32]), start("out", "@far.window", "@far", [1, 1, 24])],
      ),
    ],
  };
}

export const handMeasured: Measured = {
  profile: "gvsoc",
  cycles: 1250,
  layers: [
    {
      cycles: 1000,
      instructions: 1500,
      phases: { kernel: 700, dma: 150, l3: 0, border: 20, barrier: 30, control: 100 },
      causes: { issue: 1500, fetch: 200, bank: 100, sleep: 200 },
    },
    {
      cycles: 200,
      instructions: 100,
      phases: { kernel: 50, dma: 0, l3: 130, border: 0, barrier: 10, control: 10 },
      causes: { issue: 100, sleep: 299, event: 1 },
    },
  ],
  timeline: {
    cycles: 1210,
    segments: [
      { core: 0, layer: 0, phase: "control", from: 0, to: 100 },
      { core: 0, layer: 0, phase: "dma", from: 100, to: 250 },
      { core: 0, layer: 0, phase: "border", from: 250, to: 270 },
      { core: 0, layer: 0, phase: "kernel", from: 270, to: 970 },
      { core: 0, layer: 0, phase: "barrier", from: 970, to: 1000 },
      { core: 0, layer: 1, phase: "l3", from: 1000, to: 1140 },
      { core: 0, layer: 1, phase: "kernel", from: 1140, to: 1210 },
      { core: 1, layer: 0, phase: "kernel", from: 270, to: 1000 },
    ],
    transfers: [
      { link: "L2 to L1", from: 90, to: 250, bytes: 250 },
      { link: "L3 to L2", from: 1000, to: 1140, bytes: 64 },
    ],
  },
  others: [{ profile: "rtl", cycles: 1180, layers: [960, 180] }],
};
