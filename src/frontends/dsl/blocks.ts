/** Blocks: their body runs anew for every call, its parameters bound to what the call gives. */
import type { Expression, ParameterSyntax, StatementSyntax } from "../../../grammar/dsl-syntax.js";
import { type Extent, extentOf } from "../../../grammar/ir-syntax.js";
import type { Argument } from "./arguments.js";
import type { Build, Naming } from "./call.js";
import { guess, type Notes, shorten } from "./context.js";
import { type Evaluation, evaluate, known } from "./expressions.js";
import { type Binding, type Block, find, type Meaning, type Scope } from "./meaning.js";

type Reporting = Pick<Build, "cx">;

/** Calls inside calls; a chain of blocks this long is no design. */
const depthLimit = 32;

/** Everything a model's blocks need while they are expanded, innermost last. */
export class Expansion {
  readonly build: Build;
  readonly #active: Block["syntax"][] = [];

  constructor(build: Build) {
    this.build = build;
  }

  in(scope: Scope): Evaluation {
    return { build: this.build, scope, expand: (...call) => this.#expand(...call) };
  }

  #expand(block: Block, args: readonly Argument[], at: Extent, naming: Naming): Meaning | undefined {
    const { cx } = this.build;
    const { syntax } = block;
    const name = syntax.name.image;
    const notes: Notes = [{ place: cx.span(extentOf(syntax.name)), text: `${name} is defined here` }];
    if (this.#active.includes(syntax)) {
      const help = `repeat it where it is called: x |> ${name} |> ${name}`;
      cx.error("dsl/recursion", at, `${name} calls itself: its expansion would never end`, { notes, help });
      return undefined;
    }
    if (this.#active.length >= depthLimit) {
      const help = "put some of these blocks together";
      cx.error("dsl/too-deep", at, `blocks call blocks more than ${depthLimit} levels deep`, { notes, help });
      return undefined;
    }
    const scope = bindParameters(this, block, args, at, notes);
    if (!scope) return undefined;
    const outer = cx.calls;
    cx.calls = [{ place: cx.span(at), text: `in this call of ${name}` }, ...outer];
    this.#active.push(syntax);
    const result = this.#runBody(syntax.body, scope, naming);
    this.#active.pop();
    cx.calls = outer;
    return result;
  }

  #runBody(body: Block["syntax"]["body"], scope: Scope, naming: Naming): Meaning | undefined {
    if (body.kind !== "braces") return this.value(scope, body, naming);
    let result: Meaning | undefined;
    for (const statement of body.items) {
      const found = this.#runStatement(statement, scope, naming);
      if (statement.kind === "output") result = found;
    }
    return result;
  }

  #runStatement(s: StatementSyntax, scope: Scope, naming: Naming): Meaning | undefined {
    if (s.kind === "named") {
      const { prefix } = naming;
      const called = prefix ? `${prefix}.${s.name.image}` : s.name.image;
      const meaning = this.value(scope, s.value, { result: called, prefix: called });
      define(this.build, scope, s.name.image, { at: extentOf(s.name), meaning, used: false });
      return undefined;
    }
    return s.kind === "output" ? this.value(scope, s.value, naming) : undefined;
  }

  /** The meaning of an expression that is a value of its own, not an argument. */
  value(scope: Scope, e: Expression, naming: Naming): Meaning | undefined {
    const run = this.in(scope);
    const meaning = evaluate(run, e, naming);
    return meaning?.kind === "word" && this.build.words.has(meaning.text) ? meaning : known(run, e, meaning);
  }
}

