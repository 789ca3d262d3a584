/** Sound files of every format: those of the repository, and those of the shared material where it lies beside it. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { exportOnnx } from "../../src/backends/onnx/index.js";
import { type DType, writeNpz } from "../../src/data/tensor-files/index.js";
import { exitWith, onTwoCores } from "../../src/explain/elf.js";
import { explanations } from "../../src/explain/index.js";
import { writeContainer } from "../../src/frontends/container/index.js";
import { parsePulse } from "../../src/frontends/dsl/index.js";
import { parseModule } from "../../src/frontends/text/index.js";
import type { Module } from "../../src/ir/graph.js";
import { ops } from "../../src/ir/ops/index.js";
import { code, l2, tinyElf } from "../gap8sim/tiny-elf.js";
import { root, sharedPath } from "../harness.js";
import type { Format } from "./formats.js";

/** Larger files cost time and hold nothing that smaller ones do not. */
const largest = 150_000;
const places = ["examples", "golden", "grammar", "tests"].map((dir) => path.join(root, dir));

export async function seedsOf(format: Format): Promise<readonly Uint8Array[]> {
  const [made, endings] = {
    onnx: [exported, [".onnx", ".pb"]],
    onnxtxt: [none, [".onnxtxt"]],
    pmod: [containers, [".pmod"]],
    pulse: [models, [".pulse"]],
    pir: [texts, [".pir"]],
    npy: [arrays, [".npy"]],
    npz: [archives, [".npz"]],
    elf: [programs, [".elf"]],
  }[format] as [() => Promise<readonly Uint8Array[]>, readonly string[]];
  const found = [...filesOf(endings), ...explained(endings), ...(await made())];
  return found.toSorted((a, b) => a.length - b.length || Buffer.compare(a, b));
}

/** Files by their ending; those that the ONNX tests hold as tensors are no models. */
function filesOf(endings: readonly string[]): readonly Uint8Array[] {
  const shared = [sharedPath("fixtures"), sharedPath("gap8", "elf")].filter((dir) => dir !== undefined);
  const dirs = [...places, ...shared].filter((dir) => existsSync(dir));
  const files = dirs.flatMap((dir) =>
    readdirSync(dir, { recursive: true, encoding: "utf8" }).map((f) => path.join(dir, f)),
  );
  return files
    .filter((f) => endings.includes(path.extname(f)) && !/put_\d+\.pb$/.test(f))
    .filter((f) => statSync(f).size <= largest)
    .map((f) => new Uint8Array(readFileSync(f)));
}

/** Files of the examples that `pulsec explain` shows: one of each kind of mistake, and the same put right. */
function explained(endings: readonly string[]): readonly Uint8Array[] {
  const files = explanations.flatMap((e) => [e.wrong.files, e.right.files].flatMap((f) => Object.entries(f)));
  const wanted = files.filter(([name]) => endings.includes(path.extname(name)));
  const contents = wanted.map(([, c]): Uint8Array => {
    if (typeof c === "string") return bytesOf(c);
    if ("hex" in c) return new Uint8Array(Buffer.from(c.hex.replace(/\s/g, ""), "hex"));
    return new Uint8Array("base64" in c ? Buffer.from(c.base64, "base64") : []);
  });
  return contents.filter((c) => c.length > 0);
}

const none = async () => [];
const bytesOf = (text: string) => new TextEncoder().encode(text);
const compact =
  "model m { input x: [9, 9, 2]; a = x |> conv(4, [3, 2], pad: same) |> prelu; output a + (a |> relu); output x - x }";
const declared = `model m {\n  input x: [64, 2]\n  search w = choice(4, 8)\n  block enc(v, c) = v |> conv(out: c, kernel: 3, pad: same) |> relu\n  output x |> enc(w) |> enc(2 * w) |> conv(1, 1)\n}
train m on "a.json" { seed 7; loss mse; batch 32; phase tune { epochs 20; lr 1e-3 } }
deploy m to gap8 { l1 44KiB; clock 100MHz; weights [8, 4, 2] by layer }\n`;
const models = async () => [bytesOf(compact), bytesOf(declared)];

/** Examples of the ops, and the chunks of the case files: many of those are wrong in one place already. */
function irTexts(): readonly string[] {
  const dir = path.join(root, "tests", "cases");
  const files = readdirSync(dir, { recursive: true, encoding: "utf8" }).filter((f) => f.endsWith(".pir"));
  const chunks = files
    .toSorted()
    .flatMap((f) => readFileSync(path.join(dir, f), "utf8").split(/^\/\/ -----.*\n/m));
  return [...ops.flatMap((op) => op.examples.map((e) => e.text)), ...chunks];
}
const texts = async () => irTexts().map((text) => bytesOf(text));

