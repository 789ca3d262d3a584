/** The scale of an integer input, where the operators that read it say one. */
import { isInteger, isStorage, storages } from "../../../ir/storage.js";
import type { Quant } from "../../../ir/type.js";
import { constantOf } from "../constant.js";
import { own, type RawModel, type RawNode, type RawTensor } from "../raw.js";

/** Operands that are quantised, by operator: their scale and zero point follow them. */
const quantisedOperands: Readonly<Record<string, readonly number[]>> = {
  DequantizeLinear: [0],
  QLinearConv: [0],
  QLinearMatMul: [0, 3],
  QLinearAdd: [0, 3],
  QLinearMul: [0, 3],
  QLinearGlobalAveragePool: [0],
  QLinearAveragePool: [0],
  QLinearSigmoid: [0],
  QLinearLeakyRelu: [0],
  QGemm: [0],
};

const numberIn = (raw: RawTensor | undefined): number | undefined => {
  const data = raw && constantOf(raw).data;
  return data?.length === 1 ? data[0] : undefined;
};

function scaleOf(model: RawModel, node: RawNode, operand: number): Quant | undefined {
  const at = (i: number) => model.initialisers.get(node.inputs[i] ?? "");
  const [scale, zero] = [numberIn(at(operand + 1)), numberIn(at(operand + 2))];
  if (!(own(quantisedOperands, node.op) ?? []).includes(operand) || scale === undefined || !(scale > 0))
    return undefined;
  if (node.inputs[operand + 2]) return zero === undefined ? undefined : { scale, zero };
  return { scale, zero: 0 };
}

/** One scale that all readers agree on, of an input whose storage holds its zero point. */
export function inputScale(model: RawModel, name: string, storage: string): Quant | undefined {
  if (!isStorage(storage) || !isInteger(storage)) return undefined;
  const said = model.nodes.flatMap((node) =>
    node.inputs.flatMap((input, i) => (input === name ? [scaleOf(model, node, i)] : [])),
  );
  const [first] = said;
  if (!first || first.zero < storages[storage].min || first.zero > storages[storage].max) return undefined;
  return said.every((q) => q?.scale === first.scale && q.zero === first.zero) ? first : undefined;
}
