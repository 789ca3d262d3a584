/** A golden vector: sizes, attributes and data of one call of the kernel, and what `int` says of it. */
import { makeNode, makeParam } from "../ir/build.js";
import { type Diagnostic, Refusal } from "../ir/diagnostic.js";
import type { Graph, Node, Value } from "../ir/graph.js";
import { evaluate } from "../ir/interpreter.js";
import type { Attrs, AttrValue } from "../ir/op.js";
import { requant } from "../ir/ops/requant.js";
import { type Data, storages } from "../ir/storage.js";
import type { Tensor } from "../ir/tensor.js";
import { elements, type TensorType, tensorType } from "../ir/type.js";
import { verifyGraph } from "../ir/verify.js";
import {
  type AttrChoice,
  type Binding,
  type BoundTensor,
  isParamOperand,
  resultName,
  type Step,
} from "./binding.js";
import { type Expression, evaluateExpression } from "./expression.js";
import { impossible, refuseUnfit, spanOf } from "./limits.js";
import { type Fill, filled, streamFor } from "./random.js";
import { chooseRescale, type Rescale } from "./rescale.js";

/** What a vector varies. Attributes and zero points are positions in the binding's lists. */
export interface Setting {
  readonly sizes: Readonly<Record<string, number>>;
  readonly attrs: readonly Readonly<Record<string, number>>[];
  readonly zeros: Readonly<Record<string, number>>;
  readonly cores: number;
}

export interface Recipe {
  readonly name: string;
  readonly setting: Setting;
  /** By tensor; "random" where nothing is said. */
  readonly fills: Readonly<Record<string, Fill>>;
  readonly seed: number;
}

export interface GoldenCase {
  readonly name: string;
  readonly setting: Setting;
  /** How it was made; vectors of a model's layers have no recipe. */
  readonly recipe?: Recipe;
  readonly nodes: readonly Node[];
  /** Inputs and params by the names of the binding, and the result as `y`. */
  readonly tensors: ReadonlyMap<string, Tensor>;
}

/** More elements than this are no vector of a test. */
const mostElements = 2 ** 20;

/** The vector of a recipe, or why there is none: what the op says of these sizes and attributes. */
export function buildCase(binding: Binding, recipe: Recipe): GoldenCase | string {
  const { name, setting } = recipe;
  const builder = new Builder(binding, recipe);
  try {
    for (const step of binding.steps) builder.add(step);
    return { name, setting, recipe, nodes: builder.nodes, tensors: builder.finish() };
  } catch (e) {
    if (e instanceof Refusal) return e.diagnostics.map((d: Diagnostic) => d.text).join("; ");
    throw e;
  }
}

class Builder {
  readonly nodes: Node[] = [];
  readonly #binding: Binding;
  readonly #recipe: Recipe;
  readonly #tensors = new Map<string, Tensor>();
  readonly #values = new Map<Value, Tensor>();
  readonly #inputs: Value[] = [];

  constructor(binding: Binding, recipe: Recipe) {
    this.#binding = binding;
    this.#recipe = recipe;
  }

