/** Pipelines as text: `fold-constants,to-integer{weights=4 per_channel=false}`. */
import { checkAttr } from "../ir/check.js";
import type { Pass, PassOption } from "../ir/contracts.js";
import { attempt, error, nearest, Refusal, type Result } from "../ir/diagnostic.js";
import type { AttrValue } from "../ir/op.js";

/** A pass with the options it runs with: those written, defaults for the rest. */
export interface Step {
  readonly pass: Pass;
  readonly options: Readonly<Record<string, AttrValue>>;
}

/** What diagnostics call the text of a pipeline. */
export const pipelineFile = "--passes";

/**
 * Reads steps separated by commas; options stand in braces, separated by spaces or commas; values are numbers, true, false,
 * words, "texts" and [lists]. A word that is a key of `named` stands for that pipeline.
 */
export function parsePipeline(
  text: string,
  passes: readonly Pass[],
  named: Readonly<Record<string, string>> = {},
): Result<readonly Step[]> {
  return attempt(() => new Reader(text, passes, named).steps());
}

/** The text that parses to the step; options at their default are left out. */
export function printStep({ pass, options }: Step): string {
  const written = Object.entries(options)
    .filter(([name, value]) => !same(value, defaultOf(pass.options?.[name])))
    .map(([name, value]) => `${name}=${printValue(value)}`);
  return written.length > 0 ? `${pass.name}{${written.join(" ")}}` : pass.name;
}
/** The text that parses to these steps. */
export const printPipeline = (steps: readonly Step[]): string => steps.map(printStep).join(",");

