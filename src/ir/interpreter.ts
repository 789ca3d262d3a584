/** Engine `int`: runs every op's own integer meaning, one node after the other. This is the specification. */
import type { Engine, Session } from "./contracts.js";
import { guarded, requireResult } from "./fault.js";
import { type Graph, isParam, type Node, type Value } from "./graph.js";
import { requireInputs } from "./inputs.js";
import { bind } from "./op.js";
import { type Data, slotBytes } from "./storage.js";
import type { Tensor } from "./tensor.js";
import { elements, type TensorType } from "./type.js";

/** All values stay in memory at once; beyond this a process of Node's usual size would end without a word. */
const mostBytes = 2 ** 30;
const heldBytes = (type: TensorType): number => elements(type) * slotBytes(type.storage);

/** Engine `int`: the specification. Runs the integer meaning of each op, slowly. */
export const intEngine: Engine = {
  name: "int",
  refuses: ({ name, stage, inputs, nodes }) => {
    if (stage !== "integer") return [`@${name} is in stage ${stage}; int runs integer graphs`];
    const bytes = [...inputs, ...nodes.map((n) => n.result)].reduce((sum, v) => sum + heldBytes(v.type), 0);
    if (bytes > mostBytes)
      return [`its values take ${bytes} bytes, int keeps them all and takes at most ${mostBytes}`];
    return nodes
      .filter((n) => !n.op.int)
      .map((n) => `%${n.result.name}: ${n.op.name} has no integer meaning`);
  },
  prepare: async (graph) => interpret(graph),
};

export function interpret(graph: Graph): Session {
  return {
    async run(inputs) {
      requireInputs(graph, inputs);
      const values = new Map<Value, Tensor>(graph.inputs.map((v, i) => [v, inputs[i]!]));
      for (const node of graph.nodes)
        values.set(
          node.result,
          evaluate(node, (v) => (isParam(v) ? v : values.get(v)!)),
        );
      return new Map([...values].map(([v, t]) => [v.name, t]));
    },
    async dispose() {},
  };
}

/** What the op's integer meaning gives, a result of type `type`. */
export function integers(node: Node, operands: readonly Tensor[], type: TensorType): Data {
  const { op, attrs } = node;
  const data = guarded(`the integer meaning of ${op.name}`, node, () =>
    op.int!(bind(op, operands), attrs as never, type),
  );
  requireResult(node, type, data);
  return data;
}

/** One node's integer meaning on concrete tensors. */
export function evaluate(node: Node, of: (value: Value) => Tensor): Tensor {
  const { op, operands, result } = node;
  if (!op.int) throw new Error(`${op.name} has no integer meaning`);
  return { type: result.type, data: integers(node, operands.map(of), result.type) };
}
