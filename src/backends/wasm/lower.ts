/** From kernel code to binaryen: numbers the locals, chooses the instructions, builds the tree. */
import type binaryenDefault from "binaryen";
import type { Storage } from "../../ir/storage.js";
import { slotBytes } from "../../ir/storage.js";
import type { BinaryOp, Expr, Local, Place, Register, Scalar, Statement, VectorExpr } from "./expr.js";

export type Binaryen = typeof binaryenDefault;
type Module = binaryenDefault.Module;
type Ref = binaryenDefault.ExpressionRef;

/** Name under which the host evaluates nodes that have no kernel. */
export const hostFunction = "node";

/** Adds a function without parameters and results that runs `statements`. */
export function lowerFunction(b: Binaryen, m: Module, name: string, statements: readonly Statement[]): void {
  const types: binaryenDefault.Type[] = [];
  const indices = new Map<Local, number>();
  const indexOf = (local: Local): number => {
    const had = indices.get(local);
    if (had !== undefined) return had;
    indices.set(local, types.length);
    return types.push(b[local.type]) - 1;
  };
  const cx: Context = { b, m, indexOf, label: `${name}.` };
  m.addFunction(name, b.none, b.none, types, lowerAll(cx, statements));
}

interface Context {
  readonly b: Binaryen;
  readonly m: Module;
  readonly indexOf: (local: Local) => number;
  readonly label: string;
}

const typeOf = ({ b }: Context, type: Register) => b[type];
const lowerAll = (cx: Context, list: readonly Statement[]): Ref =>
  cx.m.block(
    null,
    list.map((s, i) => lowerStatement({ ...cx, label: `${cx.label}${i}.` }, s)),
  );

function lowerStatement(cx: Context, s: Statement): Ref {
  const { m, indexOf } = cx;
  switch (s.kind) {
    case "set":
      return m.local.set(indexOf(s.local), lower(cx, s.value));
    case "store":
      return store(cx, s.place, lower(cx, s.value));
    case "store lanes":
      return storeLanes(cx, s);
    case "loop":
      return loop(cx, s);
    case "copy":
      return m.memory.copy(address(cx, s.to), address(cx, s.from), m.i32.const(s.bytes));
    case "fill":
      return m.memory.fill(address(cx, s.to), m.i32.const(s.byte), m.i32.const(s.bytes));
    case "host":
      return m.call(hostFunction, [m.i32.const(s.node)], cx.b.none);
  }
}

function loop(cx: Context, { counter, count, body }: Statement & { kind: "loop" }): Ref {
  const { b, m } = cx;
  const index = cx.indexOf(counter);
  const next = m.local.tee(index, m.i32.sub(m.local.get(index, b.i32), m.i32.const(1)), b.i32);
  return m.block(null, [
    m.local.set(index, m.i32.const(count)),
    m.loop(cx.label, m.block(null, [lowerAll(cx, body), m.br(cx.label, next)])),
  ]);
}

function lower(cx: Context, e: Expr): Ref {
  const { m } = cx;
  switch (e.kind) {
    case "const":
      return e.type === "i32" ? m.i32.const(Number(e.value)) : m.i64.const(e.value);
    case "get":
      return m.local.get(cx.indexOf(e.local), typeOf(cx, e.type));
    case "load":
      return load(cx, e.place);
    case "unary":
      return e.op === "wrap" ? m.i32.wrap(lower(cx, e.x)) : m.i64.extend_s(lower(cx, e.x));
    case "select":
      return m.select(lower(cx, e.when), lower(cx, e.a), lower(cx, e.b));
    case "binary":
      return e.op === "min" || e.op === "max"
        ? extreme(cx, e.op, e.a, e.b)
        : m[e.a.type as Scalar][e.op](lower(cx, e.a), lower(cx, e.b));
    default:
      return lowerVector(cx, e);
  }
}

/** Kernels promise no alignment of vectors. */
const unaligned = 1;

function lowerVector(cx: Context, e: VectorExpr): Ref {
  const { m } = cx;
  switch (e.kind) {
    case "lanes": {
      const [shape, op] = e.op.split(".") as [string, string];
      const instructions = m as unknown as Record<string, Record<string, (...args: Ref[]) => Ref>>;
      return instructions[shape]![op]!(...e.args.map((arg) => lower(cx, arg)));
    }
    case "load lanes":
      return m.v128[e.op](base(e.place), unaligned, lower(cx, e.place.pointer));
    case "shuffle":
      return m.i8x16.shuffle(lower(cx, e.a), lower(cx, e.b), [...e.bytes]);
  }
}

function storeLanes(cx: Context, { place, bytes, lane, value }: Statement & { kind: "store lanes" }): Ref {
  const { v128 } = cx.m;
  const [at, pointer, vector] = [base(place), lower(cx, place.pointer), lower(cx, value)];
  if (bytes === 16) return v128.store(at, unaligned, pointer, vector);
  return v128[`store${(8 * bytes) as 8 | 16 | 32 | 64}_lane`](at, unaligned, lane, pointer, vector);
}

/** The smaller (greater) of a and b, each evaluated once: select runs a, b, condition in this order. */
function extreme(cx: Context, op: BinaryOp & ("min" | "max"), a: Expr, b: Expr): Ref {
  const [first, second] = [once(cx, a), once(cx, b)];
  const compare = op === "min" ? "lt_s" : "gt_s";
  const [x, y] = [first.evaluate(), second.evaluate()];
  return cx.m.select(cx.m[a.type as Scalar][compare](first.again(), second.again()), x, y);
}

/** Binaryen's expressions are trees: what is read twice goes through a local, unless repeating is cheap. */
function once(cx: Context, e: Expr): { evaluate(): Ref; again(): Ref } {
  if (e.kind === "const" || e.kind === "get")
    return { evaluate: () => lower(cx, e), again: () => lower(cx, e) };
  const index = cx.indexOf({ type: e.type });
  return {
    evaluate: () => cx.m.local.tee(index, lower(cx, e), typeOf(cx, e.type)),
    again: () => cx.m.local.get(index, typeOf(cx, e.type)),
  };
}

function base({ buffer, offset }: Place): number {
  if (buffer.address === undefined) throw new Error(`a buffer of ${buffer.bytes} bytes has no address`);
  return buffer.address + offset;
}
const address = (cx: Context, place: Place): Ref =>
  cx.m.i32.add(lower(cx, place.pointer), cx.m.i32.const(base(place)));

const loads = {
  f32: "load",
  i32: "load",
  i16: "load16_s",
  i8: "load8_s",
  u8: "load8_u",
  i4: "load8_s",
  u4: "load8_u",
  i2: "load8_s",
  u2: "load8_u",
} as const satisfies Record<Exclude<Storage, "i64">, string>;

function load(cx: Context, place: Place): Ref {
  const { storage } = place.buffer;
  const slot = slotBytes(storage);
  const pointer = lower(cx, place.pointer);
  if (storage === "i64") return cx.m.i64.load(base(place), slot, pointer);
  return cx.m.i32[loads[storage]](base(place), slot, pointer);
}

function store(cx: Context, place: Place, value: Ref): Ref {
  const slot = slotBytes(place.buffer.storage);
  const { i32, i64 } = cx.m;
  const [at, pointer] = [base(place), lower(cx, place.pointer)];
  if (slot === 8) return i64.store(at, slot, pointer, value);
  if (slot === 4) return i32.store(at, slot, pointer, value);
  return slot === 2 ? i32.store16(at, slot, pointer, value) : i32.store8(at, slot, pointer, value);
}
