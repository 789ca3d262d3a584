/** Expressions: arithmetic on sizes, ops and operators on tensors, blocks expanded where they are called. */
import type {
  ArgumentSyntax,
  CallSyntax,
  ChainSyntax,
  Expression,
  PipeSyntax,
} from "../../../grammar/dsl-syntax.js";
import { type Extent, extentOf, type Lexeme } from "../../../grammar/ir-syntax.js";
import type { OpDef } from "../../ir/op.js";
import { type Argument, argumentKinds, takesWord } from "./arguments.js";
import { type Build, callOp, inner, type Naming, nameFor, notCallable, spend, tensorOf } from "./call.js";
import { guess, near, readString, shorten } from "./context.js";
import { functions } from "./functions.js";
import {
  type Block,
  definedLater,
  describe,
  find,
  isTensor,
  type Meaning,
  namesIn,
  type Scope,
} from "./meaning.js";
import { combine, operate } from "./operate.js";

export type Expand = (
  block: Block,
  args: readonly Argument[],
  at: Extent,
  naming: Naming,
) => Meaning | undefined;

export interface Evaluation {
  readonly build: Build;
  readonly scope: Scope;
  /** Runs a block: given, so that blocks and expressions may need each other. */
  readonly expand: Expand;
}

/** Nothing when a complaint was made. */
export function evaluate(run: Evaluation, e: Expression, naming: Naming): Meaning | undefined {
  const { cx } = run.build;
  switch (e.kind) {
    case "number":
      return { kind: "number", value: Number(e.lexeme.image) };
    case "quantity":
      cx.error("dsl/unit", e.at, "a size in a model has no unit", {
        found: shorten(e.lexeme.image),
        expected: "a number of elements or channels",
        help: "units belong to the settings of deploy",
      });
      return undefined;
    case "string": {
      const text = readString(cx, e.lexeme, e.at);
      return text === undefined ? undefined : { kind: "text", text };
    }
    case "list":
      return evaluateList(run, e.items, naming);
    case "negative":
      return negated(run, e.of, e.at, naming);
    case "name":
      return evaluateName(run, e.name);
    case "chain":
      return evaluateChain(run, e, naming);
    case "pipe":
      return evaluatePipe(run, e, naming);
    case "call":
      return evaluateCall(run, e, [], e.at, naming);
  }
}

function evaluateList(run: Evaluation, items: readonly Expression[], naming: Naming): Meaning | undefined {
  const found = items.map((item) => known(run, item, evaluate(run, item, inner(naming))));
  const sound = found.filter((m) => m !== undefined);
  return sound.length === found.length ? { kind: "list", items: sound } : undefined;
}

function negated(run: Evaluation, of: Expression, at: Extent, naming: Naming): Meaning | undefined {
  const m = known(run, of, evaluate(run, of, inner(naming)));
  if (!m) return undefined;
  if (m.kind === "number") return { kind: "number", value: -m.value + 0 };
  if (isTensor(m))
    return combine(run.build, "mul", [m, { kind: "number", value: -1 }], [of.at, at], at, naming);
  run.build.cx.error("dsl/arithmetic", at, "only tensors and numbers have a negative", {
    found: describe(m),
  });
  return undefined;
}

function evaluateName({ build: { cx }, scope }: Evaluation, name: Lexeme): Meaning | undefined {
  const found = find(scope, name.image);
  if (!found) return cx.broken.has(name.image) ? undefined : { kind: "word", text: name.image };
  found.used = true;
  if (!found.block) return found.meaning;
  const notes = [{ place: cx.span(found.at), text: "it is defined here" }];
  cx.error(
    "dsl/kind",
    extentOf(name),
    `${name.image} is a block; a call such as ${name.image}(...) gives a value`,
    {
      notes,
    },
  );
  return undefined;
}

/** A word is a value only where an argument takes it; anywhere else it is a name that nobody defined. */
export function known(run: Evaluation, e: Expression, m: Meaning | undefined): Meaning | undefined {
  if (m?.kind !== "word") return m;
  reportUnknown(run, e.at, m.text);
  return undefined;
}

function reportUnknown({ build: { cx }, scope }: Evaluation, at: Extent, name: string): void {
  const later = definedLater(scope, name);
  if (later) {
    const notes = [{ place: cx.span(later), text: "it is defined here" }];
    return void cx.error("dsl/unknown-name", at, `${shorten(name)} is used before it is defined`, { notes });
  }
  if (cx.ops.has(name))
    return void cx.error("dsl/kind", at, `${name} is an op; a call such as ${name}(...) gives a value`);
  const names = namesIn(scope, (b) => !b.block);
  const list = names.length > 0 && names.length <= 12 ? `in sight here: ${names.join(", ")}` : undefined;
  cx.error("dsl/unknown-name", at, `there is no value ${shorten(name)}`, guess(name, names, list));
}

