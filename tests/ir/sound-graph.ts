/** A sound graph, and what becomes of it when one part changes. */
import * as assert from "uvu/assert";
import type { Diagnostic } from "../../src/ir/diagnostic.js";
import type { Graph, Node, Param, Value } from "../../src/ir/graph.js";
import { conv } from "../../src/ir/ops/conv.js";
import { tensor } from "../../src/ir/tensor.js";
import { type TensorType, tensorType } from "../../src/ir/type.js";
import { verifyModule } from "../../src/ir/verify.js";

export const place = { file: "net.onnx", node: "Conv_0" };
export const value = (name: string, type: TensorType): Value => ({ name, type, places: [] });
export const param = (name: string, type: TensorType, values: readonly (number | bigint)[]): Param => ({
  ...value(name, type),
  data: tensor(type, values).data,
  trainable: false,
});

export const x = value("x", tensorType("u8", [1, 4, 1]));
export const w = param("w", tensorType("i8", [2, 3, 1]), [1, 2, 3, -4, 5, 6]);
export const attrs = { stride: [1], dilation: [1], groups: 1, pads: [0, 0], pad_mode: "constant" };
export const y: Node = {
  op: conv,
  operands: [x, w],
  attrs,
  result: { ...value("y", tensorType("i32", [1, 2, 2])), places: [place] },
};
export const sound: Graph = { name: "net", stage: "integer", inputs: [x], outputs: [y.result], nodes: [y] };

export const verify = (...graphs: readonly Graph[]): readonly Diagnostic[] =>
  verifyModule({ meta: {}, graphs });
/** `sound` with another node, whose result is the output. */
export const withNode = (change: Partial<Node>): Graph => {
  const node = { ...y, ...change };
  return { ...sound, nodes: [node], outputs: [node.result] };
};
export const withResult = (change: Partial<Value>): Graph => withNode({ result: { ...y.result, ...change } });
export const withInput = (type: TensorType): Graph => {
  const input = { ...x, type };
  return { ...sound, inputs: [input], nodes: [{ ...y, operands: [input, w] }] };
};

/** Ids that `refuses` has seen. */
export const provoked = new Set<string>();
/** Exactly one complaint, with this id and these words. */
export function refuses(id: Diagnostic["id"], words: RegExp, ...graphs: readonly Graph[]): Diagnostic {
  const found = verify(...graphs);
  assert.equal(
    found.map((d) => d.id),
    [id],
    found.map((d) => d.text).join("\n"),
  );
  assert.match(found[0]!.text, words);
  provoked.add(id);
  return found[0]!;
}
