/** The emitter: C of programs made by hand. It prints what the program says, and puts barriers between one core and all. */
import * as assert from "uvu/assert";
import { type Emission, layerText } from "../../../src/backends/pulp/firmware/emit.js";
import { memoriesOf } from "../../../src/backends/pulp/firmware/memories.js";
import { namesFor } from "../../../src/backends/pulp/firmware/names.js";
import type {
  Block,
  Border,
  Program,
  ProgramLayer,
  Start,
  Step,
  Tile,
  Wait,
} from "../../../src/backends/schedule/program.js";
import { suite } from "../../harness.js";
import { smallNetwork } from "./tools.js";

const test = suite("pulp emitter");
const graph = smallNetwork();
const life = { from: 0, to: 1 };
const blocks: readonly Block[] = [
  { name: "%x", level: "caller", offset: 0, bytes: 64, ...life, value: graph.inputs[0]! },
  { name: "%y", level: "caller", offset: 0, bytes: 64, ...life, value: graph.outputs[0]! },
  { name: "%h", level: "l2", offset: 32, bytes: 64, ...life },
  { name: "@w", level: "l2", offset: 16, bytes: 16, ...life, data: new Uint8Array(16) },
  { name: "@far", level: "l3", offset: 48, bytes: 16, ...life, data: new Uint8Array(16) },
];
const box: Block = { name: "l.x", level: "l1", offset: 128, bytes: 64, ...life };

const start = (more: Partial<Start> = {}): Start => ({
  kind: "start",
  channel: "x",
  slot: 0,
  direction: "in",
  near: { block: "l.x", offset: 4 },
  far: { block: "%x", offset: 8 },
  shape: { planes: 1, lines: 2, line: 3, lineStride: 4, planeStride: 5, nearStride: 6 },
  ...more,
});
const wait: Wait = { kind: "wait", channel: "x", slot: 0 };
const tile: Tile = {
  kind: "tile",
  kernel: "kernel",
  x: [{ block: "l.x", offset: 0 }],
  y: { block: "l.x", offset: 32 },
  extents: { ho: 1, wo: 2, co: 3, hi: 4, wi: 5, ci: 6, oy: 7, ox: 8, iy: -1, ix: 0, first: 1, last: 1 },
};
const border: Border = {
  kind: "border",
  at: { block: "l.x", offset: 0 },
  ...{ planes: 1, rows: 2, columns: 3, cell: 4, pitch: 12, top: 1, bottom: 0, left: 0, right: 0, value: -2 },
};

function printed(steps: readonly Step[], more: Partial<Program> = {}): string {
  const layer: ProgramLayer = {
    name: "l",
    nodes: [graph.nodes[0]!],
    kernel: "k",
    channels: [{ name: "x", slots: 2 }],
    blocks: [box],
    steps,
    tiles: 1,
    result: { at: { block: "%h", offset: 0 } },
    estimate: 1,
  };
  const program: Program = {
    name: "p",
    target: "gap8",
    cores: 8,
    inputs: [blocks[0]!],
    outputs: [blocks[1]!],
    levels: [],
    channels: [],
    blocks,
    layers: [layer],
    ...more,
  };
  const names = namesFor(program, "p");
  const emission: Emission = { program, names, memories: memoriesOf(program, names) };
  return layerText(emission, 0).text;
}

