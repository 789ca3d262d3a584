/** Is a graph well formed, well typed and, in stage `integer`, proven not to overflow? */
import { type Bounds, boundsOf, type Known } from "./bounds.js";
import { inferResult } from "./check.js";
import { type Diagnostic, error } from "./diagnostic.js";
import {
  type Graph,
  isName,
  isParam,
  type Module,
  type Node,
  type Param,
  paramsOf,
  type Value,
} from "./graph.js";
import { bind } from "./op.js";
import { isInteger, storages } from "./storage.js";
import { printType, sameType, type TensorType, wrongShape } from "./type.js";

type Report = (d: Diagnostic) => void;
type Id = Diagnostic["id"];

const complain = (report: Report, value: Value, id: Id, text: string, more: Partial<Diagnostic> = {}) => {
  const sigil = isParam(value) ? "@" : "%";
  report(
    error(id, `${sigil}${value.name}: ${text}`, {
      ...(value.places[0] ? { place: value.places[0] } : {}),
      ...more,
    }),
  );
};

/** Everything that is wrong with a module, and warnings; no error means that every op has what it asks for and that no integer can overflow. */
export function verifyModule(module: Module): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const report = (d: Diagnostic) => found.push(d);
  verifyParams(paramsOf(module.graphs), report);
  if (found.some((d) => d.id === "ir/shape")) return found;
  const names = new Set<string>();
  for (const graph of module.graphs) {
    if (names.has(graph.name)) report(error("ir/duplicate-name", `two graphs are named @${graph.name}`));
    if (!isName(graph.name)) report(error("ir/name", `@${graph.name}: ${nameRule}`));
    names.add(graph.name);
    verifyGraph(graph, report);
  }
  return found;
}

/** Structure first; types and proofs only of graphs whose structure holds. */
export function verifyGraph(graph: Graph, report: Report): void {
  let sound = true;
  const note: Report = (d) => {
    sound = false;
    report(d);
  };
  verifyStructure(graph, note);
  for (const value of [...graph.inputs, ...graph.nodes.map((n) => n.result)]) verifyType(value, note);
  if (!sound) return;
  for (const node of graph.nodes) verifyNode(node, note);
  verifyStage(graph, note);
  if (sound && graph.stage === "integer") verifyArithmetic(graph, note);
}

const nameRule = "a name is a letter or _, then letters, digits, _ and ., at most 1024 characters";

/** SSA: unique names, every operand defined before its use, every output defined. */
function verifyStructure(graph: Graph, report: Report): void {
  const names = new Set<string>();
  const defined = new Set<Value>();
  const define = (value: Value) => {
    if (names.has(value.name))
      complain(report, value, "ir/duplicate-name", `this name is already taken in @${graph.name}`);
    if (!isName(value.name)) complain(report, value, "ir/name", nameRule);
    names.add(value.name);
    defined.add(value);
  };
  graph.inputs.forEach(define);
  for (const node of graph.nodes) {
    for (const operand of node.operands) {
      if (isParam(operand) || defined.has(operand)) continue;
      complain(report, node.result, "ir/undefined-value", `reads %${operand.name} before it is defined`);
    }
    define(node.result);
  }
  for (const output of graph.outputs) {
    if (!defined.has(output))
      complain(report, output, "ir/undefined-value", `is an output of @${graph.name} but nothing defines it`);
  }
}

function verifyNode(node: Node, report: Report): void {
  const { op, operands, attrs, result } = node;
  const inferred = inferResult(op, operands, attrs, result.type);
  if ("text" in inferred) {
    complain(report, result, "ir/operands", inferred.text, inferred.help ? { help: inferred.help } : {});
    return;
  }
  if (!sameType(inferred.type, result.type)) {
    const more = { found: printType(result.type), expected: printType(inferred.type) };
    complain(report, result, "ir/type", `${op.name} gives another type than the one written`, more);
  }
}

function verifyType(value: Value, report: Report): void {
  const shape = wrongShape(value.type.shape);
  const wrong = shape ? undefined : wrongQuant(value.type);
  if (shape) complain(report, value, "ir/shape", shape);
  if (wrong) complain(report, value, "ir/quant", wrong);
}

/** Why a type's quantisation makes no sense. */
export function wrongQuant(type: TensorType): string | undefined {
  const { quant, storage, shape } = type;
  if (!quant) return undefined;
  if (!isInteger(storage)) return `${storage} is not stored as integers, it takes no scale`;
  if (!(quant.scale > 0 && Number.isFinite(quant.scale)))
    return `the scale ${quant.scale} is not a positive finite number`;
  if (
    !Number.isInteger(quant.zero) ||
    quant.zero < storages[storage].min ||
    quant.zero > storages[storage].max
  )
    return `the zero point ${quant.zero} is no ${storage}`;
  if (!quant.channels) return undefined;
  const size = shape[quant.axis ?? -1];
  if (size !== quant.channels.data.length)
    return `@${quant.channels.name} holds ${quant.channels.data.length} scales, axis ${quant.axis} has ${size}`;
  if (!allPositive(quant.channels)) return `@${quant.channels.name} holds a scale that is not positive`;
  return undefined;
}

