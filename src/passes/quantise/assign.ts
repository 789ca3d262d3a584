/** Which integer type every activation gets. Values that hold the same numbers share one: what a pool or a reshape gives has the type of what it reads. */
import { error, Refusal } from "../../ir/diagnostic.js";
import type { Graph, Node, Range, Value } from "../../ir/graph.js";
import { isParam, usersOf } from "../../ir/graph.js";
import type { IntStorage } from "../../ir/storage.js";
import type { Quant } from "../../ir/type.js";
import { activationQuant, type Bits, type Interval, joined } from "./activation.js";
import { type Chain, chainsOf } from "./chains.js";

export interface AssignOptions {
  readonly zeroPoints: boolean;
  /** Bits of the activation that ends in this value. */
  bits(value: Value): Bits;
}
export interface Activation {
  readonly storage: IntStorage;
  readonly quant: Quant;
}
export interface Assignment {
  readonly chains: ReadonlyMap<Node, Chain>;
  readonly inside: ReadonlySet<Node>;
  /** The type of a value that exists in the integer graph. */
  of(value: Value): Activation;
}

/** A concatenation takes in an operand that others read too, where that makes its grid at most this much coarser. */
const concatLoss = 2;

/** Sets of values that share a type, each with the range that its sources span. */
class Groups {
  private readonly parent = new Map<Value, Value>();
  private readonly ranges = new Map<Value, Interval>();
  root(value: Value): Value {
    let at = value;
    for (let up = this.parent.get(at); up; up = this.parent.get(at)) at = up;
    return at;
  }
  range = (value: Value): Interval => this.ranges.get(this.root(value))!;
  start(value: Value, range: Interval): void {
    this.ranges.set(value, range);
  }
  follow(value: Value, leader: Value): void {
    this.parent.set(value, this.root(leader));
  }
  join(a: Value, b: Value): void {
    const [x, y] = [this.root(a), this.root(b)];
    if (x === y) return;
    this.ranges.set(x, joined(this.ranges.get(x)!, this.ranges.get(y)!));
    this.parent.set(y, x);
  }
}

/** Throws a `Refusal` that lists every value whose range is not known. */
export function assign(graph: Graph, ranges: readonly Range[], options: AssignOptions): Assignment {
  const { chains, inside } = chainsOf(graph);
  const groups = new Groups();
  const known = new Map(ranges.map((r) => [r.value, r]));
  const missing: Value[] = [];
  const start = (value: Value) => {
    const range = known.get(value.name);
    if (!range) missing.push(value);
    groups.start(value, range ?? { low: 0, high: 1 });
  };
  const users = usersOf(graph);
  graph.inputs.forEach(start);
  for (const node of graph.nodes) {
    const chain = chains.get(node);
    if (chain) start(chain.end);
    else if (inside.has(node)) continue;
    else if (node.op.quantise === "same") groups.follow(node.result, node.operands[0]!);
    else start(node.result);
    if (node.op.name === "concat") joinConcat(node, groups, (v) => users.get(v)!.length);
  }
  if (missing.length > 0) throw new Refusal(...missing.map((v) => unknownRange(v, graph)));
  const types = new Map<Value, Activation>();
  return {
    chains,
    inside,
    of(value) {
      const root = groups.root(value);
      const had = types.get(root);
      if (had) return had;
      const made = activationQuant(groups.range(root), options.bits(root), options.zeroPoints);
      types.set(root, made);
      return made;
    },
  };
}

/** Operands that nobody else reads, or that lose little, share the type of the result; others are requantised. */
function joinConcat(node: Node, groups: Groups, readers: (v: Value) => number): void {
  const span = ({ low, high }: Interval) => Math.max(high, -low);
  for (const operand of node.operands) {
    if (isParam(operand)) continue;
    const whole = joined(groups.range(node.result), groups.range(operand));
    if (readers(operand) === 1 || span(whole) <= concatLoss * span(groups.range(operand)))
      groups.join(node.result, operand);
  }
}

const unknownRange = (value: Value, graph: Graph) =>
  error("quant/no-range", `%${value.name}: no range of its values is known`, {
    ...(value.places[0] ? { place: value.places[0] } : {}),
    help: `run the pass calibrate first, or write: range @${graph.name} %${value.name} = [low, high]`,
  });
