/** `pulsec golden new`: a binding file and an adapter to begin with. */
import { existsSync } from "node:fs";
import path from "node:path";
import {
  adapterText,
  bindingText,
  makeVectors,
  probedSignature,
  readBinding,
  roundings,
  type Signature,
  signatureNamed,
  signatures,
  withRequant,
  withStorages,
} from "../../golden/index.js";
import { nearest } from "../../ir/diagnostic.js";
import { isStorage, type Storage } from "../../ir/storage.js";
import { type Call, type ExitCode, exit, list, oneOf, refuse, UsageError } from "../command.js";
import { writeFiles } from "../files.js";
import { parseText } from "../model.js";

export async function newBinding(call: Call, args: readonly string[]): Promise<ExitCode> {
  const [op, ...more] = args;
  if (op === undefined) return listSignatures(call);
  if (more.length > 0) throw new UsageError("golden new takes one op");
  const signature = await signatureOf(call, op);
  const kernel = call.text("kernel") ?? `my_${op.split("+")[0]!.replace(/\W/g, "_")}`;
  if (!/^[A-Za-z_]\w*$/.test(kernel))
    throw new UsageError(`--kernel takes the name of a C function, not ${kernel}`);
  const folder = call.text("output") ?? ".";
  const [file, adapter] = [`${kernel}.golden.json`, `${kernel}_adapter.c`];
  const rounding = oneOf("rounding", call.text("rounding") ?? "floor", roundings);
  const { ops } = call.toolchain;
  const text = bindingText(signature, { kernel, adapter, rounding, ops });
  const files = new Map([
    [path.join(folder, file), text],
    [path.join(folder, adapter), adapterText(kernel, file)],
  ]);
  for (const name of files.keys()) refuseExisting(name);
  const vectors = makeVectors(readBinding(text, { file, ops }), { seed: 1, random: 0 });
  writeFiles(files);
  call.print(`wrote ${[...files.keys()].join(" and ")} (${vectors.length} vectors and random ones)`);
  call.print(
    `edit the arguments until they are those of ${kernel}, then: pulsec golden test ${path.join(folder, `${kernel}.c`)}`,
  );
  call.emit({ ok: true, files: [...files.keys()], ops: signature.ops });
  return exit.ok;
}

function refuseExisting(file: string): void {
  if (existsSync(file))
    refuse("golden/exists", `${file} is already there`, {
      help: "choose another name with --kernel, another folder with -o, or remove the file",
    });
}

function listSignatures(call: Call): ExitCode {
  const width = Math.max(...signatures.map((s) => s.name.length)) + 2;
  for (const { name, summary } of signatures) call.print(`${name.padEnd(width)}${summary}`);
  call.print("or any op with an integer meaning; +requant behind one that gives sums: conv2d+requant");
  call.emit({ ok: true, signatures: signatures.map(({ name, summary }) => ({ name, summary })) });
  return exit.ok;
}

/** `conv2d+requant`, with the storage that the call asks for. */
export async function signatureOf(call: Call, text: string): Promise<Signature> {
  const [name, then, ...rest] = text.split("+") as [string, ...string[]];
  if (rest.length > 0 || (then !== undefined && then !== "requant"))
    throw new UsageError(`OP is an op, or an op with +requant, not ${text}`);
  const plain = signatureNamed(name) ?? (await readOff(call, name));
  const storages = storagesOf(call);
  const chain = then ? withRequant(plain, storages.y) : plain;
  const unknown = Object.keys(storages).find((t) => !Object.hasOwn(chain.tensors, t));
  if (unknown !== undefined)
    throw new UsageError(`${text} has no tensor ${unknown}; it has ${Object.keys(chain.tensors).join(", ")}`);
  return withStorages(chain, storages);
}

/** The signature of an op that has none of its own, from its examples. */
async function readOff(call: Call, name: string): Promise<Signature> {
  const { ops } = call.toolchain;
  const op = ops.find((o) => o.name === name);
  if (!op?.int) {
    const names = [...signatures.map((s) => s.name), ...ops.filter((o) => o.int).map((o) => o.name)];
    const guess = nearest(name, names);
    return refuse("golden/op", op ? `${name} has no integer meaning` : `there is no op ${name}`, {
      expected: "an op with an integer meaning, or a name that pulsec golden new lists",
      ...(guess ? { help: `did you mean ${guess}?` } : {}),
    });
  }
  const graphs = await Promise.all(
    op.examples.map(async ({ text }) => {
      const parsed = await parseText(`${name}.pir`, text, ops);
      return parsed.ok ? parsed.value.graphs : [];
    }),
  );
  return (
    probedSignature(op, graphs.flat()) ??
    refuse("golden/op", `${name} has no integer example to read a signature off`, {
      help: "add an example whose graph is in stage integer to the op's record",
    })
  );
}

/** `x=u4,w=i4` */
function storagesOf(call: Call): Readonly<Record<string, Storage>> {
  return Object.fromEntries(
    list(call.texts("storage")).map((text): [string, Storage] => {
      const [name, storage] = text.split("=", 2) as [string, string | undefined];
      if (storage === undefined || !isStorage(storage) || storage === "f32")
        throw new UsageError(`--storage takes TENSOR=STORAGE with u8, i8, u4, i4, ..., not ${text}`);
      return [name, storage];
    }),
  );
}
