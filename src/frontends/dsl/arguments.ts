/** Which argument of a call is what: tensors are operands, the rest is written by name or in the row's order. */
import type { Extent, Lexeme } from "../../../grammar/ir-syntax.js";
import { extentOf } from "../../../grammar/ir-syntax.js";
import type { Value } from "../../ir/graph.js";
import type { AttrSpec, AttrValue, OpDef, OperandSpec } from "../../ir/op.js";
import { type ArgumentKind, type CallRow, calls, takesNumbers } from "./calls.js";
import { constantOf } from "./constants.js";
import { type Context, guess, shorten } from "./context.js";
import { describe, isTensor, type Meaning } from "./meaning.js";

export interface Argument {
  readonly name: Lexeme | undefined;
  readonly at: Extent;
  /** Nothing where the argument is wrong, which is said already. */
  readonly meaning: Meaning | undefined;
}
/** Arguments under their names, with the place of each for complaints. */
export interface Sorted {
  /** Params among them are numbers that were written; they have no name yet. */
  readonly tensors: readonly Value[];
  readonly written: Readonly<Record<string, AttrValue>>;
  readonly places: ReadonlyMap<string, Extent>;
  readonly tensorPlaces: readonly Extent[];
}

export const rowOf = (op: OpDef): CallRow | undefined =>
  Object.hasOwn(calls, op.name) ? calls[op.name] : undefined;

const operandsOf = (op: OpDef): readonly string[] =>
  Object.entries(op.operands as OperandSpec).flatMap(([name, kind]) => (kind.param ? [] : [name]));
const isVariadic = (op: OpDef): boolean => Object.values(op.operands as OperandSpec)[0]?.variadic === true;

/** What may be written by name besides tensors: the row's arguments, then the record's attributes. */
export const argumentKinds = (op: OpDef): Readonly<Record<string, ArgumentKind>> => ({
  ...rowOf(op)?.arguments,
  ...(op.attrs as AttrSpec),
});
export const positionalOf = (op: OpDef): readonly string[] => rowOf(op)?.positional ?? Object.keys(op.attrs);

/** `conv(x, out, kernel, pad, ...)`: how a call is written, for help lines and the reference. */
export function signature(op: OpDef): string {
  const tensors = operandsOf(op).map((name) => (isVariadic(op) ? `${name}...` : name));
  const positional = positionalOf(op);
  const named = Object.keys(argumentKinds(op)).filter((name) => !positional.includes(name));
  return `${op.name}(${[...tensors, ...positional, ...named.map((name) => `${name}:`)].join(", ")})`;
}

/** Nothing when a complaint was made. */
export function sortArguments(
  cx: Context,
  op: OpDef,
  args: readonly Argument[],
  at: Extent,
): Sorted | undefined {
  const sorting = new Sorting(cx, op);
  for (const arg of args) sorting.take(arg);
  return sorting.finish(at);
}

/** What is given for an operand: a tensor, or a number for an op that takes numbers. */
interface Given {
  readonly value: Value | number;
  readonly at: Extent;
}
interface Placed {
  readonly value: Value;
  readonly at: Extent;
}

/** One call being sorted. */
class Sorting {
  readonly #cx: Context;
  readonly #op: OpDef;
  readonly #operands: readonly string[];
  readonly #kinds: Readonly<Record<string, ArgumentKind>>;
  readonly #tensors: Given[] = [];
  readonly #named = new Map<string, Given>();
  readonly #others: [name: string, arg: Argument][] = [];
  readonly #places = new Map<string, Extent>();
  #positions = 0;
  #sound = true;