/** Left to right. Tensors among the operands make it an op, else it is arithmetic. */
function evaluateChain(run: Evaluation, e: ChainSyntax, naming: Naming): Meaning | undefined {
  let left = known(run, e.first, evaluate(run, e.first, inner(naming)));
  let sound = left !== undefined;
  for (const [i, { operator, operand }] of e.rest.entries()) {
    const right = known(run, operand, evaluate(run, operand, inner(naming)));
    sound &&= right !== undefined;
    if (!sound || !left || !right) continue;
    const at: Extent = { start: e.at.start, end: operand.at.end };
    const step = i === e.rest.length - 1 ? naming : inner(naming);
    left = operate(run.build, [left, right], operator, [i === 0 ? e.first.at : at, operand.at], at, step);
    sound = left !== undefined;
  }
  return sound ? left : undefined;
}

function evaluatePipe(run: Evaluation, e: PipeSyntax, naming: Naming): Meaning | undefined {
  let at = e.first.at;
  let value = known(run, e.first, evaluate(run, e.first, inner(naming)));
  for (const [i, stage] of e.stages.entries()) {
    const step = i === e.stages.length - 1 ? naming : inner(naming);
    value = evaluateCall(run, stage, [{ name: undefined, at, meaning: value }], stage.at, step);
    at = { start: e.at.start, end: stage.at.end };
  }
  return value;
}

function evaluateCall(...call: Parameters<typeof callMeaning>): Meaning | undefined {
  const meaning = callMeaning(...call);
  const [{ build }, { name }] = call;
  if (meaning) build.cx.observe?.(extentOf(name), meaning);
  return meaning;
}

function callMeaning(
  run: Evaluation,
  e: CallSyntax,
  before: readonly Argument[],
  at: Extent,
  naming: Naming,
): Meaning | undefined {
  const { cx } = run.build;
  const name = e.name.image;
  const binding = find(run.scope, name);
  const op = binding?.block ? undefined : cx.ops.get(name);
  // What a choice of ops would hold are no calls: nothing takes their first argument there.
  if (name === "choice" && !binding) return void reportUnknownCall(run, e.name);
  const args = [...before, ...e.args.map((a) => evaluateArgument(run, a, op, naming))];
  spend(run.build, at);
  if (binding?.block) {
    binding.used = true;
    return run.expand(binding.block, args, at, naming);
  }
  if (op)
    return args.every((a) => a.meaning)
      ? tensorOf(callOp(run.build, op, args, at, nameFor(naming, name)))
      : undefined;
  if (Object.hasOwn(functions, name)) return callFunction(run, name, args, at);
  if (!cx.broken.has(name)) reportUnknownCall(run, e.name);
  return undefined;
}

function evaluateArgument(
  run: Evaluation,
  arg: ArgumentSyntax,
  op: OpDef | undefined,
  naming: Naming,
): Argument {
  const { name, value, at } = arg;
  const word = op && value.kind === "name" && takesWord(op, name?.image, value.name.image);
  const meaning: Meaning | undefined = word
    ? { kind: "word", text: value.name.image }
    : evaluate(run, value, inner(naming));
  const kind = op && name && argumentKinds(op)[name.image]?.kind;
  const foreign = meaning?.kind === "word" && kind !== "enum" && kind !== "padding" && kind !== "bool";
  const mistaken = foreign && ((name && op) || !run.build.words.has(meaning.text));
  return { name, at: name ? at : value.at, meaning: mistaken ? known(run, value, meaning) : meaning };
}

function callFunction(
  run: Evaluation,
  name: string,
  args: readonly Argument[],
  at: Extent,
): Meaning | undefined {
  const { cx } = run.build;
  const { more, of } = functions[name]!;
  const [x, ...rest] = args.map((a) => a.meaning);
  if (args.some((a) => a.meaning === undefined)) return undefined;
  const numbers = rest.flatMap((m) =>
    m?.kind === "number" && Number.isSafeInteger(m.value) ? [m.value] : [],
  );
  if (!x || !isTensor(x) || numbers.length !== more.length || rest.length !== more.length) {
    cx.error("dsl/argument", at, `${name} is called as ${name}(${["x", ...more].join(", ")}), x a tensor`);
    return undefined;
  }
  const size = of(x.value.type, numbers);
  if (typeof size === "number") return { kind: "number", value: size };
  cx.error("dsl/argument", at, size, { found: describe(x) });
  return undefined;
}

function reportUnknownCall({ build: { cx }, scope }: Evaluation, lexeme: Lexeme): void {
  const name = lexeme.image;
  const blocks = namesIn(scope, (b) => b.block !== undefined);
  const later = definedLater(scope, name);
  const notes = later ? [{ place: cx.span(later), text: "it is defined here" }] : [];
  const found = find(scope, name);
  const callable = [...blocks, ...cx.ops.keys(), ...Object.keys(functions)];
  const guessed = near(name, callable);
  const help =
    name === "choice"
      ? "choices are of sizes, and declared: search NAME = choice(4, 8, 12)"
      : guessed !== undefined
        ? `did you mean ${guessed}?`
        : `ops: ${[...cx.ops.values()].flatMap((op) => (notCallable(op) ? [] : op.name)).join(", ")}`;
  const text = found
    ? `${shorten(name)} is a value, not a block or an op`
    : later
      ? `${shorten(name)} is called before it is defined`
      : `there is no op or block ${shorten(name)}`;
  cx.error("dsl/unknown-call", extentOf(lexeme), text, {
    ...(later || found ? {} : { help }),
    notes: found ? [{ place: cx.span(found.at), text: "it is defined here" }] : notes,
  });
}
