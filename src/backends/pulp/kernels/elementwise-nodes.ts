/** Element-wise nodes as C: one statement each, on 32-bit integers. */
import { type Bounds, boundsOf } from "../../../ir/bounds.js";
import { isParam, type Node, type Param, type Value } from "../../../ir/graph.js";
import { requantClamp } from "../../../ir/ops/requant.js";
import { slotBytes, storages } from "../../../ir/storage.js";
import { sizes, zeroPoint } from "../../../ir/type.js";
import type { Layer, Requant } from "../contract.js";
import { type Clamped, clampedRequant } from "./clamped.js";
import { cInt } from "./finish.js";
import { cType } from "./output.js";

/** A constant of each channel, in words; those that all channels share are written into the code. */
export type Column = (channel: number) => number;

export interface Statements {
  /** One per node, in order; constants of a channel are `q[i]`, values `v0`, `v1`, ... */
  readonly lines: readonly string[];
  readonly columns: readonly Column[];
  readonly tables: readonly Param[];
  /** The variable of each value. */
  readonly variable: (value: Value) => string;
}

const at = (p: ArrayLike<number | bigint>, c: number): bigint => BigInt(p[p.length === 1 ? 0 : c]!);
const low = (v: bigint): number => Number(BigInt.asIntN(32, v));

const fits = (v: bigint): boolean => v >= -(2n ** 31n) && v < 2n ** 31n;

/** Has the param one element, or one per channel, whatever ones stand before? */
const channelwise = (p: Param): boolean =>
  sizes(p.type)
    .slice(0, -1)
    .every((d) => d === 1);

/** Why a node cannot be computed element by element with constants of its channel. */
export function unfit(node: Node): string | undefined {
  const params = node.operands.filter(isParam);
  if (node.op.name === "lut") return undefined;
  if (node.op.name === "requant") return unfitRequant(node);
  const whole = params.find((p) => !channelwise(p));
  return whole && `@${whole.name} has more than one element per channel`;
}

function unfitRequant(node: Node): string | undefined {
  const [, mul, add] = node.operands as [Value, Param, Param];
  const axis = node.attrs.axis as number;
  const last = axis === -1 || axis === sizes(node.result.type).length - 1;
  const shift = node.attrs.shift as readonly number[];
  if (!last && Math.max(mul.data.length, add.data.length, shift.length) > 1)
    return `its constants run along axis ${axis}, not along the channels`;
  return node.result.type.storage === "i32" && zeroPoint(node.result.type) !== 0
    ? "an i32 with a zero point is not rescaled"
    : undefined;
}

/** Of all values inside of the layer, whatever its inputs hold. */
function innerBounds({ nodes, inputs, output }: Layer): ReadonlyMap<Value, Bounds> {
  const values = inputs.map((i) => i.value);
  return boundsOf({ name: output.name, stage: "integer", inputs: values, outputs: [output], nodes });
}

const known = new WeakMap<Layer, Statements>();

/** Every tile shape that is tried asks for them. */
export function statementsOf(layer: Layer): Statements {
  const found = known.get(layer) ?? statements(layer);
  known.set(layer, found);
  return found;
}

function statements(layer: Layer): Statements {
  const columns: Column[] = [];
  const tables: Param[] = [];
  const names = new Map<Value, string>(layer.inputs.map((i, k) => [i.value, `x${k}`]));
  for (const [k, n] of layer.nodes.entries()) names.set(n.result, `v${k}`);
  const bounds = innerBounds(layer);
  const constant = (of: Column): string => {
    const all = Array.from({ length: layer.out.c }, (_, c) => of(c));
    if (all.every((v) => v === all[0])) return cInt(all[0]!);
    return `q[${columns.push(of) - 1}]`;
  };
  const variable = (value: Value): string =>
    isParam(value) ? constant((c) => Number(at(value.data, c))) : names.get(value)!;
  const lines = layer.nodes.map((node) => {
    const text = expression(node, { variable, constant, tables, bounds, channels: layer.out.c });
    return `const int32_t ${names.get(node.result)} = ${text};`;
  });
  return { lines, columns, tables, variable };
}

interface Scope {
  readonly variable: (value: Value) => string;
  readonly constant: (of: Column) => string;
  readonly tables: Param[];
  readonly bounds: ReadonlyMap<Value, Bounds>;
  readonly channels: number;
}

function expression(node: Node, s: Scope): string {
  const { attrs, operands, result } = node;
  const [a, b] = operands;
  const of = (value: Value): string => {
    const zero = zeroPoint(value.type);
    return zero === 0 ? s.variable(value) : `(${s.variable(value)} - ${cInt(zero)})`;
  };
  const times = (text: string, m: number) => (m === 1 ? text : `${text} * ${m}`);
  switch (node.op.name) {
    case "add":
    case "sub": {
      const mul = attrs.mul as readonly number[];
      return `${times(of(a!), mul[0]!)} ${node.op.name === "add" ? "+" : "-"} ${times(of(b!), mul[1]!)}`;
    }
    case "mul":
      return `${of(a!)} * ${of(b!)}`;
    case "relu":
      return `pulsec_max(${s.variable(a!)}, ${cInt(zeroPoint(result.type))})`;
    case "clip": {
      const { min, max } = storages[result.type.storage];
      const [lo, hi] = [(attrs.lo as number | undefined) ?? min, (attrs.hi as number | undefined) ?? max];
      return `pulsec_clip(${s.variable(a!)}, ${cInt(lo)}, ${cInt(hi)})`;
    }
    case "prelu": {
      const { data } = b as Param;
      const alpha = s.constant((c) => Number(at(data, c)));
      return `${of(a!)} * (${of(a!)} >= 0 ? ${attrs.positive as number} : ${alpha})`;
    }
    case "lut": {
      const table = s.tables.push(b as Param) - 1;
      return `table${table}[${s.variable(a!)} - ${cInt(storages[a!.type.storage].min)}]`;
    }
    case "requant":
      return requantText(node, s);
    default:
      throw new Error(`${node.op.name} is no element-wise op`);
  }
}

