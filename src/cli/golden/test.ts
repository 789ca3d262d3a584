/** `pulsec golden test`: does the kernel compute what int says? */
import { readdirSync } from "node:fs";
import path from "node:path";
import { randomTensor } from "../../data/random-tensor.js";
import {
  type Binding,
  type Gap8Kernel,
  type GoldenCase,
  gap8Profiles,
  gap8Runner,
  goldenTest,
  hostRunner,
  layerCase,
  layersOf,
  makeVectors,
  readBinding,
  renderGoldenTest,
  renderSpeeds,
  type Speed,
  speedsOf,
  worthTiming,
} from "../../golden/index.js";
import { interpret } from "../../ir/interpreter.js";
import { type Call, type ExitCode, exit, list, oneOf, refuse, UsageError, wholeNumber } from "../command.js";
import { readBytes, readText } from "../files.js";
import { openModel } from "../model.js";

export async function testKernel(call: Call, sources: readonly string[]): Promise<ExitCode> {
  for (const source of sources) readBytes(source);
  const file = call.text("binding") ?? bindingBeside(sources[0]!);
  const onGap8 = oneOf("target", call.text("target") ?? "host", ["host", "gap8"]) === "gap8";
  const read = readBinding(readText(file), { file, ops: call.toolchain.ops });
  const binding = withCores(read, coresOf(call), onGap8);
  const seed = wholeNumber("--seed", call.text("seed") ?? "1");
  const random = wholeNumber("--vectors", call.text("vectors") ?? "32");
  const vectors = [...makeVectors(binding, { seed, random }), ...(await layersFor(call, binding, seed))];
  const beside = (name: string) => path.resolve(path.dirname(file), name);
  readBytes(beside(binding.adapter));
  const host = onGap8 ? undefined : await hostRunner();
  const speeds: Speed[] = [];
  const report = await goldenTest({
    binding,
    vectors,
    runner: host ?? gap8Runner,
    adapter: beside(binding.adapter),
    sources: [...sources.map((s) => path.resolve(s)), ...binding.sources.map(beside)],
    progress: (text) => call.progress(text),
    async passed(kernel) {
      if (onGap8) speeds.push(...(await timed(call, binding, vectors, kernel as Gap8Kernel)));
    },
  });
  const remark = host?.remark();
  if (remark) call.note(remark);
  call.print(renderGoldenTest(binding, report));
  if (random > 0) call.print(`random vectors: seeds ${seed} to ${seed + random - 1}`);
  if (speeds.length > 0) call.print(renderSpeeds(speeds));
  call.emit({ ...summaryOf(report), ...(onGap8 ? { speeds } : {}), binding: file, seed });
  return report.ok ? exit.ok : exit.verificationFailed;
}

/** `--cores 8,1` in place of the binding's own. */
function coresOf(call: Call): readonly number[] {
  const cores = list(call.texts("cores")).map((text) => wholeNumber("--cores", text));
  if (cores.some((n) => n < 1 || n > 64)) throw new UsageError("--cores takes numbers of cores, as 8,1");
  return cores;
}

function withCores(binding: Binding, given: readonly number[], onGap8: boolean): Binding {
  const cores = given.length > 0 ? given : binding.cores;
  if (!onGap8 || cores.every((n) => n <= 8)) return { ...binding, cores };
  throw new UsageError(
    `the cluster of GAP8 has 8 cores, not ${Math.max(...cores)}: --cores 8,1 asks for fewer`,
  );
}

async function timed(
  call: Call,
  binding: Binding,
  vectors: readonly GoldenCase[],
  kernel: Gap8Kernel,
): Promise<readonly Speed[]> {
  const asked = list(call.texts("profile")).map((p) => oneOf("profile", p, gap8Profiles));
  const profiles = asked.length > 0 ? asked : (["gvsoc"] as const);
  call.progress("counting cycles");
  return speedsOf({ binding, kernel, cases: worthTiming(vectors), cores: binding.cores, profiles });
}

type Report = Awaited<ReturnType<typeof goldenTest>>;

function summaryOf({ first, smallest, ...rest }: Report): Readonly<Record<string, unknown>> {
  const failure = (f: Report["first"]) =>
    f && { vector: f.golden.name, sizes: f.golden.setting.sizes, difference: f.difference, faults: f.faults };
  return { ...rest, first: failure(first), smallest: failure(smallest) };
}

/** NAME.golden.json for NAME.c, or the only binding in the kernel's folder. */
export function bindingBeside(source: string): string {
  const folder = path.dirname(source);
  const own = `${path.basename(source).replace(/\.[^.]*$/, "")}.golden.json`;
  const all = readdirSync(folder).filter((name) => name.endsWith(".golden.json"));
  const found = all.includes(own) ? own : all.length === 1 ? all[0]! : undefined;
  if (found !== undefined) return path.join(folder, found);
  return refuse("golden/no-binding", `there is no binding for ${source}`, {
    found: all.length > 0 ? all.join(", ") : "no .golden.json beside it",
    expected: own,
    help: "pulsec golden new OP --kernel NAME writes one; --binding FILE names another",
  });
}

/** Vectors from the layers of --model that the kernel is for. */
async function layersFor(call: Call, binding: Binding, seed: number): Promise<readonly GoldenCase[]> {
  const file = call.text("model");
  if (file === undefined) return [];
  const { graph } = await openModel(call, file);
  const inputs = graph.inputs.map((v, i) => randomTensor(v.type, seed * 1000 + i));
  const layers = layersOf(graph, await interpret(graph).run(inputs));
  const cases = layers.map((layer) => layerCase(binding, layer, binding.cores.at(-1)!));
  const found = cases.filter((c) => typeof c !== "string");
  call.note(`${found.length} of ${layers.length} layers of ${file} are of this kernel's kind`);
  return found;
}