const same = (a: AttrValue, b: AttrValue | undefined): boolean => JSON.stringify(a) === JSON.stringify(b);
const defaultOf = (kind: PassOption | undefined): AttrValue | undefined => {
  if (kind?.kind === "ints") {
    const { default: fill, length } = kind;
    return fill === undefined || typeof length !== "number" ? undefined : Array(length).fill(fill);
  }
  return kind?.default;
};
const word = /[A-Za-z_][\w.-]*/y;
const bare = /[^\s,{}[\]"=]+/y;

function printValue(value: AttrValue): string {
  if (typeof value === "object") return `[${value.join(", ")}]`;
  if (typeof value !== "string") return String(value);
  bare.lastIndex = 0;
  const plain = bare.exec(value)?.[0] === value && readBare(value) === value;
  return plain ? value : JSON.stringify(value);
}

function readBare(text: string): AttrValue {
  if (text === "true" || text === "false") return text === "true";
  return text !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}

/** `step` with its options checked and completed; `at` places the complaint. */
function completeStep(
  pass: Pass,
  written: Readonly<Record<string, AttrValue>>,
  refuse: Reader["refuse"],
): Step {
  const spec = pass.options ?? {};
  for (const [name, value] of Object.entries(written)) {
    const kind = Object.hasOwn(spec, name) ? spec[name] : undefined;
    if (!kind) {
      const known = Object.keys(spec);
      const guess = nearest(name, known);
      const help = guess
        ? `did you mean ${guess}?`
        : known.length > 0
          ? `its options: ${known.join(", ")}`
          : "it has no options";
      return refuse("pass/option", `${pass.name} has no option ${name}`, help);
    }
    const wrong =
      kind.kind === "text"
        ? typeof value === "string"
          ? undefined
          : `${name} is a text`
        : checkAttr(name, kind, value, 0);
    if (wrong) return refuse("pass/option", `${pass.name}: ${wrong}`);
  }
  const options: Record<string, AttrValue> = {};
  for (const [name, kind] of Object.entries(spec)) {
    const value = written[name] ?? defaultOf(kind);
    if (value !== undefined) options[name] = value;
    else if (!("optional" in kind && kind.optional))
      return refuse("pass/option", `${pass.name} needs the option ${name}`);
  }
  return { pass, options };
}

/** The step of a pass with every option at its default. Throws a `Refusal` where one has none. */
export const defaultStep = (pass: Pass): Step =>
  completeStep(pass, {}, (id, text) => {
    throw new Refusal(error(id, text));
  });

class Reader {
  private at = 0;
  private start = 0;
  constructor(
    private readonly text: string,
    private readonly passes: readonly Pass[],
    private readonly named: Readonly<Record<string, string>>,
  ) {}

  steps(): readonly Step[] {
    const steps: Step[] = [];
    do {
      steps.push(...this.step());
    } while (this.take(","));
    this.space();
    if (this.at < this.text.length)
      this.unexpected("a comma between passes, or options in braces behind a pass");
    return steps;
  }

  private step(): readonly Step[] {
    const name = this.match(word) ?? this.unexpected("the name of a pass");
    if (Object.hasOwn(this.named, name)) return new Reader(this.named[name]!, this.passes, {}).steps();
    const pass = this.passes.find((p) => p.name === name);
    if (!pass) return this.unknown(name);
    const begin = this.start;
    const written = this.take("{") ? this.options() : {};
    this.start = begin;
    return [completeStep(pass, written, this.refuse)];
  }

  private unknown(name: string): never {
    const known = [...this.passes.map((p) => p.name), ...Object.keys(this.named)];
    const guess = nearest(name, known);
    return this.refuse(
      "pass/unknown",
      `there is no pass ${name}`,
      guess ? `did you mean ${guess}?` : `known: ${known.join(", ")}`,
    );
  }

  private options(): Record<string, AttrValue> {
    const written: Record<string, AttrValue> = {};
    while (!this.take("}")) {
      const name = this.match(word) ?? this.unexpected("an option or }");
      if (Object.hasOwn(written, name)) this.refuse("pass/option", `${name} is given twice`);
      if (!this.take("=")) this.unexpected("= and a value");
      written[name] = this.value();
      this.take(",");
    }
    return written;
  }

  private value(): AttrValue {
    if (this.take("[")) return this.items();
    const quoted = this.match(/"(?:[^"\\]|\\.)*"/y);
    if (quoted !== undefined) return this.unquote(quoted);
    return readBare(this.match(bare) ?? this.unexpected("a number, a word, a text in quotes or a [list]"));
  }

  private unquote(quoted: string): string {
    try {
      return JSON.parse(quoted) as string;
    } catch {
      return this.refuse("pass/syntax", `${quoted} is no text: a backslash escapes as in JSON`);
    }
  }

  private items(): readonly number[] {
    const items: number[] = [];
    while (!this.take("]")) {
      const item = readBare(this.match(bare) ?? this.unexpected("a number or ]"));
      if (typeof item !== "number") return this.refuse("pass/syntax", `${item} is no number`);
      items.push(item);
      this.take(",");
    }
    return items;
  }

  private space(): void {
    while (/\s/.test(this.text[this.at] ?? "")) this.at++;
  }
  private match(pattern: RegExp): string | undefined {
    this.space();
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found === undefined) return undefined;
    this.start = this.at;
    this.at += found.length;
    return found;
  }
  private take(mark: string): boolean {
    this.space();
    if (this.text[this.at] !== mark) return false;
    this.at++;
    return true;
  }

  private unexpected(expected: string): never {
    this.space();
    this.start = this.at;
    this.at = Math.min(this.at + 1, this.text.length);
    throw new Refusal(
      error("pass/syntax", "this is no list of passes", {
        place: this.place(),
        found: this.text.slice(this.start, this.start + 12) || "the end",
        expected,
        help: "write passes as a,b{option=1}",
      }),
    );
  }

  private place = () => ({ file: pipelineFile, start: this.start, end: Math.max(this.at, this.start + 1) });
  readonly refuse = (id: `pass/${string}`, text: string, help?: string): never => {
    throw new Refusal(error(id, text, { place: this.place(), ...(help ? { help } : {}) }));
  };
}
