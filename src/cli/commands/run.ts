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
import type { Engine, PrepareOptions } from "../../ir/contracts.js";
import type { Value } from "../../ir/graph.js";
import type { Tensor } from "../../ir/tensor.js";
import { atBatch, printType } from "../../ir/type.js";
import { type Call, type Command, exit, UsageError, wholeNumber } from "../command.js";
import { assertRuns, engineFor, engineList, engineNamed, engineNames } from "../engines.js";
import { writeFile } from "../files.js";
import { givenInputs, inputOptions } from "../inputs.js";
import { type LoadedModel, modelOptions, openModel } from "../model.js";
import { neededTail, runTail, tailOf } from "../tail.js";

/** How many elements of an output are shown. */
const shown = 16;

export const command: Command = {
  name: "run",
  summary: "one inference",
  args: "MODEL",
  positionals: { min: 1, max: 1 },
  details: `Without --input the input is random, from --seed. Tensors are written channels last, one element per slot.
A symbolic batch is as large as the input has samples.
Import splits a network that ends in float operators (LogSoftmax, say) into the integer graph @main and the float graph
@tail. --tail runs @tail on what @main gives; its values are written as tail.VALUE.`,
  options: {
    ...inputOptions,
    ...modelOptions,
    engine: {
      type: "string",
      value: "NAME",
      help: (toolchain) => `${engineNames(toolchain).join(", ")}; default int, for float graphs float`,
    },
    tail: { type: "boolean", help: "run the float graph @tail too" },
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
    ["run net.onnx --input x.npy --tail", "and what float operators at the end make of them"],
    ["run net.pmod --engine wasm --dump-layers layers", "every intermediate tensor as .npy"],
  ],
  async run(call) {
    const [wish, ...more] = engineList(call.texts("engine"), [], engineNames(call.toolchain));
    if (more.length > 0) throw new UsageError("run takes one engine; verify compares several");
    const model = await openModel(call, call.args[0]!);
    const name = wish ?? engineFor(model.graph);
    const stages = await runStages(call, model, await engineNamed(call.toolchain, name));
    const outputs = stages.flatMap((s) =>
      s.outputs.map((v) => toRawArray(s.prefix + v.name, s.values.get(v.name)!)),
    );
    const written = [...writeOutputs(call, outputs), ...stages.flatMap((s) => dumpLayers(call, s))];
    for (const stage of stages) for (const v of stage.outputs) call.print(show(stage, v));
    if (written.length > 0)
      call.note(`wrote ${written.length === 1 ? written[0] : `${written.length} files`}`);
    call.emit({
      ok: true,
      engine: name,
      outputs: outputs.map((o) => ({ name: o.name, shape: o.shape, data: [...o.data].map(jsonNumber) })),
      written,
    });
    return exit.ok;
  },
};

/** A graph that has run. */
interface Ran {
  readonly prefix: "" | "tail.";
  readonly outputs: readonly Value[];
  readonly values: ReadonlyMap<string, Tensor>;
}

async function runStages(call: Call, model: LoadedModel, engine: Engine): Promise<readonly Ran[]> {
  const { graph } = model;
  const tail = call.flag("tail") ? neededTail(model) : undefined;
  const options: PrepareOptions = { expose: call.text("dump-layers") ? "all" : "outputs" };
  assertRuns(engine, graph);
  call.report(engine.remarks?.(graph) ?? []);
  const inputs = givenInputs(call, model) ?? randomInputs(call, graph.inputs);
  const session = await engine.prepare(graph, options);
  const values = await session.run(inputs).finally(() => session.dispose());
  const main: Ran = { prefix: "", outputs: graph.outputs, values };
  if (tail)
    return [
      main,
      {
        prefix: "tail.",
        outputs: tail.outputs,
        values: await runTail(call.toolchain, tail, values, options),
      },
    ];
  if (tailOf(model)) call.note("the network goes on in the float graph @tail: --tail runs it too");
  return [main];
}

/** JSON has no word for what is not finite. */
const jsonNumber = (v: number | bigint): number | string =>
  Number.isFinite(Number(v)) ? Number(v) : String(v);

function randomInputs(call: Call, inputs: readonly Value[]): readonly Tensor[] {
  const seed = wholeNumber("--seed", call.text("seed") ?? "1");
  call.note(`no --input: random values, seed ${seed}`);
  return inputs.map((v, i) => randomTensor(atBatch(v.type, 1), seed * 1000 + i));
}

function show({ prefix, values }: Ran, { name }: Value): string {
  const { type, data } = values.get(name)!;
  const head = [...data.slice(0, shown)].join(", ");
  const rest = data.length > shown ? `, ... ${data.length - shown} more` : "";
  return `%${prefix}${name}: ${printType(type)} = [${head}${rest}]`;
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

function dumpLayers(call: Call, { prefix, values }: Ran): readonly string[] {
  const dir = call.text("dump-layers");
  if (dir === undefined) return [];
  return [...values].map(([name, tensor]) => {
    const file = path.join(dir, `${prefix}${name}.npy`);
    writeFile(file, writeNpy(toRawArray(prefix + name, tensor)));
    return file;
  });
}
