/** Which value of the graph a golden's name speaks of. */

import type { RawArray } from "../data/tensor-files/index.js";
import { isSpan } from "../ir/diagnostic.js";
import { type Graph, isParam, type Node, type Value } from "../ir/graph.js";
import type { Tensor } from "../ir/tensor.js";
import type { TensorType } from "../ir/type.js";
import type { Numbers } from "./difference.js";

/** A value as goldens are compared with it: computed data, channels last. */
export interface NamedValue {
  readonly name: string;
  readonly type: TensorType;
  readonly data: Numbers;
  /** The tensor's name in the model. Without `perm` its elements lie as there; without both, channels first. */
  readonly onnxName?: string;
  /** Names that may mean this value: of its node, of the module that owns its weights. */
  readonly hints?: readonly string[];
  /** Axes of the model's layout: its axis i is axis `perm[i]` of the value. Default: see `onnxName`. */
  readonly perm?: readonly number[];
}

/** `model.0._QL_REPLACED__X` and `model_0__ql_replaced__x` are one name. */
export const normalise = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, "_");

export type Extra = Pick<NamedValue, "onnxName" | "perm">;

/** The node results in order, with the names that users may know them by. `extra` adds what the importer knows. */
export function namedValues(
  graph: Graph,
  tensors: ReadonlyMap<string, Tensor>,
  extra: (value: Value) => Extra | undefined = () => undefined,
): readonly NamedValue[] {
  return graph.nodes.flatMap((node) => {
    const tensor = tensors.get(node.result.name);
    if (!tensor) return [];
    return [
      {
        name: node.result.name,
        type: node.result.type,
        data: tensor.data,
        hints: hintsOf(node),
        ...extra(node.result),
      },
    ];
  });
}

/** The names of its nodes in the model, and of the modules that own its params: `conv0` of `conv0.weight`. */
function hintsOf({ operands, result }: Node): readonly string[] {
  const nodes = result.places.flatMap((p) => (isSpan(p) ? [] : [p.node]));
  const owners = operands
    .filter(isParam)
    .flatMap((p) => (p.name.includes(".") ? [p.name.replace(/\.[^.]*$/, "")] : []));
  return [...new Set([...nodes, ...owners])];
}

/** The golden is called as the value is, here or in the model. */
export const isExact = (golden: RawArray, value: NamedValue): boolean =>
  golden.name === value.onnxName || golden.name === value.name;

/** One of the golden's names may mean the value. */
export function isLikely({ name, label }: RawArray, value: NamedValue): boolean {
  const known = [value.name, value.onnxName, ...(value.hints ?? [])].flatMap((n) =>
    n ? [normalise(n)] : [],
  );
  return [name, label].some((n) => n !== undefined && known.includes(normalise(n)));
}
