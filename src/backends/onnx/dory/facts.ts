/** What the DORY export asks about a graph again and again. */
import { type Bounds, boundsOf } from "../../../ir/bounds.js";
import {
  type Graph,
  isParam,
  type Node,
  type Param,
  producersOf,
  usersOf,
  type Value,
} from "../../../ir/graph.js";
import { removeDead } from "../../../ir/rewrite.js";

export interface Facts {
  /** What the output depends on: DORY would run every other node too. */
  readonly graph: Graph;
  users(value: Value): readonly Node[];
  producer(value: Value): Node | undefined;
  isOutput(value: Value): boolean;
  bounds(value: Value): Bounds;
}

export function factsOf(whole: Graph): Facts {
  const graph = removeDead(whole);
  const [users, producers, bounds] = [usersOf(graph), producersOf(graph), boundsOf(graph)];
  return {
    graph,
    users: (value) => users.get(value) ?? [],
    producer: (value) => producers.get(value),
    isOutput: (value) => graph.outputs.includes(value),
    bounds: (value) => bounds.get(value)!,
  };
}

/** An operand that the op declares as a param. */
export function paramAt({ operands }: Node, index: number): Param | undefined {
  const value = operands[index];
  return value && isParam(value) ? value : undefined;
}

export const shapeOf = (value: Value): readonly number[] => value.type.shape as readonly number[];
export const product = (list: readonly number[]): number => list.reduce((a, b) => a * b, 1);
export const ints = (node: Node, attr: string): readonly number[] => node.attrs[attr] as readonly number[];

/** Ops that only count the elements anew. */
const views: readonly string[] = ["flatten", "reshape", "squeeze"];
export const isView = (node: Node | undefined): node is Node =>
  node !== undefined && views.includes(node.op.name);

/** The value whose elements `value` counts anew. */
export function viewed(facts: Facts, value: Value): Value {
  const producer = facts.producer(value);
  return isView(producer) ? viewed(facts, producer.operands[0]!) : value;
}

/** Does ONNX, channels first, hold the elements of this channels-last value in another order? */
export function isMoved(value: Value): boolean {
  const shape = shapeOf(value);
  return shape.length > 2 && shape.at(-1)! > 1 && product(shape.slice(1, -1)) > 1;
}

/** N ... C to N C ..., as a list of axes. */
export const channelsFirst = (rank: number): readonly number[] =>
  rank < 3
    ? Array.from({ length: rank }, (_, i) => i)
    : [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, i) => i + 1)];
export const onnxShape = (value: Value): readonly number[] => {
  const shape = shapeOf(value);
  return channelsFirst(shape.length).map((axis) => shape[axis]!);
};