/** The body's statements in short: M for a block of core 0, B for a barrier, T for the kernel, F for a border, { } for loops. */
function order(text: string): string {
  const marks: string[] = [];
  let depth = 0;
  for (const line of text.split("\n").slice(2)) {
    if (/^ *if \(PULSEC_MASTER/.test(line)) {
      marks.push("M");
      depth = line.search(/\S/) + 1;
    } else if (depth > 0) {
      if (line.search(/\S/) === depth - 1) depth = 0;
    } else if (line.includes("pulsec_barrier();")) marks.push("B");
    else if (line.includes("pulsec_fill_border")) marks.push("F");
    else if (line.includes("PULSEC_EACH_CORE")) marks.push("T");
    else if (/for \(/.test(line) || / if \(/.test(line)) marks.push("{");
    else if (/^ +}$/.test(line)) marks.push("}");
  }
  return marks.join("");
}

test("what core 0 does alone is one block; barriers stand around what all do", () => {
  assert.is(order(printed([start(), wait, tile, start({ direction: "out" }), wait])), "MBTBMB");
  assert.is(order(printed([start(), wait, border, tile])), "MBFBTB");
  assert.is(order(printed([tile])), "TB");
  assert.is(order(printed([])), "");
});

test("nobody waits until core 0 has started a transfer: its wait comes before the next use", () => {
  assert.is(order(printed([start(), tile])), "MTB");
  assert.is(order(printed([wait, start(), tile])), "MBMTB", "the others go on before the start");
  assert.is(order(printed([border, start(), tile])), "FBMTB");
  const loop: Step = { kind: "loop", index: "t", count: 3, body: [wait, tile, start({ direction: "out" })] };
  assert.is(order(printed([loop, wait])), "{MBTBM}MB");
});

test("loops begin and end behind barriers where their bodies need it", () => {
  const loop = (...body: readonly Step[]): Step => ({ kind: "loop", index: "t", count: 3, body });
  assert.is(order(printed([loop(wait, tile)])), "{MBTB}");
  assert.is(order(printed([loop(tile, wait)])), "{BTBM}B", "the wait of the turn before is still one core's");
  assert.is(order(printed([loop(tile)])), "{TB}");
  assert.is(order(printed([start(), loop(tile)])), "M{TB}");
  assert.is(order(printed([loop(start(), wait)])), "MB", "a loop of core 0 is its own");
  const when: Step = { kind: "when", left: "t", is: "=", right: 0, body: [tile] };
  assert.is(order(printed([loop(start(), when, tile)])), "{M{TB}TB}");
});

test("transfers name both places, the shape and the slot", () => {
  const text = printed([start({ slot: { op: "%", left: "t", right: 2 } }), wait]);
  assert.match(text, "int moves_x[2] = {PULSEC_NO_TRANSFER, PULSEC_NO_TRANSFER};");
  assert.match(text, "moves_x[t % 2] = pulsec_box_in(pulsec_l1 + 132, arguments.x + 8, 1, 2, 3, 4, 5, 6);");
  assert.match(text, "pulsec_wait(&moves_x[0]);");
});

test("transfers from L3 have tickets", () => {
  const text = printed([
    start({ near: { block: "%h", offset: 0 }, far: { block: "@far", offset: 4 } }),
    wait,
  ]);
  assert.match(text, "int moves_x[2] = {PULSEC_NO_TICKET, PULSEC_NO_TICKET};");
  assert.match(text, "moves_x[0] = pulsec_l3_box_in(arena, l3 + 52, 1, 2, 3, 4, 5, 6);");
  assert.match(text, "pulsec_l3_wait(moves_x[0]);");
});

test("constants and values of L2 have arrays of their own", () => {
  const text = printed([
    start({ far: { block: "@w", offset: 2 } }),
    start({ far: { block: "%h", offset: 2 } }),
  ]);
  assert.match(text, "p_constants + 2,");
  assert.match(text, "arena + 2,");
});

test("a tile gets its boxes and extents, a border its value in every byte", () => {
  const text = printed([{ ...tile, w: { block: "l.x", offset: { op: "*", left: "t", right: 8 } } }, border]);
  assert.match(text, ".x = {pulsec_l1 + 128}, .w = pulsec_l1 + t * 8 + 128, .y = pulsec_l1 + 160,");
  assert.match(text, ".iy = -1,");
  assert.match(text, ".pattern = 0xfefefefeu}");
  assert.match(printed([{ ...border, bytes: 2 }]), ".pattern = 0xfffefffeu}");
});

test.run();
