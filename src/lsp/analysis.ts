/** One reading of a text: what is wrong with it, and what its places mean. */
import type { PulseSyntax } from "../../grammar/dsl-syntax.js";
import type { Extent, ModuleSyntax } from "../../grammar/ir-syntax.js";
import { describe, formatPulse, type Meaning, parsePulse } from "../frontends/dsl/index.js";
import { parseModule } from "../frontends/text/index.js";
import { type Diagnostic, Refusal, type Result } from "../ir/diagnostic.js";
import type { Module } from "../ir/graph.js";
import { printModule } from "../ir/print.js";
import { printType } from "../ir/type.js";
import { verifyModule } from "../ir/verify.js";
import type { Host } from "./host.js";

interface View {
  readonly source: string;
  readonly diagnostics: readonly Diagnostic[];
}
export interface PulseView extends View {
  readonly kind: "pulse";
  readonly syntax: PulseSyntax;
  /** By the offset of a name: what it means, once per expansion that differs; written behind the name. */
  readonly meanings: ReadonlyMap<number, ReadonlySet<string>>;
}
export interface PirView extends View {
  readonly kind: "pir";
  readonly syntax: ModuleSyntax;
}

/** Types that one place has in different expansions; more nobody reads. */
const meaningLimit = 6;

export async function readPulseView(host: Host, source: string, file: string): Promise<PulseView> {
  const meanings = new Map<number, Set<string>>();
  const observe = ({ start }: Extent, meaning: Meaning) => {
    const known = meanings.get(start) ?? new Set();
    if (known.size < meaningLimit) known.add(suffix(meaning));
    meanings.set(start, known);
  };
  const { ops } = host;
  const diagnostics = await judged(async () => {
    const result = await parsePulse(source, { file, ops, weights: host.weights(file), observe });
    return verified(result, (value) => value.module);
  });
  const { readPulse } = await import("../../grammar/dsl.js");
  return { kind: "pulse", source, diagnostics, meanings, syntax: readPulse(source).pulse };
}

const suffix = (m: Meaning): string =>
  m.kind === "tensor" ? `: ${printType(m.value.type)}` : ` = ${m.kind === "word" ? m.text : describe(m)}`;

export async function readPirView(host: Host, source: string, file: string): Promise<PirView> {
  const diagnostics = await judged(async () =>
    verified(await readModule(host, source, file), (value) => value),
  );
  const { readIr } = await import("../../grammar/ir.js");
  return { kind: "pir", source, diagnostics, syntax: readIr(source).module };
}

async function readModule(host: Host, source: string, file: string): Promise<Result<Module>> {
  const params = await host.params(file);
  return parseModule(source, { file, ops: host.ops, ...(params ? { params } : {}) });
}

function verified<T>(result: Result<T>, moduleOf: (value: T) => Module): readonly Diagnostic[] {
  return result.ok ? [...result.diagnostics, ...verifyModule(moduleOf(result.value))] : result.diagnostics;
}

/** A container that cannot be read refuses: that is a diagnostic of the text that needs it. */
async function judged(read: () => Promise<readonly Diagnostic[]>): Promise<readonly Diagnostic[]> {
  try {
    return await read();
  } catch (e) {
    if (e instanceof Refusal) return e.diagnostics;
    throw e;
  }
}

/** Canonical text; nothing where the text cannot be read. Throws `Refusal` as `Host.params` does. */
export async function canonicalText(
  host: Host,
  kind: "pulse" | "pir",
  source: string,
  file: string,
): Promise<string | undefined> {
  if (kind === "pulse") {
    const result = await formatPulse(source, file);
    return result.ok ? result.value : undefined;
  }
  const result = await readModule(host, source, file);
  return result.ok ? printModule(result.value) : undefined;
}
