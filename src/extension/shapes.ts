/** What the entries of a configuration's lists must look like. Their functions are asked only when they run. */
import { isRecord } from "../ir/record.js";
import type { Config } from "./config.js";

/** The keys of a configuration that hold lists. */
export type ListName = Exclude<keyof Config, "version" | "pipelines">;

/** What an entry has in place of what it must have. */
export interface Complaint {
  readonly found: string;
  readonly expected: string;
}

type Fields = Readonly<Record<string, unknown>>;
type Kind = "text" | "function" | "object" | "list" | "name" | "word" | "options";
/** `?` behind the name of a field: it may be absent. */
type Shape = Readonly<Record<string, Kind>>;

/** As IR text and models write names of ops, and as pipelines write those of passes. */
const opName = /^[a-z][a-z0-9_]*$/;
const word = /^[A-Za-z_][\w.-]*$/;
const optionKinds = ["int", "float", "bool", "enum", "ints", "text"];

const shapes: Readonly<Record<ListName, Shape>> = {
  ops: {
    name: "name",
    summary: "text",
    operands: "object",
    attrs: "options",
    traits: "list",
    infer: "function",
    "float?": "function",
    "int?": "function",
    "bounds?": "function",
    "prove?": "function",
    "work?": "function",
    "canonical?": "list",
    examples: "list",
  },
  passes: {
    name: "word",
    summary: "text",
    "options?": "options",
    "changesFunction?": "text",
    run: "function",
  },
  kernels: {
    name: "word",
    op: "object",
    header: "text",
    "files?": "list",
    "refuses?": "function",
    "pack?": "function",
    emit: "function",
  },
  costModels: { name: "word", unit: "text", cost: "function" },
  engines: { name: "word", refuses: "function", prepare: "function" },
};

const fits: Readonly<Record<Kind, (v: unknown) => boolean>> = {
  text: (v) => typeof v === "string" && v !== "",
  function: (v) => typeof v === "function",
  object: isRecord,
  list: Array.isArray,
  name: (v) => typeof v === "string" && opName.test(v),
  word: (v) => typeof v === "string" && word.test(v),
  options: (v) => isRecord(v) && Object.values(v).every(isOption),
};
const isOption = (v: unknown): boolean => isRecord(v) && optionKinds.includes(v.kind as string);

const wanted: Readonly<Record<Kind, string>> = {
  text: "a text",
  function: "a function",
  object: "an object",
  list: "a list",
  name: "a name of small letters, digits and _, such as my_op",
  word: "a name of letters, digits, -, _ and ., such as my-pass",
  options: `an object of kinds, such as { rate: { kind: "float", default: 0.5 } }; kinds: ${optionKinds.join(", ")}`,
};

/** The first thing that is wrong with an entry. */
export function wrongWith(list: ListName, item: Fields): Complaint | undefined {
  for (const [key, kind] of Object.entries(shapes[list])) {
    const field = key.replace("?", "");
    const value = item[field];
    if (value === undefined && key.endsWith("?")) continue;
    if (fits[kind](value)) continue;
    const found = value === undefined ? `no ${field}` : `${field}: ${shown(value)}`;
    return { found, expected: `${field} is ${wanted[kind]}` };
  }
  return undefined;
}

const shown = (value: unknown): string =>
  typeof value === "string"
    ? JSON.stringify(value)
    : typeof value === "object"
      ? (JSON.stringify(value) ?? "")
      : String(value);
