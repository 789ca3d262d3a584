/** Makes nodes and graphs that are right by construction: every node is inferred and checked as it is added. */
import { type Complaint, inferResult } from "./check.js";
import { error, type Place, Refusal } from "./diagnostic.js";
import {
  type Commented,
  type Graph,
  isParam,
  type Node,
  type Origin,
  type Param,
  type Stage,
  type Value,
} from "./graph.js";
import type { AttrSpec, Attrs, AttrsOf, OpDef, OperandSpec } from "./op.js";
import type { Data } from "./storage.js";
import { elements, type TensorType } from "./type.js";

/** What a node is besides its op, operands and attributes. */
export interface NodeOptions extends Commented {
  readonly name: string;
  /** For ops whose storage or scale is a choice (requant, lut, quantize, ...). */
  readonly type?: TensorType;
  readonly places?: readonly Place[];
}

/** A node, or a `Refusal` that carries what the op complains of. */
export function makeNode(op: OpDef, operands: readonly Value[], attrs: Attrs, options: NodeOptions): Node {
  const inferred = inferResult(op, operands, attrs, options.type);
  if ("text" in inferred) throw new Refusal(complaint(inferred, options));
  const { name, places = [] } = options;
  const result: Value = { name, type: inferred.type, places };
  return { op, operands, attrs: inferred.attrs, result, ...commented(options) };
}

const commented = ({ comments, remark }: Commented): Commented => ({
  ...(comments ? { comments } : {}),
  ...(remark === undefined ? {} : { remark }),
});

const complaint = (c: Complaint, { name, places }: NodeOptions) =>
  error("ir/operands", `%${name}: ${c.text}`, {
    ...(places?.[0] ? { place: places[0] } : {}),
    ...(c.help ? { help: c.help } : {}),
  });

/** What a param is besides its type and data. Default: not trainable, of no origin, from no place. */
export interface ParamOptions extends Commented {
  readonly trainable?: boolean;
  readonly origin?: Origin;
  readonly places?: readonly Place[];
}
/** A param from its data. Throws where the data does not fit the type. */
export function makeParam(name: string, type: TensorType, data: Data, options: ParamOptions = {}): Param {
  if (data.length !== elements(type))
    throw new Error(`@${name}: ${elements(type)} elements expected, ${data.length} given`);
  const { trainable = false, places = [], origin } = options;
  return {
    name,
    type,
    data,
    trainable,
    places,
    ...(origin ? { origin } : {}),
    ...commented(options),
  };
}

/** Makes a graph node by node, each checked when it is added. Names that are taken get a number. */
export class GraphBuilder {
  readonly #name: string;
  readonly #stage: Stage;
  readonly #inputs: Value[] = [];
  readonly #nodes: Node[] = [];
  readonly #names = new Set<string>();

  constructor(name: string, stage: Stage) {
    this.#name = name;
    this.#stage = stage;
  }

  /** `wish` itself, or `wish_1`, `wish_2`, ... when it is taken. Characters outside names become `_`. */
  freshName(wish: string): string {
    const base = wish.replace(/[^A-Za-z0-9_.]/g, "_").replace(/^(?=[0-9.])/, "v") || "v";
    let name = base;
    for (let i = 1; this.#names.has(name); i++) name = `${base}_${i}`;
    this.#names.add(name);
    return name;
  }

  input(name: string, type: TensorType, places: readonly Place[] = []): Value {
    const value: Value = { name: this.freshName(name), type, places };
    this.#inputs.push(value);
    return value;
  }

  param(name: string, type: TensorType, data: Data, options: ParamOptions = {}): Param {
    return makeParam(this.freshName(name), type, data, options);
  }

  /** Adds `op` and gives its result. Throws a `Refusal` when the op does not accept its operands. */
  add<O extends OperandSpec, A extends AttrSpec>(
    op: OpDef<O, A>,
    operands: readonly Value[],
    attrs: Partial<AttrsOf<A>> = {},
    options: Partial<NodeOptions> = {},
  ): Value {
    const node = makeNode(op, operands, attrs as Attrs, {
      ...options,
      name: this.freshName(options.name ?? op.name),
    });
    this.#nodes.push(node);
    return node.result;
  }

  finish(outputs: readonly Value[]): Graph {
    const stray = outputs.find(isParam);
    if (stray) throw new Error(`@${stray.name} is a param, not an output`);
    return { name: this.#name, stage: this.#stage, inputs: this.#inputs, outputs, nodes: this.#nodes };
  }
}
