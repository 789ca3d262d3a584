/** Firmware of random networks with random budgets: what the project's host build and gap8sim say of its golden vectors. */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import fc from "fast-check";
import { writeProject } from "../../../src/backends/c/native.js";
import type { Vector } from "../../../src/backends/c/vectors.js";
import { checkFirmware } from "../../../src/backends/pulp/firmware/check.js";
import { type FirmwareProject, makeFirmware } from "../../../src/backends/pulp/firmware/project.js";
import { type Diagnostic, Refusal } from "../../../src/ir/diagnostic.js";
import { interpret } from "../../../src/ir/interpreter.js";
import type { LayerCase } from "../random-layers.js";

/** What a firmware is compiled with. */
export interface Budgets {
  readonly cores: number;
  readonly l1: number;
  /** Of the lower bound that the planner prints for L2; 0 leaves L2 ample. */
  readonly share: number;
  readonly safeDma: boolean;
  /** Every node is a layer. */
  readonly spill: boolean;
}

/** True once in `n` times. */
const rarely = (n: number) => fc.integer({ min: 1, max: n }).map((i) => i === n);

/** Budgets from comfortable to what forces many tiles and L3. */
export const budgets: fc.Arbitrary<Budgets> = fc.record({
  cores: fc.integer({ min: 1, max: 8 }),
  l1: fc.oneof(
    fc.constantFrom(44, 16, 6, 3).map((k) => k * 1024),
    fc.integer({ min: 2048, max: 52 * 1024 }),
  ),
  share: fc.oneof(
    fc.constant(0),
    fc.constant(0.5),
    fc.integer({ min: 30, max: 99 }).map((p) => p / 100),
  ),
  safeDma: rarely(4),
  spill: rarely(6),
});

const generous = { l1: 44 * 1024, l2: 400 * 1024 };
/** What cannot be helped by the test: budgets below the smallest tile, or below what one layer works on. */
const tooSmall = new Set<Diagnostic["id"]>(["pulp/l1-budget", "pulp/l2-budget"]);

function attempted(make: () => FirmwareProject): FirmwareProject | undefined {
  try {
    return make();
  } catch (e) {
    if (e instanceof Refusal && e.diagnostics.every((d) => tooSmall.has(d.id))) return undefined;
    throw e;
  }
}

/** The firmware with two golden vectors, as small as was asked for if that is possible; nothing where even much memory is too little. */
export async function firmwareOf(
  c: LayerCase,
  { l1, share, ...options }: Budgets,
): Promise<FirmwareProject | undefined> {
  const session = interpret(c.graph);
  const vectors: Vector[] = [];
  for (const inputs of [c.inputs, c.again]) vectors.push({ inputs, values: await session.run(inputs) });
  const made = (memory: { readonly l1: number; readonly l2: number }) =>
    attempted(() => makeFirmware(c.graph, { ...options, vectors, prefix: "random", ...memory }));
  const large = made(generous);
  const bound = large?.emission.program.levels.find((l) => l.level === "l2")?.lowerBound ?? 0;
  const l2 = share === 0 ? generous.l2 : Math.max(256, Math.ceil(bound * share));
  return made({ l1, l2 }) ?? made({ l1: generous.l1, l2 }) ?? made({ l1, l2: generous.l2 }) ?? large;
}

/** Calls instead of inlined checks, and traps instead of texts, compile three times as fast. */
const sanitised = [
  "-O0 -Werror",
  "-fsanitize=address,undefined -fno-sanitize=null,pointer-overflow,object-size",
  "-fsanitize-undefined-trap-on-error --param asan-instrumentation-with-call-threshold=0",
].join(" ");

const execute = promisify(execFile);

/** What `make host` says, built with sanitizers; nothing where every CRC is equal. */
export async function wrongOnHost({ files, emission }: FirmwareProject): Promise<string | undefined> {
  const folder = await mkdtemp(path.join(tmpdir(), "pulsec-random-"));
  try {
    await writeProject(files, folder);
    const cores = `CORES=${emission.program.cores}`;
    await execute("make", ["-s", "host", cores, `CFLAGS=${sanitised}`], { cwd: folder });
    return undefined;
  } catch (e) {
    const { stdout = "", stderr = "", message } = e as Error & { stdout?: string; stderr?: string };
    return `host: ${stdout}${stderr || message}`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What the simulator says of the firmware; nothing where every CRC is equal. */
export async function wrongOnGap8(project: FirmwareProject): Promise<string | undefined> {
  const { ok, console } = await checkFirmware(project);
  return ok ? undefined : `gap8sim: ${console}`;
}