/** Where 32 bits hold what is before the clamp, or what is after it, they do; 64 bits else. */
function requantText(node: Node, s: Scope): string {
  const [x, mul, add] = node.operands as [Value, Param, Param];
  const shifts = node.attrs.shift as readonly number[];
  const own = requantClamp(node.attrs as { lo?: number; hi?: number }, node.result.type);
  const [lo, hi] = [Number(own.lo), Number(own.hi)];
  const zero = zeroPoint(node.result.type);
  const shift = (c: number) => at(shifts, c);
  const after = (c: number) => at(add.data, c) + (BigInt(zero) << shift(c));
  const channels = Array.from({ length: s.channels }, (_, c) => c);
  const reach = channels.map((c) => endsOf(x, s, c));
  const narrow = channels.every(
    (c) => shift(c) < 32n && [reach[c]!.lo, reach[c]!.hi].every((v) => fits(v * at(mul.data, c) + after(c))),
  );
  const value = s.variable(x);
  const factor = s.constant((c) => low(at(mul.data, c)));
  const by = s.constant((c) => Number(shift(c)));
  if (narrow) {
    const sum = `pulsec_scale32(${value}, ${factor}, ${s.constant((c) => low(after(c)))}, ${by})`;
    return `pulsec_clip(${sum}, ${cInt(lo)}, ${cInt(hi)})`;
  }
  const requant: Requant = {
    mul: channels.map((c) => Number(at(mul.data, c))),
    add: channels.map(after),
    shift: channels.map((c) => Number(shift(c))),
    lo,
    hi,
    narrow,
  };
  const clamped = clampedRequant(requant, reach);
  if (clamped) {
    const of = (f: (k: Clamped) => number) => s.constant((c) => f(clamped[c]!));
    const ends = `pulsec_min(pulsec_max(${value}, ${of((k) => k.from)}), ${of((k) => k.to)})`;
    const kind = lo >= 0 ? "pulsec_clamped_unsigned" : "pulsec_scale32";
    return `${kind}(${ends}, ${of((k) => k.mul)}, ${of((k) => k.add)}, ${by})`;
  }
  const sum = `pulsec_scale64(${value}, ${factor}, ${wideAdd(add, s)}, ${by})`;
  const result = `pulsec_clip(${sum}, ${cInt(lo - zero)}, ${cInt(hi - zero)})`;
  return zero === 0 ? result : `${result} + ${cInt(zero)}`;
}

/** What a value of channel `c` lies between. */
function endsOf(x: Value, s: Scope, c: number): { lo: bigint; hi: bigint } {
  const known = s.bounds.get(x);
  const { min, max } = storages[x.type.storage];
  const k = known && known.lo.length > 1 ? c : 0;
  return { lo: BigInt(known?.lo[k] ?? min), hi: BigInt(known?.hi[k] ?? max) };
}

const wideAdd = (add: Param, s: Scope): string => {
  const [below, above] = [
    s.constant((c) => low(at(add.data, c))),
    s.constant((c) => low(at(add.data, c) >> 32n)),
  ];
  return `pulsec_join(${below}, ${above})`;
};

/** Constants of all channels: a word per column, padded with zeros to a multiple of `block` channels. */
export function packColumns(columns: readonly Column[], channels: number, block: number): Uint8Array {
  const packed = new Int32Array(columns.length * Math.ceil(channels / block) * block);
  for (let c = 0; c < channels; c++)
    for (const [i, of] of columns.entries()) packed[c * columns.length + i] = of(c);
  return new Uint8Array(packed.buffer);
}

/** Bytes of a table, padded to words. */
export function packTables(tables: readonly Param[]): { bytes: Uint8Array; at: readonly number[] } {
  const each = tables.map((t) => Math.ceil((t.data.length * slotBytes(t.type.storage)) / 4) * 4);
  const places = each.map((_, i) => each.slice(0, i).reduce((a, b) => a + b, 0));
  const bytes = new Uint8Array(each.reduce((a, b) => a + b, 0));
  for (const [i, t] of tables.entries())
    bytes.set(new Uint8Array(t.data.buffer, t.data.byteOffset, t.data.byteLength), places[i]);
  return { bytes, at: places };
}

/** Declares the tables in C. */
export const tableText = (tables: readonly Param[]): string =>
  tables
    .map((t, i) => {
      const type = cType(t.type.storage);
      return `const ${type} *const table${i} = (const ${type} *)(const void *)((const uint8_t *)t->shared + ${packTables(tables).at[i]});`;
    })
    .join("\n  ");
