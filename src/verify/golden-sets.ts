/** Finds the test sets in a folder of goldens: DORY and PLiNIO text, Deeploy archives, one `.npz`, `.npy` files. */

import { type RawArray, readTensorFile, stem } from "../data/tensor-files/index.js";
import { attempt, error, Refusal, type Result, unwrap } from "../ir/diagnostic.js";

/** One inference and what it must give. */
export interface GoldenSet {
  readonly name: string;
  /** As found: some files list weights behind the inputs. See `takeInputs`. */
  readonly inputs: readonly RawArray[];
  /** In the order of the network. */
  readonly layers: readonly RawArray[];
  readonly outputs: readonly RawArray[];
}

type Role = "inputs" | "layers" | "outputs";
interface Found {
  readonly file: string;
  readonly role: Role;
  /** The number of the test set in `out_3_layer7`, or of the tensor in `input_3`. */
  readonly number?: number;
  /** The layer's number in `out_layer7`. */
  readonly order?: number;
}

const rules: readonly (readonly [pattern: RegExp, role: Role])[] = [
  [/^inputs?(?:_quantizer)?(?:_(?<number>\d+))?$/, "inputs"],
  [/^outputs?(?:_(?<number>\d+))?$/, "outputs"],
  [/^out_(?:(?<number>\d+)_)?layer(?<order>\d+)$/, "layers"],
];
const binary = /\.(?:npy|npz)$/;
const text = /\.(?:txt|csv)$/;

/** Any `.npy` or `.npz` may hold layers; text files only with a known name, the others are licences and notes. */
function classify(file: string): Found | undefined {
  const isBinary = binary.test(file);
  if (!isBinary && !text.test(file)) return undefined;
  for (const [pattern, role] of rules) {
    const groups = pattern.exec(stem(file))?.groups;
    if (!groups) continue;
    const numbers = Object.fromEntries(
      Object.entries(groups).flatMap(([k, v]) => (v === undefined ? [] : [[k, Number(v)]])),
    );
    return { file, role, ...numbers };
  }
  return isBinary ? { file, role: "layers" } : undefined;
}

export interface GoldenSetOptions {
  /** Inputs of the graph: more files `input_N` than these are test sets, not inputs of one. */
  readonly inputs?: number;
}

/** The test sets among `files`, in order. Refused: nothing recognised, or a recognised file that is damaged. */
export function goldenSets(
  files: ReadonlyMap<string, Uint8Array>,
  options: GoldenSetOptions = {},
): Result<readonly GoldenSet[]> {
  return attempt(() => {
    const found = [...files.keys()].flatMap((f) => classify(f) ?? []).sort(byOrder);
    if (found.every((f) => f.role === "inputs")) refuseNone([...files.keys()]);
    const read = (f: Found) => unwrap(readTensorFile(f.file, files.get(f.file)!));
    const numbers = setNumbers(found, options.inputs ?? Infinity);
    if (numbers.length === 0) return [assemble("input", found, read)];
    return numbers.map((n) =>
      assemble(
        `input_${n}`,
        found.filter((f) => f.number === n),
        read,
      ),
    );
  });
}

/** The numbers of the test sets; none when the files are one set. */
function setNumbers(found: readonly Found[], graphInputs: number): readonly number[] {
  const numbered = (role: Role) =>
    new Set(found.filter((f) => f.role === role).flatMap((f) => f.number ?? []));
  const [layers, inputs] = [numbered("layers"), numbered("inputs")];
  const sets = layers.size > 0 ? layers : inputs.size > graphInputs ? inputs : [];
  return [...sets].sort((a, b) => a - b);
}

const byOrder = (a: Found, b: Found): number =>
  (a.order ?? a.number ?? 0) - (b.order ?? b.number ?? 0) ||
  a.file.localeCompare(b.file, "en", { numeric: true });

function assemble(name: string, found: readonly Found[], read: (f: Found) => readonly RawArray[]): GoldenSet {
  const set: Record<Role, RawArray[]> = { inputs: [], layers: [], outputs: [] };
  for (const f of found)
    for (const array of read(f))
      set[f.role === "layers" && f.file.endsWith(".npz") ? roleInside(array) : f.role].push(array);
  return { name, ...set };
}

/** An archive of everything says by its keys which arrays go in and come out. */
const roleInside = ({ name }: RawArray): Role =>
  /^inputs?(?:_\d+)?$/.test(name) ? "inputs" : /^outputs?(?:_\d+)?$/.test(name) ? "outputs" : "layers";

function refuseNone(files: readonly string[]): never {
  throw new Refusal(
    error("file/no-goldens", "no golden tensors were recognised", {
      found: files.slice(0, 8).join(", ") || "no files",
      expected: "out_layerN.txt, activations.npz, outputs.npz, one .npz, or .npy files named as the values",
      help: "docs/file-formats.md lists the names",
    }),
  );
}

/**
 * The arrays of a set that feed the graph's inputs, in the graph's order: by name where every input is named,
 * else the first ones listed. Layers that were taken as inputs are no longer layers.
 */
export function takeInputs(
  set: GoldenSet,
  inputs: readonly { readonly name: string; readonly onnxName?: string }[],
): Result<{ readonly inputs: readonly RawArray[]; readonly set: GoldenSet }> {
  return attempt(() => {
    const listed = [...set.inputs, ...set.layers];
    const named = inputs.map((i) => listed.find((a) => a.name === i.onnxName || a.name === i.name));
    const taken = named.every((a) => a !== undefined) ? named : set.inputs.slice(0, inputs.length);
    if (taken.length < inputs.length) {
      const names = inputs.map((i) => i.onnxName ?? i.name).join(", ");
      const more = {
        found: `${set.inputs.length} input arrays`,
        expected: `${inputs.length}: ${names}`,
        help: "give the inputs with --input",
      };
      throw new Refusal(
        error("file/no-inputs", `the test set ${set.name} does not hold the graph's inputs`, more),
      );
    }
    return {
      inputs: taken,
      set: { ...set, inputs: taken, layers: set.layers.filter((a) => !taken.includes(a)) },
    };
  });
}