/** Once per param, however many types name it: data never changes. */
const positive = new WeakMap<Param, boolean>();

function allPositive(scales: Param): boolean {
  const known = positive.get(scales);
  if (known !== undefined) return known;
  const all = scales.data.every((s: number | bigint) => Number(s) > 0);
  positive.set(scales, all);
  return all;
}

const stageStorage: Readonly<Record<Graph["stage"], (t: TensorType) => string | undefined>> = {
  float: (t) =>
    t.storage === "f32" ? undefined : "a float graph holds f32 values only; quantise to reach integers",
  relaxed: (t) =>
    t.storage === "f32" ? undefined : "a relaxed graph holds f32 values only; commit the search first",
  quantised: () => undefined,
  integer: (t) => {
    if (t.storage === "f32") return "f32 in an integer graph; requantise it or split it off";
    return t.shape.includes("N")
      ? "an integer graph has no symbolic batch; to-integer fixes it to 1"
      : undefined;
  },
};

function verifyStage(graph: Graph, report: Report): void {
  for (const value of [...graph.inputs, ...graph.nodes.map((n) => n.result)]) {
    const wrong = stageStorage[graph.stage](value.type);
    if (wrong) complain(report, value, "ir/stage", wrong, { found: printType(value.type) });
  }
  for (const node of graph.nodes) {
    const relaxed = node.op.traits.includes("relaxed");
    if (relaxed && graph.stage !== "relaxed")
      complain(report, node.result, "ir/stage", `${node.op.name} may stand in relaxed graphs only`);
    if (graph.stage === "integer" && !node.op.int)
      complain(report, node.result, "ir/stage", `${node.op.name} has no integer meaning`, {
        help: "quantise the graph, or split the float tail off",
      });
  }
}

/** The accumulator proof: no sum, in whatever order, leaves the storage it is summed in. */
function verifyArithmetic(graph: Graph, report: Report): void {
  const bounds = boundsOf(graph);
  for (const node of graph.nodes) {
    const { op, operands, attrs, result } = node;
    const excess = escapes(bounds.get(result)!, result.type);
    if (excess)
      complain(
        report,
        result,
        "ir/accumulator",
        `${op.name} may overflow ${result.type.storage}${excess.where}`,
        excess.more,
      );
    const known = operands.map(
      (v): Known => ({ type: v.type, bounds: bounds.get(v)!, ...(isParam(v) ? { data: v.data } : {}) }),
    );
    const wrong = op.prove?.(bind(op, known), attrs as never, result.type);
    if (wrong) complain(report, result, "ir/arithmetic", wrong);
  }
}

function escapes(b: Bounds, type: TensorType): { where: string; more: Partial<Diagnostic> } | undefined {
  const { min, max } = storages[type.storage];
  for (let c = 0; c < b.lo.length; c++) {
    const lo = Math.min(b.lo[c]!, b.partial ? -b.partial[c]! : Infinity);
    const hi = Math.max(b.hi[c]!, b.partial?.[c] ?? -Infinity);
    if (lo >= min && hi <= max) continue;
    const where = b.lo.length > 1 ? ` in channel ${c}` : "";
    const found = `a bound of ${Math.max(-lo, hi)}`;
    return {
      where,
      more: { found, expected: `[${min}, ${max}]`, help: "narrow the inputs or weights, or split the sum" },
    };
  }
  return undefined;
}

function verifyParams(params: readonly Param[], report: Report): void {
  const names = new Map<string, Param>();
  for (const param of params) {
    const twin = names.get(param.name);
    if (twin && twin !== param) complain(report, param, "ir/duplicate-name", "two params share this name");
    names.set(param.name, param);
    if (!isName(param.name)) complain(report, param, "ir/name", nameRule);
    if (param.type.shape[0] === "N") complain(report, param, "ir/shape", "a param has no symbolic batch");
    verifyType(param, report);
    verifyParamRange(param, report);
  }
}

function verifyParamRange(param: Param, report: Report): void {
  const { storage } = param.type;
  if (storage === "i64") return;
  const { min, max } = storages[storage];
  for (let i = 0; i < param.data.length; i++) {
    const v = Number(param.data[i]);
    if (v >= min && v <= max) continue;
    const expected = storage === "f32" ? "a number" : `[${min}, ${max}]`;
    complain(report, param, "ir/param-range", `element ${i} is ${v}`, { expected });
    return;
  }
}
