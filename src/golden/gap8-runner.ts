/** Runs kernels on the cluster of GAP8, simulated in this process: every access is looked at, traps are failures. */
import { loadElf } from "../backends/gap8sim/elf.js";
import { createSimulation, type RunEnd, type Simulation } from "../backends/gap8sim/simulate.js";
import { unwrap } from "../ir/diagnostic.js";
import type { CallValue, CompiledCall } from "./calls.js";
import { type Stray, strayAccess } from "./faults.js";
import { buildForGap8, type Gap8Program, mostCores } from "./gap8-build.js";
import { type Arena, damageIn, imageOf, judge, type Placement, placeCall } from "./gap8-image.js";
import type { BuiltKernel, CallResult, Fault, KernelRunner, KernelSources } from "./runner.js";

/** Timing models of the simulator. */
export const gap8Profiles = ["gvsoc", "rtl"] as const;
export type Gap8Profile = (typeof gap8Profiles)[number];

export interface TimedCall {
  readonly cycles: number;
  /** Where the buffers lie. */
  readonly memory: Arena["memory"];
}

export interface Gap8Kernel extends BuiltKernel {
  /** Cycles of a second call, its code in the cache; nothing where buffers do not fit, or the call does not end. */
  time(call: CompiledCall, profile: Gap8Profile): TimedCall | undefined;
}

export interface Gap8Runner extends KernelRunner {
  build(kernel: KernelSources): Promise<Gap8Kernel>;
}

/** Instructions of one call, all cores together. */
const patience = 400_000_000;
/** After so many calls that did not come back, the rest is not tried. */
const mostDeaths = 8;
const fills = [0x5a, 0xa5] as const;

export const gap8Runner: Gap8Runner = {
  name: "gap8",
  async build(kernel) {
    const program = await buildForGap8(kernel);
    return {
      dispose: program.dispose,
      run: (calls) => runAll(program, calls, kernel.argumentNames),
      time: (call, profile) => timed(program, call, profile),
    };
  },
};

/** Whose buffers a running call may touch, and what else it touched. */
interface Watch {
  placement: Placement | undefined;
  stray: Stray | "nowhere" | undefined;
}

/** A machine at golden_ready. */
interface Bench {
  readonly simulation: Simulation;
  readonly arenas: readonly Arena[];
  readonly watch: Watch;
}

function observer(watch: Watch) {
  return (core: number, address: number, size: number, isWrite: boolean): string | undefined => {
    if (!watch.placement || core >= mostCores) return undefined;
    watch.stray = judge(watch.placement, address, size, isWrite);
    return watch.stray ? "an access outside of all arguments" : undefined;
  };
}

function bench(elf: Uint8Array, profile: Gap8Profile, watching: boolean): Bench {
  const watch: Watch = { placement: undefined, stray: undefined };
  const firmware = unwrap(loadElf(elf, "kernel.elf"));
  const options = {
    profile,
    breakpoints: ["golden_ready"],
    ...(watching ? { observe: observer(watch) } : {}),
  };
  const simulation = unwrap(createSimulation(firmware, options));
  const end = simulation.run(patience);
  if (end.kind !== "breakpoint") throw new Error("the harness does not start");
  const arena = (memory: Arena["memory"], symbol: string): Arena => {
    const { address, size } = simulation.symbols.named(symbol)!;
    return { memory, address, bytes: size };
  };
  return { simulation, arenas: [arena("l1", "pulsec_l1"), arena("l2", "golden_l2")], watch };
}

const bytesOf = ({ simulation }: Bench, { memory, address, bytes }: Arena): Uint8Array => {
  const all = simulation.machine.system.bytes[memory];
  const offset = address & (all.length - 1);
  return all.subarray(offset, offset + bytes);
};

/** One call up to its end. */
function call(b: Bench, { cores, values }: CompiledCall, p: Placement, fill: number, runs: number): RunEnd {
  bytesOf(b, p.arena).set(imageOf(p, fill));
  b.simulation.write("golden_job", jobBytes(cores, runs, values, p));
  b.watch.placement = p;
  const end = b.simulation.run(patience);
  b.watch.placement = undefined;
  return end;
}

