/** Conv, ConvTranspose, Gemm and MatMul. */
import type { Value } from "../../../ir/graph.js";
import { reshapedTo } from "../arrange.js";
import { intOf, intsOf, numberOf, sound } from "../attributes.js";
import { type Constant, constant, onGrid } from "../constant.js";
import { type Context, refuse } from "../context.js";
import { axisFactors, channelsLast, refined, runIndices } from "../layout.js";
import { padsOf, swapLast, transposedPads, transposedWeights, windowOf } from "../lower/linear.js";
import { type Lowering, outputName } from "../lower/operands.js";
import type { RawNode } from "../raw.js";
import { broadcast, product, range, sameList, type WindowShape } from "../shapes.js";
import type { FloatTensor, Imported } from "../tensor.js";
import { combined, scaled } from "./elementwise.js";
import {
  asIs,
  channelParam,
  type FloatRows,
  floatAt,
  knownAt,
  paramOf,
  spatialResult,
  unsupported,
  valueAsIs,
  valueIn,
} from "./operands.js";
import { repeated, transposedBy } from "./shape.js";

/** A tensor of 1-D or 2-D data. */
export function spatial(cx: Context, x: FloatTensor): FloatTensor {
  const { length: rank } = x.shape;
  return rank === 3 || rank === 4 ? x : unsupported(cx, `it works on data of rank ${rank}, not 3 or 4`);
}

export const channelsLastValue = (cx: Context, x: FloatTensor): Value =>
  valueIn(cx, x, channelsLast(x.shape.length));

function weights(cx: Context, inputs: readonly (Imported | undefined)[]): Constant {
  return knownAt(cx, inputs, 1, "weights") ?? refuse(cx, "onnx/operands", "it has no weights");
}

interface Convolution {
  readonly op: "conv" | "conv_transpose";
  readonly x: FloatTensor;
  readonly w: Constant;
  /** Default: the weights as they are. */
  readonly param?: Value;
  readonly bias?: Constant | undefined;
  attrsOf(window: WindowShape): Readonly<Record<string, readonly number[]>>;
}

function convolution(cx: Context, node: RawNode, c: Convolution): Value {
  const x = spatial(cx, c.x);
  const window = windowOf(cx, node, x.shape, c.w.shape.slice(2));
  const { stride, dilation } = window;
  const operands = [
    channelsLastValue(cx, x),
    c.param ?? paramOf(cx, c.w, channelsLast(c.w.shape.length), true),
    ...(c.bias ? [channelParam(cx, c.bias, c.w.shape[0]!)] : []),
  ];
  const attrs = { stride, dilation, groups: intOf(cx, node, "group", 1), ...c.attrsOf(window) };
  return cx.main.emit(c.op, operands, attrs, outputName(node));
}

/** ONNX's Conv of any tensor; integers take their weights as `param`. */
export const convolved = (cx: Context, node: RawNode, c: Omit<Convolution, "op" | "attrsOf">): Value =>
  convolution(cx, node, { ...c, op: "conv", attrsOf: (window) => ({ pads: padsOf(cx, node, window) }) });

const conv: Lowering = (cx, node, inputs) => {
  const [x, w, bias] = [floatAt(cx, inputs, 0), weights(cx, inputs), knownAt(cx, inputs, 2, "bias")];
  return spatialResult(convolved(cx, node, { x, w, bias }), outputName(node));
};

const convTranspose: Lowering = (cx, node, inputs) => {
  const w = transposedWeights(weights(cx, inputs), intOf(cx, node, "group", 1));
  const [x, bias] = [floatAt(cx, inputs, 0), knownAt(cx, inputs, 2, "bias")];
  const attrsOf = (window: WindowShape) => {
    const output_padding = intsOf(cx, node, "output_padding") ?? window.stride.map(() => 0);
    return { pads: transposedPads(cx, node, window, output_padding), output_padding };
  };
  const y = convolution(cx, node, { op: "conv_transpose", x, w, bias, attrsOf });
  return spatialResult(y, outputName(node));
};

/** An operand [..., K] and the ONNX index of each position along its last axis: weights follow the data. */
function rows(cx: Context, x: FloatTensor): { value: Value; index: readonly number[] } {
  const fine = refined(x.layout, x.shape);
  const lead = fine ? axisFactors(fine, x.shape).slice(0, -1).flat() : [];
  if (fine && sameList(fine.order.slice(0, lead.length), lead))
    return {
      value: reshapedTo(cx.main, x.value, x.shape, x.name),
      index: runIndices(fine, fine.order.slice(lead.length)),
    };
  return { value: valueAsIs(cx, x), index: range(x.shape.at(-1)!) };
}

/** How a matrix is applied: element (k, n) is `factor` times w.data[k * step.k + n * step.n]. */
interface Matrix {
  readonly w: Constant;
  readonly k: number;
  readonly n: number;
  readonly columns: number;
  readonly factor?: number;
  readonly bias?: Constant | undefined;
  /** Training leaves it as it is. */
  readonly fixed?: true;
}

