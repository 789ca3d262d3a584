/** Grows the integer graph: nodes with their proven bounds, params with names that nothing else has. */
import { type Bounds, extendBounds } from "../../ir/bounds.js";
import { makeNode, makeParam } from "../../ir/build.js";
import type { Graph, Node, Origin, Param, Value } from "../../ir/graph.js";
import type { Attrs, OpDef } from "../../ir/op.js";
import type { Data } from "../../ir/storage.js";
import type { TensorType } from "../../ir/type.js";
import { namesIn } from "../names.js";

export interface Emitter {
  readonly nodes: readonly Node[];
  /** A node that takes its places from `like`. The name of a value of the float graph stays that value's. */
  node(
    op: OpDef,
    operands: readonly Value[],
    attrs: Attrs,
    name: string,
    like: Node,
    type?: TensorType,
  ): Value;
  param(name: string, type: TensorType, data: Data, origin?: Origin): Param;
  fresh(name: string): string;
  bounds(value: Value): Bounds;
}

export function emitterFor(float: Graph): Emitter {
  const fresh = namesIn(float);
  const nodes: Node[] = [];
  const bounds = new Map<Value, Bounds>();
  return {
    nodes,
    fresh,
    node(op, operands, attrs, name, like, type) {
      const made = makeNode(op, operands, attrs, {
        name,
        places: like.result.places,
        ...(type ? { type } : {}),
        ...(like.comments ? { comments: like.comments } : {}),
      });
      nodes.push(made);
      extendBounds({ name: float.name, stage: "integer", inputs: [], outputs: [], nodes: [made] }, bounds);
      return made.result;
    },
    param: (name, type, data, origin) => makeParam(fresh(name), type, data, origin ? { origin } : {}),
    bounds(value) {
      extendBounds({ name: float.name, stage: "integer", inputs: [value], outputs: [], nodes: [] }, bounds);
      return bounds.get(value)!;
    },
  };
}
