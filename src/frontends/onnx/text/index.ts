/**
 * Models in ONNX's own textual syntax (docs/Syntax.md of the ONNX repository), the one of onnx.parser and
 * onnx.printer, to the structure that protobuf files decode to.
 */
import { type Diagnostic, error, nearest, Refusal } from "../../../ir/diagnostic.js";
import { type DecodeOptions, noGraph, opsetFrom } from "../decode.js";
import type { RawModel } from "../raw.js";
import {
  accept,
  at,
  type Cursor,
  cursorAt,
  expect,
  listed,
  missing,
  spanOf,
  syntax,
  take,
} from "./cursor.js";
import { pairs, string } from "./literals.js";
import { graph } from "./nodes.js";

/** More mistakes than this say the same. */
const mostMistakes = 20;

/** Throws a `Refusal` with every mistake that is found. */
export function readModelText(source: string, options: DecodeOptions): RawModel {
  const mistakes: Diagnostic[] = [];
  const report = (...more: readonly Diagnostic[]): void => {
    if (mistakes.push(...more) >= mostMistakes) throw new Refusal();
  };
  try {
    const cursor = cursorAt(options.file, source, report);
    const head = header(cursor);
    const found = graph({ cursor, external: options.external });
    end(cursor);
    if (mistakes.length > 0) throw new Refusal();
    if (found.nodes.length === 0) throw new Refusal(noGraph(options.file));
    return {
      producer: [head.texts.get("producer_name"), head.texts.get("producer_version")]
        .filter(Boolean)
        .join(" "),
      opset: opsetFrom(head.opsets, options.file, opsetAdvice),
      domains: head.opsets.map(([domain]) => domain).filter((d) => d !== "" && d !== "ai.onnx"),
      ...found,
      inputs: found.inputs.filter((v) => !found.initialisers.has(v.name)),
    };
  } catch (e) {
    if (!(e instanceof Refusal)) throw e;
    throw new Refusal(...mistakes, ...e.diagnostics);
  }
}

const opsetAdvice = 'begin the file with < ir_version: 10, opset_import: ["" : 20] >';

interface Header {
  readonly opsets: readonly (readonly [domain: string, version: number])[];
  readonly texts: ReadonlyMap<string, string>;
}

const textKeys = ["producer_name", "producer_version", "domain", "doc_string"];
const numberKeys = ["ir_version", "model_version"];
const keys = [...numberKeys, ...textKeys, "opset_import", "metadata_props"];

/** `< ir_version: 8, opset_import: ["" : 17], ... >` */
function header(cursor: Cursor): Header {
  const opsets: (readonly [string, number])[] = [];
  const texts = new Map<string, string>();
  if (!accept(cursor, "<")) return { opsets, texts };
  listed(cursor, ">", "the head of the model", () => {
    const { text: key } = cursor.next;
    if (!keys.includes(key)) throw new Refusal(unknownKey(cursor, key));
    take(cursor);
    expect(cursor, ":", key);
    if (key === "opset_import") opsets.push(...opsetImports(cursor));
    else if (key === "metadata_props") pairs(cursor);
    else if (textKeys.includes(key)) texts.set(key, string(cursor));
    else version(cursor);
  });
  return { opsets, texts };
}

function unknownKey(cursor: Cursor, key: string): Diagnostic {
  const guess = nearest(key, keys);
  return missing(cursor, "a property of the model", {
    help: guess ? `did you mean ${guess}?` : `known: ${keys.join(", ")}`,
  });
}

function opsetImports(cursor: Cursor): (readonly [string, number])[] {
  const found: (readonly [string, number])[] = [];
  expect(cursor, "[", "opset_import:");
  listed(cursor, "]", "the operator sets", () => {
    const domain = string(cursor);
    expect(cursor, ":", JSON.stringify(domain));
    found.push([domain, version(cursor)]);
  });
  return found;
}

function version(cursor: Cursor): number {
  if (/^\d{1,15}$/.test(cursor.next.text)) return Number(take(cursor).text);
  throw new Refusal(missing(cursor, "a version"));
}

/** Functions of a model are told apart from rubbish behind it. */
function end(cursor: Cursor): void {
  if (cursor.next.kind === "end") return;
  if (!at(cursor, "<"))
    throw new Refusal(syntax(cursor, "the model ends before this", { help: "one file holds one model" }));
  const help = "inline them: onnx.inliner.inline_local_functions";
  const place = spanOf(cursor, cursor.next.start, cursor.next.end);
  throw new Refusal(error("onnx/unsupported", "functions of a model are not read", { place, help }));
}
