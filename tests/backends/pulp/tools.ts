/** Small integer networks, and compilers for what the firmware tests build. */
import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { writeProject } from "../../../src/backends/c/native.js";
import type { Files } from "../../../src/backends/c/project.js";
import { architectureFlags } from "../../../src/backends/pulp/firmware/toolchain.js";
import { GraphBuilder } from "../../../src/ir/build.js";
import type { Graph } from "../../../src/ir/graph.js";
import { interpret } from "../../../src/ir/interpreter.js";
import { conv } from "../../../src/ir/ops/conv.js";
import { maxpool } from "../../../src/ir/ops/maxpool.js";
import { requant } from "../../../src/ir/ops/requant.js";
import { type Tensor, tensor } from "../../../src/ir/tensor.js";
import { elements, tensorType } from "../../../src/ir/type.js";
import { root } from "../../harness.js";

export const run = promisify(execFile);
const works = (command: string): boolean =>
  spawnSync(command, ["--version"], { stdio: "ignore" }).status === 0;

export const crossCompiler = "riscv64-unknown-elf-gcc";
export const hasCrossCompiler = works(crossCompiler);
export const hasHostCompiler = works("cc");
export const armCompiler = "arm-none-eabi-gcc";
export const hasArmCompiler = works(armCompiler);

export const here = path.join(root, "tests", "backends", "pulp");
export const runtime = path.join(root, "src", "backends", "pulp", "runtime");
export const crossFlags = [...architectureFlags, "-ffreestanding"];

export interface NetworkOptions {
  readonly name?: string;
  readonly length?: number;
  readonly channels?: number;
  /** Makes the weights differ. */
  readonly salt?: number;
  readonly mul?: number;
}

/** Two convolutions with a pool between them: u8 [1, length, 2] to i8. */
export function smallNetwork(o: NetworkOptions = {}): Graph {
  const { name = "small", length = 32, channels = 8, salt = 0, mul = 3 } = o;
  const b = new GraphBuilder(name, "integer");
  const weights = (id: string, shape: readonly number[]) => {
    const type = tensorType("i8", shape);
    const data = Int8Array.from({ length: elements(type) }, (_, i) => ((i * 37 + salt * 11 + 5) % 31) - 15);
    return b.param(id, type, data);
  };
  const layer = (
    x: ReturnType<typeof b.input>,
    id: string,
    from: number,
    to: number,
    storage: "u8" | "i8",
  ) => {
    const sum = b.add(conv, [x, weights(`${id}.w`, [to, 3, from])], { pads: [1, 1] }, { name: `${id}.sum` });
    const scale = b.param(`${id}.mul`, tensorType("i32", [1]), new Int32Array([mul]));
    const add = b.param(
      `${id}.add`,
      tensorType("i64", [to]),
      BigInt64Array.from({ length: to }, (_, i) => BigInt(i)),
    );
    const shape = sum.type.shape as number[];
    const type = tensorType(storage, shape);
    return b.add(requant, [sum, scale, add], { shift: [6] }, { name: id, type });
  };
  const x = b.input("x", tensorType("u8", [1, length, 2]));
  const a = layer(x, "a", 2, channels, "u8");
  const p = b.add(maxpool, [a], { kernel: [2], stride: [2] }, { name: "p" });
  return b.finish([layer(p, "y", channels, channels, "i8")]);
}

/** `layers` pointwise convolutions, u8 [1, 4, channels] to the same: constants that need room. */
export function wideNetwork(layers: number, channels: number): Graph {
  const b = new GraphBuilder("wide", "integer");
  let x = b.input("x", tensorType("u8", [1, 4, channels]));
  for (let l = 0; l < layers; l++) {
    const data = Int8Array.from({ length: channels * channels }, (_, i) => ((i * 37 + l * 11) % 15) - 7);
    const w = b.param(`w${l}`, tensorType("i8", [channels, 1, channels]), data);
    const sum = b.add(conv, [x, w], {}, { name: `sum${l}` });
    const mul = b.param(`mul${l}`, tensorType("i32", [1]), new Int32Array([3]));
    const add = b.param(`add${l}`, tensorType("i64", [1]), new BigInt64Array([BigInt(l)]));
    const type = tensorType("u8", [1, 4, channels]);
    x = b.add(requant, [sum, mul, add], { shift: [6] }, { name: `y${l}`, type });
  }
  return b.finish([x]);
}

/** Inputs that differ with `seed`. */
export const inputsOf = (graph: Graph, seed: number): Tensor[] =>
  graph.inputs.map(({ type }) =>
    tensor(
      type,
      Array.from({ length: elements(type) }, (_, i) => (i * 29 + seed * 53) % 200),
    ),
  );

export async function vectorOf(graph: Graph, seed: number) {
  const inputs = inputsOf(graph, seed);
  return { inputs, values: await interpret(graph).run(inputs) };
}

/** Runs `body` in a folder with these files. */
export async function within<T>(files: Files, body: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), "pulsec-pulp-"));
  try {
    await writeProject(files, folder);
    return await body(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** How a program ended and what it printed. */
export async function outcome(command: string, args: readonly string[], cwd?: string) {
  try {
    const { stdout } = await run(command, [...args], { ...(cwd ? { cwd } : {}), maxBuffer: 2 ** 26 });
    return { code: 0, stdout };
  } catch (e) {
    const { code, stdout = "" } = e as { code?: number; stdout?: string };
    return { code: code ?? -1, stdout };
  }
}
