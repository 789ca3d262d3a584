import path from "node:path";
import { randomTensor } from "../../data/random-tensor.js";
import {
  type RawArray,
  toRawArray,
  writeBin,
  writeNpy,
  writeNpz,
  writeText,
} from "../../data/tensor-files/index.js";
import { renderDiagnostic } from "../../ir/diagnostic.js";
import type { Value } from "../../ir/graph.js";
import type { Tensor } from "../../ir/tensor.js";
import { printType } from "../../ir/type.js";
import { type Call, type Command, exit, UsageError, wholeNumber } from "../command.js";
import { assertRuns, engineList, engineNamed, engineNames } from "../engines.js";
import { sourcesRead, writeFile } from "../files.js";
import { givenInputs, inputOptions } from "../inputs.js";
import { loadModel, modelOptions } from "../model.js";

/** How many elements of an output are shown. */
const shown = 16;

export const command: Command = {
  name: "run",
  summary: "one inference",
  args: "MODEL",
  positionals: { min: 1, max: 1 },
  details:
    "Without --input the input is random, from --seed. Tensors are written channels last, one element per slot.",
  options: {
    ...inputOptions,
    ...modelOptions,
    engine: { type: "string", value: "NAME", help: `${engineNames.join(", ")}; default int` },
    output: {
      type: "string",
      short: "o",
      value: "FILE",
      help: "write the outputs: .npz, or .npy .csv .txt .bin for a single one",
    },
    "dump-layers": { type: "string", value: "DIR", help: "write every value as VALUE.npy" },
    seed: { type: "string", value: "N", help: "seed of a random input; default 1" },
  },
  examples: [
    ["run net.onnx --input x.npy", "print the outputs"],
    ["run net.pmod --engine wasm --dump-layers layers", "every intermediate tensor as .npy"],
  ],
  async run(call) {
    const [name, ...more] = engineList(call.texts("engine"), ["int"]);
    if (more.length > 0) throw new UsageError("run takes one engine; verify compares several");
    const model = await loadModel(call.args[0]!, call);
    for (const d of model.diagnostics) call.note(renderDiagnostic(d, sourcesRead));
    const inputs = givenInputs(call, model) ?? randomInputs(call, model.graph.inputs);
    const engine = await engineNamed(name!);
    assertRuns(engine, model.graph);
    const session = await engine.prepare(model.graph, {
      expose: call.text("dump-layers") ? "all" : "outputs",
    });
    const values = await session.run(inputs).finally(() => session.dispose());
    const outputs = model.graph.outputs.map((v) => toRawArray(v.name, values.get(v.name)!));
    const written = [...writeOutputs(call, outputs), ...dumpLayers(call, values)];
    for (const [i, v] of model.graph.outputs.entries()) call.print(show(v, outputs[i]!));
    if (written.length > 0)
      call.note(`wrote ${written.length === 1 ? written[0] : `${written.length} files`}`);
    call.emit({
      ok: true,
      engine: name,
      outputs: outputs.map((o) => ({ name: o.name, shape: o.shape, data: [...o.data].map(Number) })),
      written,
    });
    return exit.ok;
  },
};

function randomInputs(call: Call, inputs: readonly Value[]): readonly Tensor[] {
  const seed = wholeNumber("--seed", call.text("seed") ?? "1");
  call.note(`no --input: random values, seed ${seed}`);
  return inputs.map((v, i) => randomTensor(v.type, seed * 1000 + i));
}

function show(value: Value, { data }: RawArray): string {
  const head = [...data.slice(0, shown)].join(", ");
  return `%${value.name}: ${printType(value.type)} = [${head}${data.length > shown ? `, ... ${data.length - shown} more` : ""}]`;
}

function writeOutputs(call: Call, outputs: readonly RawArray[]): readonly string[] {
  const file = call.text("output");
  if (file === undefined) return [];
  const ending = path.extname(file);
  if (ending === ".npz") writeFile(file, writeNpz(outputs));
  else if (outputs.length > 1)
    throw new UsageError(`${outputs.length} outputs need an .npz file, not ${file}`);
  else if (ending === ".npy") writeFile(file, writeNpy(outputs[0]!));
  else if (ending === ".bin") writeFile(file, writeBin(outputs[0]!));
  else if (ending === ".txt" || ending === ".csv") writeFile(file, writeText(outputs[0]!));
  else throw new UsageError(`-o takes .npz, .npy, .csv, .txt or .bin, not ${file}`);
  return [file];
}

function dumpLayers(call: Call, values: ReadonlyMap<string, Tensor>): readonly string[] {
  const dir = call.text("dump-layers");
  if (dir === undefined) return [];
  return [...values].map(([name, tensor]) => {
    const file = path.join(dir, `${name}.npy`);
    writeFile(file, writeNpy(toRawArray(name, tensor)));
    return file;
  });
}
