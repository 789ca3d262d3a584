/** Linear interpolation of stored integers, where one rounding is all that it does. */
import type { Value } from "../../../ir/graph.js";
import { strides } from "../../../ir/tensor.js";
import { sameType, sizes, type TensorType } from "../../../ir/type.js";
import type { Lower } from "./lower.js";
import type { Stretched } from "./real.js";
import type { Rounding } from "./rule.js";
import { type State, Stuck } from "./state.js";

/** The op holds weights in 15 bits. */
const finest = 2 ** 15;

/** A result lies between elements `from` and `to`, `way` of the distance from the first. */
interface Between {
  readonly from: number;
  readonly to: number;
  readonly way: number;
}

function between(i: number, size: number, made: number, align: unknown): Between {
  const corners = made > 1 ? (i * (size - 1)) / (made - 1) : 0;
  const at = align === "align_corners" ? corners : Math.max(0, ((i + 0.5) * size) / made - 0.5);
  const from = Math.min(Math.floor(at), size - 1);
  const to = Math.min(from + 1, size - 1);
  return { from, to, way: to === from ? 0 : at - from };
}

interface Axis {
  readonly axis: number;
  readonly rows: readonly Between[];
}

/** The only axis that is stretched; nothing where there are several, or weights that 15 bits do not hold. */
function axisOf({ operands, attrs, result }: Stretched["node"]): Axis | undefined {
  const [before, after] = [sizes(operands[0]!.type), sizes(result.type)];
  const stretched = after.flatMap((d, axis) => (d === before[axis] ? [] : [axis]));
  const [axis] = stretched;
  if (axis === undefined || stretched.length > 1) return undefined;
  const [size, made] = [before[axis]!, after[axis]!];
  const rows = Array.from({ length: made }, (_, i) => between(i, size, made, attrs.align));
  return rows.every(({ way }) => Number.isInteger(way * finest)) ? { axis, rows } : undefined;
}

export const stretching: Lower = (_, node, [from]) =>
  from && axisOf(node) ? { kind: "stretched", node, from } : undefined;

/** Interpolates between `from`, what x reads as stored integers, of the same type: the op rounds half up, as requant does. */
export function stretched(s: State, x: Stretched, from: Value | undefined, type: TensorType): Value {
  if (!from || !sameType(from.type, { ...type, shape: from.type.shape }))
    throw new Stuck(x.node, "it interpolates between floats, or integers of another scale than its result's");
  const y = s.emit("upsample", [from], x.node.attrs, x.node.result);
  const limits = { lo: -Infinity, hi: Infinity };
  s.roundings.push({ value: y.name, type: y.type, ...limits, real: realBetween(x, from.name, y.type) });
  return y;
}

function realBetween({ node }: Stretched, from: string, type: TensorType): Rounding["real"] {
  const { axis, rows } = axisOf(node)!;
  const { scale, zero } = type.quant!;
  const inner = strides(sizes(type))[axis]!;
  const size = sizes(node.operands[0]!.type)[axis]!;
  return (values) => {
    const { data } = values.get(from)!;
    return (p) => {
      const block = Math.floor(p / inner / rows.length) * size;
      const row = rows[Math.floor(p / inner) % rows.length]!;
      const at = (j: number) => (Number(data[(block + j) * inner + (p % inner)]) - zero) * scale;
      return at(row.from) * (1 - row.way) + at(row.to) * row.way;
    };
  };
}