async function modules(): Promise<readonly Module[]> {
  const parsed = await Promise.all(irTexts().map((t) => parseModule(t, { file: "seed.pir", ops })));
  return parsed.flatMap((r) => (r.ok ? [r.value] : []));
}

/** Half of them without the hash that they carry, so that damage reaches what lies behind its check. */
async function containers(): Promise<readonly Uint8Array[]> {
  const written = await Promise.all((await modules()).map(writeContainer));
  return written.map((bytes, i) => (i % 2 === 0 ? bytes : withoutHash(bytes)));
}

/** Where the table of offsets says where the hash is, the seventh field of grammar/pulsec.fbs's `Module`. */
const hashEntry = 16;

/** The offset becomes 0: the field is absent. */
export function withoutHash(bytes: Uint8Array): Uint8Array {
  const changed = bytes.slice();
  const view = new DataView(changed.buffer);
  const table = view.getUint32(0, true);
  const entries = table - view.getInt32(table, true);
  if (view.getUint16(entries, true) > hashEntry) view.setUint16(entries + hashEntry, 0, true);
  return changed;
}

/** Models of the repository, written by our own exporter: the seeds on machines without the shared material. */
async function exported(): Promise<readonly Uint8Array[]> {
  const sources = [compact, ...filesOf([".pulse"]).map((b) => new TextDecoder().decode(b))];
  const out: Uint8Array[] = [];
  for (const source of sources) {
    const parsed = await parsePulse(source, { file: "seed.pulse", ops });
    const written = parsed.ok ? await exportOnnx(parsed.value.module, { dialect: "onnx" }) : undefined;
    if (written?.ok && written.value.length <= largest) out.push(written.value);
  }
  return out;
}

const kinds: readonly DType[] = ["f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1"];
const widths: Readonly<Record<string, number>> = { f4: 4, f8: 8, i1: 1, i2: 2, i4: 4, i8: 8, u1: 1, u2: 2 };

/** An `.npy` with any header and any bytes of elements. */
export function npy(header: string, data: Uint8Array, version = 1): Uint8Array {
  const text = bytesOf(`${header}\n`);
  const length = version === 1 ? new Uint16Array([text.length]) : new Uint32Array([text.length]);
  const head = [Buffer.from("\x93NUMPY", "latin1"), Uint8Array.of(version, 0), new Uint8Array(length.buffer)];
  return new Uint8Array(Buffer.concat([...head, text, data]));
}

const arrays = async () =>
  ["<", ">", "|", ""].flatMap((order) =>
    [...kinds, "f2"].flatMap((kind) =>
      ["True", "False"].map((fortran) =>
        npy(
          `{'descr': '${order}${kind}', 'fortran_order': ${fortran}, 'shape': (2, 3, 4), }`,
          new Uint8Array(24 * (widths[kind] ?? Number(kind[1]))).map((_, i) => (i * 7) % 256),
        ),
      ),
    ),
  );

async function archives(): Promise<readonly Uint8Array[]> {
  const x = { name: "x", shape: [2, 3], dtype: "i4", data: Int32Array.of(1, 2, 3, 4, 5, 6) } as const;
  const y = {
    name: "y",
    shape: [300],
    dtype: "u1",
    data: new Uint8Array(300).map((_, i) => i >> 3),
  } as const;
  const pairs = [[x], [x, y], []];
  return pairs.flatMap((p) => [writeNpz(p), writeNpz(p, { deflate: true })]);
}

/** Programs with one segment and two, with symbols and without, on one core and on two. */
async function programs(): Promise<readonly Uint8Array[]> {
  const text = code(0x00002093, 0x00c0007b, 0x0505, 0x00310133, 0x9a310157, 0xfe0018e3, ...exitWith(0));
  const team = { address: l2, data: code(...onTwoCores([0x002042b7, 0x0382e503, 0x0000006f])) };
  const data = { address: l2 + 0x10000, data: new Uint8Array(40).map((_, i) => i), size: 64 };
  const main = { address: l2, data: text, size: text.length + 16 };
  const symbols = [
    { name: "main", address: l2, size: text.length },
    { name: "table", address: data.address, size: 40, type: 1 },
    { name: "loop", address: l2 + 8, type: 0 },
    { name: "__stack", address: 0x1b004000, type: 0, section: 0xfff1 },
  ];
  const shapes = [[main], [main, data], [team]];
  return shapes.flatMap((segments) => [tinyElf({ segments }), tinyElf({ segments, symbols })]);
}