/** Statements that a block's braces may hold; checked once, where the block is defined. */
function checkBody({ cx }: Reporting, { body, name }: Block["syntax"]): void {
  if (body.kind !== "braces") return;
  const outputs = body.items.filter((s) => s.kind === "output");
  for (const s of outputs)
    if (s.name) cx.error("dsl/block", extentOf(s.name), "what a block gives is named where it is called");
  for (const s of body.items)
    if (s.kind !== "named" && s.kind !== "output")
      cx.error("dsl/block", s.at, `a block has no ${s.kind} of its own`, { help: "write it in the model" });
  if (outputs.length !== 1)
    cx.error(
      "dsl/block",
      outputs[1]?.at ?? extentOf(name),
      `a block gives one value; ${name.image} has ${outputs.length} outputs`,
      {
        help: "write output and what the block gives",
      },
    );
}

/** Names are bound once in a scope. */
export function define({ cx }: Reporting, scope: Scope, name: string, binding: Binding): void {
  if (binding.meaning) cx.observe?.(binding.at, binding.meaning);
  const taken = scope.names.get(name);
  if (!taken) return void scope.names.set(name, binding);
  const notes = [{ place: cx.span(taken.at), text: "the first definition" }];
  cx.error("dsl/duplicate-name", binding.at, `${shorten(name)} is defined already`, {
    notes,
    help: "a name is bound once: call this one differently",
  });
}

function bindParameters(
  expansion: Expansion,
  { syntax, scope: outer }: Block,
  args: readonly Argument[],
  at: Extent,
  notes: Notes,
): Scope | undefined {
  const { cx } = expansion.build;
  const names = syntax.parameters.map((p) => p.name.image);
  const given = new Map<string, Argument>();
  let sound = true;
  const refuse = (place: Extent, text: string, help?: string) => {
    cx.error("dsl/argument", place, text, { notes, ...(help ? { help } : {}) });
    sound = false;
  };
  let position = 0;
  for (const arg of args) {
    const name = arg.name?.image ?? names[position++];
    if (name === undefined) refuse(arg.at, `${syntax.name.image} takes no more than (${names.join(", ")})`);
    else if (!names.includes(name)) {
      const { help } = guess(name, names, `its parameters: ${names.join(", ")}`);
      refuse(extentOf(arg.name!), `${syntax.name.image} has no parameter ${shorten(name)}`, help);
    } else if (given.has(name)) refuse(arg.at, `${name} is written twice`);
    else given.set(name, arg);
  }
  const scope: Scope = { parent: outer, names: new Map(), all: new Map() };
  for (const parameter of syntax.parameters) {
    const { image } = parameter.name;
    const meaning = given.has(image) ? given.get(image)!.meaning : fallback(expansion, scope, parameter);
    if (!given.has(image) && !parameter.fallback && sound) refuse(at, `${syntax.name.image} needs ${image}`);
    sound &&= meaning !== undefined;
    if (meaning) cx.observe?.(extentOf(parameter.name), meaning);
    scope.names.set(image, { at: parameter.at, meaning, used: true });
  }
  return sound ? scope : undefined;
}

/** Defaults may use the parameters before them. */
function fallback(expansion: Expansion, scope: Scope, { fallback: e }: ParameterSyntax): Meaning | undefined {
  return e && expansion.value(scope, e, { result: undefined, prefix: "" });
}

export function defineBlock(build: Reporting, scope: Scope, syntax: Block["syntax"]): void {
  const { cx } = build;
  const [name, at] = [syntax.name.image, extentOf(syntax.name)];
  if (cx.ops.has(name)) {
    cx.error("dsl/duplicate-name", at, `${name} is an op; a block needs a name of its own`);
    return;
  }
  const seen = new Set<string>();
  for (const p of syntax.parameters) {
    if (seen.has(p.name.image))
      cx.error("dsl/duplicate-name", p.at, `${p.name.image} is a parameter already`);
    seen.add(p.name.image);
  }
  checkBody(build, syntax);
  if (find(scope, name) && !scope.names.has(name)) {
    cx.error("dsl/duplicate-name", at, `${name} is defined already, outside of the model`);
    return;
  }
  define(build, scope, name, { at, block: { syntax, scope }, used: false });
}