  constructor(cx: Context, op: OpDef) {
    [this.#cx, this.#op] = [cx, op];
    [this.#operands, this.#kinds] = [operandsOf(op), argumentKinds(op)];
  }

  #refuse(at: Extent, text: string, help?: string): void {
    this.#cx.error("dsl/argument", at, text, { help: help ?? signature(this.#op) });
    this.#sound = false;
  }

  take(arg: Argument): void {
    const { name, meaning, at } = arg;
    if (name) this.#takeNamed(name, arg);
    else if (!meaning) this.#sound = false;
    else if (isTensor(meaning) || (this.#waiting() > 0 && this.#isOperand(meaning)))
      this.#tensors.push({ value: meaning.value, at });
    else this.#takePositional(arg);
  }

  #isOperand(m: Meaning): m is Meaning & { readonly kind: "number" } {
    return m.kind === "number" && takesNumbers(this.#op);
  }

  #waiting(): number {
    return this.#operands.length - this.#tensors.length - this.#named.size;
  }

  #takeNamed(name: Lexeme, arg: Argument): void {
    const { image } = name;
    if (this.#places.has(image))
      return void this.#refuse(extentOf(name), `${shorten(image)} is written twice`);
    if (!Object.hasOwn(this.#kinds, image) && !this.#operands.includes(image)) {
      const known = [...Object.keys(this.#kinds), ...this.#operands];
      const { help } = guess(image, known, signature(this.#op));
      return void this.#refuse(extentOf(name), `${this.#op.name} has no argument ${shorten(image)}`, help);
    }
    this.#places.set(image, arg.at);
    if (!arg.meaning) this.#sound = false;
    else if (Object.hasOwn(this.#kinds, image)) this.#others.push([image, arg]);
    else if (isTensor(arg.meaning) || this.#isOperand(arg.meaning))
      this.#named.set(image, { value: arg.meaning.value, at: arg.at });
    else this.#refuse(arg.at, `${image} is a tensor, not ${describe(arg.meaning)}`);
  }

  #takePositional(arg: Argument): void {
    const found = describe(arg.meaning!);
    if (!isVariadic(this.#op) && this.#waiting() > 0)
      return void this.#refuse(arg.at, `${this.#op.name} takes ${this.#operandList()} first, not ${found}`);
    const names = positionalOf(this.#op);
    const name = names[this.#positions++];
    if (name === undefined)
      return void this.#refuse(
        arg.at,
        `${this.#op.name} takes no further argument without a name; found ${found}`,
      );
    if (this.#places.has(name)) return void this.#refuse(arg.at, `${name} is written twice`);
    this.#places.set(name, arg.at);
    this.#others.push([name, arg]);
  }

  #operandList(): string {
    const { length } = this.#operands;
    return `${length === 1 ? "a tensor" : `${length} tensors`} (${this.#operands.join(", ")})`;
  }

  finish(at: Extent): Sorted | undefined {
    const found = this.#placeTensors(at);
    const spatial = Math.max(0, (found[0]?.value.type.shape.length ?? 2) - 2);
    const written: Record<string, AttrValue> = {};
    for (const [name, arg] of this.#others) {
      const value = convert(name, this.#kinds[name]!, arg.meaning!, spatial);
      if (typeof value === "object" && "wrong" in value) this.#refuse(arg.at, value.wrong);
      else written[name] = value;
    }
    if (!this.#sound) return undefined;
    const tensorPlaces = found.map((t) => t.at);
    return { tensors: found.map((t) => t.value), tensorPlaces, written, places: this.#places };
  }

  #placeTensors(at: Extent): readonly Placed[] {
    if (isVariadic(this.#op)) {
      if (this.#tensors.length === 0 && this.#sound) this.#refuse(at, `${this.#op.name} takes tensors`);
      return this.#placeNumbers(this.#tensors, at);
    }
    const free = this.#operands.filter((name) => !this.#named.has(name));
    const extra = this.#tensors[free.length];
    if (extra) this.#refuse(extra.at, `${this.#op.name} takes ${this.#operandList()}, not more`);
    const given = new Map([...this.#named, ...free.map((name, i) => [name, this.#tensors[i]] as const)]);
    const found = this.#operands.flatMap((name) => given.get(name) ?? []);
    if (found.length < this.#operands.length && this.#sound)
      this.#refuse(at, `${this.#op.name} takes ${this.#operandList()}; ${found.length} given`);
    return this.#placeNumbers(found, at);
  }

  /** Numbers become params of the rank of the tensor beside them. */
  #placeNumbers(given: readonly Given[], at: Extent): readonly Placed[] {
    const tensor = given.find((g) => typeof g.value !== "number")?.value as Value | undefined;
    if (!tensor && given.length > 0)
      this.#refuse(at, `${this.#op.name} joins a tensor and a number, or two tensors; found numbers only`);
    const rank = tensor?.type.shape.length ?? 1;
    return given.flatMap(({ value, at: place }) => {
      if (typeof value !== "number") return [{ value, at: place }];
      const constant = constantOf(value, rank);
      if (typeof constant !== "string") return [{ value: constant, at: place }];
      this.#refuse(place, constant, "numbers beside tensors are f32: from 1.4e-45 to 3.4e38");
      return [];
    });
  }
}

type Wrong = { readonly wrong: string };

/** The attribute value that an argument means, a lone number standing for one per dimension (or edge). */
function convert(name: string, kind: ArgumentKind, m: Meaning, spatial: number): AttrValue | Wrong {
  const wrong = (expected: string): Wrong => ({ wrong: `${name} is ${expected}, not ${describe(m)}` });
  switch (kind.kind) {
    case "bool":
      return m.kind === "word" && truths.includes(m.text) ? m.text === "true" : wrong("true or false");
    case "enum":
      return m.kind === "word" && kind.of.includes(m.text) ? m.text : wrong(`one of ${kind.of.join(", ")}`);
    case "float":
      return m.kind === "number" ? m.value : wrong("a number");
    case "int":
      return m.kind === "number" && within(m.value, kind) ? m.value : wrong(`a whole number${least(kind)}`);
    case "ints": {
      const count = kind.length === "spatial" ? spatial : kind.length === "edges" ? 2 * spatial : kind.length;
      return numbers(m, kind, count) ?? wrong(`${counted(count)}${least(kind)}`);
    }
    case "padding":
      if (m.kind === "word" && paddings.includes(m.text)) return m.text;
      return numbers(m, {}, spatial) ?? wrong(`one of ${paddings.join(", ")}, or ${counted(spatial)}`);
  }
}

type Limits = { readonly min?: number; readonly max?: number };
const within = (v: number, { min = -Infinity, max = Infinity }: Limits): boolean =>
  Number.isSafeInteger(v) && v >= min && v <= max;
const least = ({ min }: Limits): string => (min === undefined ? "" : ` >= ${min}`);
const counted = (count: number | undefined): string =>
  count === undefined ? "whole numbers in a list" : `a whole number or a list of ${count}`;

function numbers(m: Meaning, limits: Limits, count: number | undefined): readonly number[] | undefined {
  if (m.kind === "number")
    return within(m.value, limits) ? new Array<number>(count ?? 1).fill(m.value) : undefined;
  if (m.kind !== "list" || (count !== undefined && m.items.length !== count)) return undefined;
  const values = m.items.map((item) => (item.kind === "number" ? item.value : Number.NaN));
  return values.every((v) => within(v, limits)) ? values : undefined;
}

const truths: readonly string[] = ["true", "false"];
const paddings: readonly string[] = ["same", "valid", "causal"];

function wordsOf(kind: ArgumentKind | undefined): readonly string[] {
  if (kind?.kind === "enum") return kind.of;
  if (kind?.kind === "bool") return truths;
  return kind?.kind === "padding" ? paddings : [];
}

/** Words that this argument takes: they win over values of the same name. */
export const takesWord = (op: OpDef, name: string | undefined, word: string): boolean =>
  name !== undefined &&
  Object.hasOwn(argumentKinds(op), name) &&
  wordsOf(argumentKinds(op)[name]).includes(word);

/** All words that arguments of `ops` take. */
export const argumentWords = (ops: Iterable<OpDef>): ReadonlySet<string> =>
  new Set([...ops].flatMap((op) => Object.values(argumentKinds(op)).flatMap(wordsOf)));