  /** One op of the chain, evaluated. */
  add(step: Step): void {
    const before = this.nodes.at(-1)?.result;
    const at = this.nodes.length;
    const operands: Value[] = before ? [before] : [];
    const own = step.operands.map((name, i) => ({ name, param: isParamOperand(step, i, at === 0) }));
    const scaled = step.op === requant;
    if (scaled && !before) operands.push(this.#operand(own.shift()!));
    const rescale = scaled
      ? this.#rescale(
          step,
          operands[0]!,
          own.map((o) => o.name),
        )
      : undefined;
    operands.push(...own.map((o) => this.#operand(o, rescale)));
    const last = at === this.#binding.steps.length - 1;
    const declared = this.#declared(last);
    const attrs = { ...this.#attrs(step, at), ...(rescale ? { shift: rescale.shift } : {}) };
    const node = makeNode(step.op, operands, attrs, {
      name: last ? resultName : `v${at}`,
      ...(declared ? { type: declared } : {}),
    });
    if (elements(node.result.type) > mostElements) throw impossible("the result is too large for a test");
    this.nodes.push(node);
    this.#values.set(
      node.result,
      evaluate(node, (v) => this.#values.get(v)!),
    );
  }

  /** All tensors, once the verifier has proven that nothing overflows. */
  finish(): ReadonlyMap<string, Tensor> {
    const { result } = this.nodes.at(-1)!;
    const wanted = this.#binding.tensors.get(resultName)!;
    if (result.type.storage !== wanted.storage)
      throw impossible(`the result is ${result.type.storage}, the binding says ${wanted.storage}`);
    if (wanted.axes.length !== result.type.shape.length)
      throw impossible(
        `the result has rank ${result.type.shape.length}, the binding gives axes ${wanted.axes}`,
      );
    const graph: Graph = {
      name: "golden",
      stage: "integer",
      inputs: this.#inputs,
      outputs: [result],
      nodes: this.nodes,
    };
    const found: Diagnostic[] = [];
    verifyGraph(graph, (d) => found.push(d));
    if (found.length > 0) throw new Refusal(...found);
    const all = new Map([...this.#tensors, [resultName, this.#values.get(result)!] as const]);
    for (const [name, t] of all) refuseUnfit(this.#binding.tensors.get(name)!, t);
    return all;
  }

  #operand({ name, param }: { name: string; param: boolean }, rescale?: Rescale): Value {
    const bound = this.#binding.tensors.get(name)!;
    const type = this.#typeOf(bound);
    const data = rescale?.data.get(name) ?? this.#data(bound, type);
    const value = param ? makeParam(name, type, data) : { name, type, places: [] };
    if (!param) this.#inputs.push(value);
    const made = { type, data };
    this.#tensors.set(name, made);
    this.#values.set(value, made);
    return value;
  }

  #typeOf(bound: BoundTensor): TensorType {
    const { sizes, zeros } = this.#recipe.setting;
    const shape = bound.shape!.map((e) => wholeSize(e, sizes));
    if (shape.some((d) => d < 1)) throw impossible(`${bound.name} would have a size below 1`);
    if (shape.reduce((a, b) => a * b, 1) > mostElements)
      throw impossible(`${bound.name} is too large for a test`);
    const zero = bound.zero[zeros[bound.name] ?? 0]!;
    return tensorType(bound.storage, shape, zero === 0 ? undefined : { scale: 1, zero });
  }

  #data(bound: BoundTensor, type: TensorType): Data {
    const { fills, seed } = this.#recipe;
    const lanes = bound.packing === "none" ? 1 : 8 / storages[bound.storage].bits;
    return filled(
      bound.storage,
      elements(type),
      fills[bound.name] ?? "random",
      spanOf(bound, type.quant?.zero ?? 0),
      streamFor(seed, bound.name),
      lanes,
    );
  }

  #declared(last: boolean): TensorType | undefined {
    if (!last) return undefined;
    const y = this.#binding.tensors.get(resultName)!;
    const zero = y.zero[this.#recipe.setting.zeros[resultName] ?? 0]!;
    return tensorType(y.storage, [], zero === 0 ? undefined : { scale: 1, zero });
  }

  #attrs(step: Step, at: number): Attrs {
    const { attrs, sizes } = this.#recipe.setting;
    return resolveAttrs(step, attrs[at] ?? {}, sizes);
  }

  /** Multipliers, addends and shifts under which this vector's sums fill the result's type. */
  #rescale(step: Step, x: Value, names: readonly string[]): Rescale {
    const at = this.nodes.length;
    const chosen = this.#attrs(step, at).shift as readonly number[] | undefined;
    return chooseRescale({
      binding: this.#binding,
      names,
      types: names.map((n) => this.#typeOf(this.#binding.tensors.get(n)!)),
      x: this.#values.get(x)!,
      shift: chosen,
      next: streamFor(this.#recipe.seed, "requant"),
    });
  }
}

const wholeSize = (e: Expression, sizes: Readonly<Record<string, number>>): number =>
  Number(evaluateExpression(e, ({ base }) => BigInt(sizes[base] ?? 0)));

/** The attributes that a setting stands for. */
export function resolveAttrs(
  step: Step,
  chosen: Readonly<Record<string, number>>,
  sizes: Readonly<Record<string, number>>,
): Attrs {
  return Object.fromEntries(
    Object.entries(step.attrs)
      .map(([name, choices]) => [name, resolveChoice(choices[chosen[name] ?? 0]!, sizes)] as const)
      .filter(([, value]) => value !== undefined),
  );
}

function resolveChoice(choice: AttrChoice, sizes: Readonly<Record<string, number>>): AttrValue | undefined {
  if (choice === "auto") return undefined;
  if (Array.isArray(choice)) return (choice as readonly Expression[]).map((e) => wholeSize(e, sizes));
  return typeof choice === "object" ? wholeSize(choice as Expression, sizes) : (choice as AttrValue);
}
