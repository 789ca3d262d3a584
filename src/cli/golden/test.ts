/** `pulsec golden test`: does the kernel compute what int says? */
import { readdirSync } from "node:fs";
import path from "node:path";
import { randomTensor } from "../../data/random-tensor.js";
import {
  type Binding,
  type GoldenCase,
  goldenTest,
  hostRunner,
  layerCase,
  layersOf,
  makeVectors,
  readBinding,
  renderGoldenTest,
} from "../../golden/index.js";
import { interpret } from "../../ir/interpreter.js";
import { type Call, type ExitCode, exit, refuse, wholeNumber } from "../command.js";
import { readBytes, readText } from "../files.js";
import { openModel } from "../model.js";

export async function testKernel(call: Call, sources: readonly string[]): Promise<ExitCode> {
  for (const source of sources) readBytes(source);
  const file = call.text("binding") ?? bindingBeside(sources[0]!);
  const binding = readBinding(readText(file), { file, ops: call.toolchain.ops });
  const seed = wholeNumber("--seed", call.text("seed") ?? "1");
  const random = wholeNumber("--vectors", call.text("vectors") ?? "32");
  const vectors = [...makeVectors(binding, { seed, random }), ...(await layersFor(call, binding, seed))];
  const beside = (name: string) => path.resolve(path.dirname(file), name);
  readBytes(beside(binding.adapter));
  const runner = await hostRunner();
  const report = await goldenTest({
    binding,
    vectors,
    runner,
    adapter: beside(binding.adapter),
    sources: [...sources.map((s) => path.resolve(s)), ...binding.sources.map(beside)],
    progress: (text) => call.progress(text),
  });
  const remark = runner.remark();
  if (remark) call.note(remark);
  call.print(renderGoldenTest(binding, report));
  if (random > 0) call.print(`random vectors: seeds ${seed} to ${seed + random - 1}`);
  call.emit({ ...summaryOf(report), binding: file, seed });
  return report.ok ? exit.ok : exit.verificationFailed;
}

type Report = Awaited<ReturnType<typeof goldenTest>>;

function summaryOf({ first, smallest, ...rest }: Report): Readonly<Record<string, unknown>> {
  const failure = (f: Report["first"]) =>
    f && { vector: f.golden.name, sizes: f.golden.setting.sizes, difference: f.difference, faults: f.faults };
  return { ...rest, first: failure(first), smallest: failure(smallest) };
}

/** NAME.golden.json for NAME.c, or the only binding in the kernel's folder. */
function bindingBeside(source: string): string {
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
