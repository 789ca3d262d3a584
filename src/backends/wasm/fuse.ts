/** Which sums are finished in registers: those that nothing but one requant reads. */
import { type Graph, type Node, usersOf, type Value } from "../../ir/graph.js";
import { type Attrs, bind, type OpDef } from "../../ir/op.js";
import { requant } from "../../ir/ops/requant.js";
import { type Finish, type Requant, requantFinish } from "./finish.js";
import type { Source, WasmKernel } from "./kernel.js";

/** A node of sums that a requant's kernel call makes as well. */
export interface Fused {
  readonly producer: Node;
  readonly finish: Finish;
}

/** By requant. The sums have no memory, so this is for modules that show nobody their intermediate values. */
export function fusedNodes(
  graph: Graph,
  kernels: ReadonlyMap<OpDef, WasmKernel>,
  source: (value: Value) => Source,
): ReadonlyMap<Node, Fused> {
  const users = usersOf(graph);
  const outputs = new Set(graph.outputs);
  const found = new Map<Node, Fused>();
  for (const producer of graph.nodes) {
    const { result } = producer;
    const [user, ...more] = users.get(result) ?? [];
    if (user?.op !== requant || more.length > 0 || outputs.has(result) || !kernels.has(requant)) continue;
    const operands = bind(producer.op, producer.operands.map(source));
    if (!kernels.get(producer.op)?.finishes?.(operands, source(result))) continue;
    const finish = requantFinish(requantOf(user, source), user.result.type);
    if (finish) found.set(user, { producer, finish });
  }
  return found;
}

function requantOf({ operands, attrs }: Node, source: (value: Value) => Source): Requant {
  const [x, mul, add] = operands.map((v) => source(v).known);
  return { ...(attrs as Attrs & Pick<Requant, "shift" | "lo" | "hi" | "axis">), x: x!, mul: mul!, add: add! };
}
