/** Cycles of a tile kernel on a whole layer in L1, with data of no meaning: what a user's kernel is held against. */
import { boundsOf } from "../../../ir/bounds.js";
import { unwrap } from "../../../ir/diagnostic.js";
import type { Graph } from "../../../ir/graph.js";
import { slotBytes } from "../../../ir/storage.js";
import { loadElf } from "../../gap8sim/elf.js";
import { createSimulation } from "../../gap8sim/simulate.js";
import { alignUp } from "../../memory.js";
import type { Layer, LayerLayouts, TileKernel } from "../contract.js";
import { tileKernels } from "../kernels/index.js";
import { boxBytes, tileShape } from "../planner/geometry.js";
import { layersOf } from "../planner/layers.js";
import { bytesOfL1 } from "../planner/machine.js";
import { runtimeFile } from "../runtime.js";
import { buildFirmware } from "./toolchain.js";

export interface KernelTime {
  readonly kernel: string;
  readonly cycles: number;
}

/** What may be read behind a box. */
const readable = 16;

interface Choice {
  readonly layer: Layer;
  readonly kernel: TileKernel;
  readonly layouts: LayerLayouts;
}

/** The kernel that compile would take for the only layer of a graph. */
function chosen(graph: Graph): Choice | undefined {
  const groups = layersOf(graph);
  const layer = groups.length === 1 ? groups[0]!.layer : undefined;
  const cx = { bounds: boundsOf(graph), cores: 8 };
  const kernel = layer && tileKernels.find((k) => k.refuses(layer, cx) === undefined);
  return layer && kernel && { layer, kernel, layouts: kernel.layouts(layer)[0]! };
}

/** Nothing where the graph is no single layer that a tile kernel takes, or does not fit L1 in one tile. */
export async function timeKernel(
  graph: Graph,
  { cores, profile }: { readonly cores: number; readonly profile: "gvsoc" | "rtl" },
): Promise<KernelTime | undefined> {
  const choice = chosen(graph);
  const placed = choice && place(choice, cores);
  if (!choice || !placed) return undefined;
  const elf = await buildFirmware(filesOf(choice, placed.fields), {
    sources: ["gap8/start.S", "gap8/platform.c", "time.c"],
    defines: [`PULSEC_CORES=${cores}`],
  });
  const simulation = unwrap(
    createSimulation(unwrap(loadElf(elf, "kernel.elf")), { profile, breakpoints: ["time_ready"] }),
  );
  for (const step of ["begin", "end"]) {
    const end = simulation.run(2e9);
    if (end.kind !== "breakpoint")
      throw new Error(`the time of ${choice.kernel.name} has no ${step}: ${JSON.stringify(end)}`);
    for (const { at, bytes } of step === "begin" ? placed.constants : [])
      simulation.write(simulation.symbols.named("pulsec_l1")!.address + at, bytes);
  }
  const cycles = new DataView(simulation.read("time_cycles", 4)!.buffer).getUint32(0, true);
  return { kernel: choice.kernel.name, cycles };
}

function place({ layer, kernel, layouts }: Choice, cores: number) {
  let top = 0;
  const take = (bytes: number): number => {
    const at = top;
    top += alignUp(bytes + readable, 16);
    return at;
  };
  const shape = tileShape(layer, layer.out);
  const packed = kernel.pack(layer, layouts);
  const width = (i: number) => slotBytes(layer.inputs[i]!.value.type.storage);
  const x = shape.inputs.map((e, i) => take(boxBytes(layouts.inputs[i]!, e, width(i))));
  const constants = [packed.weights, packed.channels, packed.shared].map((bytes) => ({
    at: take(bytes.length),
    bytes,
  }));
  const y = take(boxBytes(layouts.output, layer.out, slotBytes(layer.output.type.storage)));
  const scratch = take(kernel.scratch(layer, layouts, shape, cores));
  if (top > bytesOfL1) return undefined;
  const [w, q, shared] = constants.map((c) => c.at);
  const { h, w: width0, c } = shape.inputs[0] ?? { h: 0, w: 0, c: 0 };
  const places = { w: w!, q: q!, shared: shared!, y, scratch };
  const sizes = { ho: layer.out.h, wo: layer.out.w, co: layer.out.c, hi: h, wi: width0, ci: c };
  const fields = [
    `.x = {${x.map((at) => `pulsec_l1 + ${at}`).join(", ")}}`,
    ...Object.entries(places).map(([name, at]) => `.${name} = pulsec_l1 + ${at}`),
    ...Object.entries({ ...sizes, first: 1, last: 1 }).map(([name, n]) => `.${name} = ${n}`),
  ];
  return { constants, fields };
}

function filesOf({ layer, kernel, layouts }: Choice, fields: readonly string[]): ReadonlyMap<string, string> {
  const platform = ["pulsec_cluster.h", "pulsec_cluster_gap8.h", "pulsec_platform.h", "pulsec_tile.h"];
  const boot = ["gap8/start.S", "gap8/link.ld", "gap8/platform.c", "gap8/include/string.h"];
  const files = new Map<string, string>();
  const add = (name: string): void => {
    if (files.has(name)) return;
    files.set(name, runtimeFile(name));
    for (const [, other] of files.get(name)!.matchAll(/^#include "(pulsec_\w+\.h)"/gm))
      if (!/pmsis|host/.test(other!)) add(other!);
  };
  for (const name of [...platform, ...boot, ...kernel.headers]) add(name);
  const includes = [
    ...new Set(["pulsec_cluster.h", "pulsec_platform.h", "pulsec_tile.h", ...kernel.headers]),
  ];
  const text = kernel.emit(layer, layouts, "timed", layer.out);
  return files.set(
    "time.c",
    `${includes.map((h) => `#include "${h}"`).join("\n")}\n\n${text}\n${main(fields)}`,
  );
}

const main = (fields: readonly string[]): string => `
uint32_t time_cycles;
static uint32_t begins[8], ends[8];

static void run(void *tile) {
  const int core = pulsec_core_id();
  pulsec_barrier();
  begins[core] = pulsec_cycles();
  timed(tile, core);
  ends[core] = pulsec_cycles();
}

static void work(void *none) {
  static pulsec_tile tile __attribute__((section(".l1")));
  (void)none;
  tile = (pulsec_tile){${fields.join(", ")}};
  for (int i = 0; i < 2; i++) {
    pulsec_fork(run, &tile);
    uint32_t begin = begins[0], end = ends[0];
    for (int core = 1; core < PULSEC_CORES; core++) {
      if ((int32_t)(begins[core] - begin) < 0) begin = begins[core];
      if ((int32_t)(ends[core] - end) > 0) end = ends[core];
    }
    time_cycles = end - begin;
  }
}

void time_ready(void);
__attribute__((noinline)) void time_ready(void) { __asm__ volatile("" : : : "memory"); }

int main(void) {
  if (pulsec_open() != 0) return 2;
  time_ready();
  pulsec_call(work, NULL);
  time_ready();
  return 0;
}
`;