/** The struct golden_job of main.c. */
function jobBytes(cores: number, runs: number, values: readonly CallValue[], p: Placement): Uint8Array {
  const view = new DataView(new ArrayBuffer(16 + 16 * values.length));
  view.setInt32(0, cores, true);
  view.setInt32(4, runs, true);
  for (const [i, v] of values.entries()) {
    const at = p.buffers.find((b) => b.argument === i);
    if (at) view.setUint32(16 + 16 * i, p.arena.address + at.offset, true);
    view.setBigInt64(16 + 16 * i + 8, v.kind === "number" ? v.value : BigInt(at!.size), true);
  }
  return new Uint8Array(view.buffer);
}

async function runAll(
  program: Gap8Program,
  calls: readonly CompiledCall[],
  names: readonly string[],
): Promise<readonly CallResult[]> {
  let b: Bench | undefined;
  const results: CallResult[] = [];
  for (let deaths = 0; results.length < calls.length; ) {
    const one = calls[results.length]!;
    if (deaths === mostDeaths) {
      results.push({ faults: [] });
      continue;
    }
    b ??= bench(program.elf, "gvsoc", true);
    const result = await runOne(b, program, one, names);
    if (!result.bytes && result.faults.length > 0) {
      // A second wait as long would tell nothing new.
      deaths = result.faults.some((f) => f.kind === "timeout") ? mostDeaths : deaths + 1;
      b = undefined;
    }
    results.push(result);
  }
  return results;
}

/** A call with each pattern, as on the host. What does not fit memory is not run. */
async function runOne(
  b: Bench,
  program: Gap8Program,
  one: CompiledCall,
  names: readonly string[],
): Promise<CallResult> {
  const p = placeCall(one, b.arenas);
  if (!p) return { faults: [] };
  const bytes: Uint8Array[] = [];
  const faults: Fault[] = [];
  for (const fill of fills) {
    const end = call(b, one, p, fill, 1);
    if (end.kind !== "breakpoint") return { faults: [await fault(b, end, program, names)] };
    const image = bytesOf(b, p.arena);
    for (const { argument, what } of damageIn(p, image)) {
      const made = damaged(argument, what, names);
      if (!faults.some((f) => f.text === made.text)) faults.push(made);
    }
    const outputs = p.buffers.filter((o) => o.kind === "output");
    bytes.push(new Uint8Array(Buffer.concat(outputs.map((o) => cut(image, o)))));
  }
  return { bytes: [bytes[0]!, bytes[1]!], faults };
}

const cut = (image: Uint8Array, { offset, size }: { offset: number; size: number }): Uint8Array =>
  image.subarray(offset, offset + size);

function damaged(argument: number, what: "before" | "after" | "written", names: readonly string[]): Fault {
  const name = names[argument] ?? `argument ${argument}`;
  if (what === "written") return { kind: "written", argument, text: `changes its input ${name}` };
  const side = what === "before" ? "before the start" : "behind the end";
  return { kind: "guard", argument, text: `writes ${side} of ${name}` };
}

/** Why a call did not come back, in words. */
async function fault(b: Bench, end: RunEnd, program: Gap8Program, names: readonly string[]): Promise<Fault> {
  if (end.kind === "exit")
    return { kind: "crash", text: "the kernel did not come back: it ended the program" };
  const { pc, text, waits } = end.trap;
  const at = pc > 0 ? await program.lineOf(pc) : undefined;
  const line = at === undefined ? {} : { line: at };
  const { stray } = b.watch;
  if (stray) return { ...strayAccess(stray === "nowhere" ? undefined : stray, names), ...line };
  if (end.kind === "budget")
    return {
      kind: "timeout",
      text: `the kernel did not come back within ${patience / 1e6} million instructions`,
    };
  if (end.trap.kind === "unmapped-access") return { ...strayAccess(), ...line };
  const why = [text, ...waits].join("; ");
  return { kind: "crash", text: `the kernel did not come back: ${why}`, ...line };
}

function timed(program: Gap8Program, one: CompiledCall, profile: Gap8Profile): TimedCall | undefined {
  const b = bench(program.elf, profile, false);
  const p = placeCall(one, b.arenas);
  if (!p || call(b, one, p, fills[0], 2).kind !== "breakpoint") return undefined;
  const job = b.simulation.read("golden_job", 16)!;
  return { cycles: new DataView(job.buffer, job.byteOffset).getUint32(8, true), memory: p.arena.memory };
}