export function linear(cx: Context, x: FloatTensor, m: Matrix, name: string): FloatTensor {
  const { value, index } = rows(cx, x);
  if (m.w.data.length !== index.length * m.columns)
    refuse(cx, "onnx/shape", `[${x.shape.join("x")}] does not multiply with [${m.w.shape.join("x")}]`);
  const data = new Float64Array(m.w.data.length);
  for (let n = 0, to = 0; n < m.columns; n++)
    for (const k of index) data[to++] = m.w.data[k * m.k + n * m.n]! * (m.factor ?? 1);
  const matrix = onGrid(constant(m.w.name, m.w.type, [m.columns, index.length], data), m.w.grid);
  const w = paramOf(cx, matrix, [0, 1], !m.fixed);
  const b = m.bias ? [channelParam(cx, m.bias, m.columns)] : [];
  return asIs(name, [...x.shape.slice(0, -1), m.columns], cx.main.emit("linear", [value, w, ...b], {}, name));
}

/** NumPy's matrix product; `concat` repeats what broadcasting does, unless the axes can be joined. */
export function matmul(cx: Context, a: FloatTensor, b: FloatTensor, name: string): FloatTensor {
  const left = a.shape.length === 1 ? { ...a, shape: [1, ...a.shape] } : a;
  const right = b.shape.length === 1 ? { ...b, shape: [...b.shape, 1] } : b;
  const lead = sound(cx, broadcast(left.shape.slice(0, -2), right.shape.slice(0, -2)));
  const [m, k, n] = [left.shape.at(-2)!, left.shape.at(-1)!, right.shape.at(-1)!];
  const joined =
    product(right.shape.slice(0, -2)) === 1 && product(lead) === product(left.shape.slice(0, -2));
  const operands = joined
    ? [
        valueAsIs(cx, { ...left, shape: [product(lead) * m, k] }),
        valueAsIs(cx, { ...right, shape: right.shape.slice(-2) }),
      ]
    : [repeated(cx, left, [...lead, m, k], name), repeated(cx, right, [...lead, k, n], name)].map((x) =>
        valueAsIs(cx, x),
      );
  const y = cx.main.emit("matmul", operands, {}, name);
  const rowsOf = a.shape.length === 1 ? [] : [m];
  return asIs(name, [...lead, ...rowsOf, ...(b.shape.length === 1 ? [] : [n])], y);
}

export function times(cx: Context, a: Imported | undefined, b: Imported | undefined, name: string) {
  const x = floatAt(cx, [a], 0);
  if (b?.kind !== "constant" || b.shape.length !== 2 || x.shape.length < 2)
    return matmul(cx, x, floatAt(cx, [b], 0), name);
  const columns = b.shape[1]!;
  return linear(cx, x, { w: b, k: columns, n: 1, columns }, name);
}

const turned = (cx: Context, x: FloatTensor, turn: boolean): FloatTensor =>
  turn ? transposedBy(cx, x, swapLast(x.shape), x.name) : x;

/** alpha * A' * B' + beta * C; one number of C per column is a bias. */
const gemm: Lowering = (cx, node, inputs) => {
  const [alpha, beta] = [numberOf(cx, node, "alpha") ?? 1, numberOf(cx, node, "beta") ?? 1];
  const [name, b] = [outputName(node), inputs[1]];
  const c = beta === 0 ? undefined : inputs[2];
  const x = turned(cx, floatAt(cx, inputs, 0), intOf(cx, node, "transA", 0) === 1);
  const transB = intOf(cx, node, "transB", 0) === 1;
  if (b?.kind !== "constant") {
    const y = matmul(cx, x, turned(cx, floatAt(cx, inputs, 1), transB), name);
    return plusC(cx, alpha === 1 ? y : scaled(cx, y, alpha, name), c, beta, name);
  }
  const [p, q] = b.shape as [number, number];
  const step = transB ? { k: 1, n: q, columns: p } : { k: q, n: 1, columns: q };
  const inside = c?.kind === "constant" && (product(c.shape) === 1 || isRow(c, step.columns));
  const bias = inside ? { ...c, data: c.data.map((v) => v * beta) } : undefined;
  const y = linear(cx, x, { w: b, ...step, factor: alpha, bias }, name);
  return inside ? y : plusC(cx, y, c, beta, name);
};

const isRow = (c: Constant, columns: number): boolean =>
  product(c.shape) === columns && c.shape.at(-1) === columns;

const plusC = (cx: Context, y: FloatTensor, c: Imported | undefined, beta: number, name: string) =>
  c ? combined(cx, "add", y, beta === 1 ? c : scaled(cx, c, beta, `${name}.c`), name) : y;

const rank5 = "rank 5 (3-D data); weights computed while the network runs";

export const linearRows: FloatRows = {
  Conv: { lower: conv, known: [1, 2], becomes: "conv", limits: rank5 },
  ConvTranspose: { lower: convTranspose, known: [1, 2], becomes: "conv_transpose", limits: rank5 },
  Gemm: { lower: gemm, becomes: "linear; matmul, mul, add" },
  MatMul: {
    lower: (cx, node, inputs) => times(cx, inputs[0], inputs[1], outputName(node)),
    becomes: "linear, matmul",
  },
};
