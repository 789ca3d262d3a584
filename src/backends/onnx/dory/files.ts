/** The files beside a DORY model: its configuration, its inputs and what every layer gives. */
import type { Value } from "../../../ir/graph.js";
import type { Tensor } from "../../../ir/tensor.js";
import { bitsOf, isSigned, type Plan } from "./plan.js";
import { largest, pooledElements, scalingOf } from "./scaling.js";

export interface Configuration {
  readonly name: string;
  /** Bytes of L2 that DORY keeps free for code and its own data. */
  readonly codeReservedSpace: number;
  /** Test sets. */
  readonly sets: number;
}

const limit32 = 2n ** 31n;

/** Do all requantisations of layers fit 32 bits, products and sums? */
const fits32 = ({ facts, steps }: Plan): boolean =>
  steps.every((step) => {
    if (step.kind !== "requant") return true;
    const pooled = pooledElements(facts.producer(step.node.operands[0]!));
    return largest(facts, step.node, scalingOf(step.node, pooled), pooled) < limit32;
  });

/** `config_NAME.json`. */
export function configuration(plan: Plan, { name, codeReservedSpace, sets }: Configuration): string {
  const [value] = plan.facts.graph.inputs as [Value];
  const config = {
    BNRelu_bits: fits32(plan) ? 32 : 64,
    onnx_file: `${name}.onnx`,
    "code reserved space": codeReservedSpace,
    n_inputs: sets,
    input_bits: bitsOf(value),
    input_signed: isSigned(value),
  };
  return `${JSON.stringify(config, null, 4)}\n`;
}

/** One value per line, channels last, the batch left out of the shape. */
function dump(value: Value, data: Tensor["data"]): string {
  const lines = [`# ${value.name} (shape [${value.type.shape.slice(1).join(", ")}]),`];
  for (const element of data) lines.push(`${element},`);
  return `${lines.join("\n")}\n`;
}

/** `input.txt`, `out_layerN.txt` of one set; `input_K.txt`, `out_K_layerN.txt` where there are several. */
export function goldens(
  { facts, layers }: Plan,
  runs: readonly ReadonlyMap<string, Tensor>[],
): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const [input] = facts.graph.inputs as [Value];
  for (const [k, values] of runs.entries()) {
    const of = (value: Value) => dump(value, values.get(value.name)!.data);
    const set = runs.length > 1 ? `_${k}` : "";
    files.set(`input${set}.txt`, of(input));
    for (const [i, value] of layers.entries()) files.set(`out${set}_layer${i}.txt`, of(value));
  }
  return files;
}
