/** Which nodes of a float graph an integer graph can stand for. */
import type { Node } from "../../ir/graph.js";
import { batchnorm } from "../../ir/ops/batchnorm.js";
import { dropout } from "../../ir/ops/dropout.js";
import { instancenorm } from "../../ir/ops/instancenorm.js";
import { leakyRelu } from "../../ir/ops/leaky_relu.js";
import { carriers, tables } from "./assign.js";

/** Norms count: passes fold them. */
export const hasIntegerMeaning = ({ op }: Node): boolean =>
  (op.int !== undefined && op.name !== "quantize" && op.name !== "dequantize") ||
  carriers.has(op.name) ||
  tables.has(op.name) ||
  [leakyRelu.name, dropout.name, batchnorm.name, instancenorm.name].includes(op.name);
