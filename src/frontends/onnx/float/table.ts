/** Tables that are looked up by stored integers: what an exporter makes of a function of one byte. */
import { activationStorages, type IntStorage, isStorage, storages } from "../../../ir/storage.js";
import { tensorType } from "../../../ir/type.js";
import type { Constant } from "../constant.js";
import type { Context } from "../context.js";
import { range } from "../shapes.js";
import type { FloatTensor, Imported } from "../tensor.js";
import { inputScale } from "./input-scale.js";
import { whole } from "./wrap.js";

const isActivation = (type: string): type is IntStorage =>
  isStorage(type) && (activationStorages as readonly string[]).includes(type);

/** ONNX counts negative indices from the end. What lies outside of the table never comes. */
const entry = ({ data }: Constant, index: number): number =>
  data[Math.min(Math.max(index < 0 ? index + data.length : index, 0), data.length - 1)]!;

/** Gather from a list of narrow integers at indices that are a Cast of others; nothing where it is another Gather. */
export function lookedUp(
  cx: Context,
  table: Imported | undefined,
  index: Imported | undefined,
  name: string,
): FloatTensor | undefined {
  if (table?.kind !== "constant" || table.shape.length !== 1 || index?.kind !== "float") return undefined;
  const narrow = cx.castFrom.get(index.value);
  if (!narrow || !isActivation(table.type)) return undefined;
  const { min, max } = storages[narrow.type.storage];
  const levels = range(max - min + 1).map((i) => entry(table, i + min));
  const param = cx.main.param(`${name}.table`, table.type, [levels.length], levels);
  const quant = inputScale(cx.model, name, table.type) ?? whole;
  const type = tensorType(table.type, narrow.type.shape, quant);
  return { ...index, name, value: cx.main.emit("lut", [narrow, param], {}, name, type) };
}
