/** What expressions of a binding may name, and whether they do. */
import type { AttrChoice, Binding, BoundTensor, SizeRange, Step } from "./binding.js";
import { attributeStep } from "./chain.js";
import type { Entry } from "./entry.js";
import { type Expression, printReference, type Reference, referencesIn } from "./expression.js";

/** What expressions may name. */
class Names {
  readonly #steps: readonly Step[];
  readonly #tensors: ReadonlyMap<string, BoundTensor>;
  readonly #sizes: ReadonlyMap<string, SizeRange>;

  constructor(
    steps: readonly Step[],
    tensors: ReadonlyMap<string, BoundTensor>,
    sizes: ReadonlyMap<string, SizeRange>,
  ) {
    this.#steps = steps;
    this.#tensors = tensors;
    this.#sizes = sizes;
  }

  /** `sizesOnly`: where shapes are made, nothing but sizes is known. */
  knows({ base, field, index }: Reference, sizesOnly: boolean): boolean {
    if (
      field === undefined &&
      index === undefined &&
      (this.#sizes.has(base) || (!sizesOnly && base === "cores"))
    )
      return true;
    if (sizesOnly) return false;
    if (attributeStep(this.#steps, base, field) >= 0) return true;
    const tensor = this.#tensors.get(base);
    if (!tensor || field === undefined) return false;
    return field === "zero" || field === "at" || tensor.axes.includes(field.toUpperCase());
  }
}

/** Refuses names that nothing has. */
export function checkNames(root: Entry, { tensors, steps, sizes, arguments: args }: Binding): void {
  const known = new Names(steps, tensors, sizes);
  const check = (place: () => Entry, list: readonly Expression[], sizesOnly: boolean) => {
    const stranger = list.flatMap(referencesIn).find((r) => !known.knows(r, sizesOnly));
    if (stranger)
      place().refuse(`nothing is called ${printReference(stranger)} here`, {
        expected: sizesOnly
          ? "sizes that stand under sizes"
          : "sizes, cores, x.h, x.zero, stride[0], mul.at[0]",
      });
  };
  for (const t of tensors.values())
    if (t.shape) check(() => root.at("tensors").at(t.name).at("shape"), t.shape, true);
  for (const { op, attrs } of steps)
    for (const [name, choices] of Object.entries(attrs))
      check(() => root.at("attrs").at(op.name).at(name), choices.flatMap(expressionsIn), true);
  for (const [i, a] of args.entries()) {
    const own = a.kind === "value" ? [a.value] : a.kind === "scratch" ? [a.bytes] : [];
    check(() => root.at("arguments").items()[i]!, own, false);
  }
  const twice = args.find((a, i) => args.findIndex((b) => b.name === a.name) < i);
  if (twice) root.at("arguments").refuse(`two arguments are called ${twice.name}`);
}

function expressionsIn(choice: AttrChoice): readonly Expression[] {
  if (Array.isArray(choice)) return choice as readonly Expression[];
  return typeof choice === "object" ? [choice as Expression] : [];
}
