/** Mistakes in requantisation: rounding, clamps, and sums and products that do not fit where they are held. */
import type { Attrs } from "../ir/op.js";
import { requant, requantClamp } from "../ir/ops/requant.js";
import { type Data, storages } from "../ir/storage.js";
import { allocate, type Tensor } from "../ir/tensor.js";
import { sizes, type TensorType, zeroPoint } from "../ir/type.js";
import type { Binding } from "./binding.js";
import { changing, type Hypothesis, withData, wrapTo } from "./recompute.js";

/** The parts of a requantisation that a kernel may do in its own way. */
interface Ways {
  product?(p: bigint): bigint;
  sum?(s: bigint): bigint;
  round?(sum: bigint, shift: bigint): bigint;
  clamp?(v: bigint, lo: bigint, hi: bigint): bigint;
}

const wrap = (bits: number) => (v: bigint) => BigInt.asIntN(bits, v);
const least = (a: bigint, b: bigint) => (a < b ? a : b);
const most = (a: bigint, b: bigint) => (a > b ? a : b);

/** The op `requant` with some of its parts replaced. */
function rescaled(operands: readonly Tensor[], attrs: Attrs, out: TensorType, ways: Ways): Data {
  const [x, mul, add] = operands as [Tensor, Tensor, Tensor];
  const shape = sizes(x.type);
  const axis = attrs.axis as number;
  const along = axis < 0 ? shape.length + axis : axis;
  const step = shape.slice(along + 1).reduce((a, b) => a * b, 1);
  const { lo, hi } = requantClamp({ lo: attrs.lo as number, hi: attrs.hi as number }, out);
  const at = (list: ArrayLike<number | bigint>, c: number) => BigInt(list[list.length === 1 ? 0 : c]!);
  const shifts = attrs.shift as readonly number[];
  const clamp = ways.clamp ?? ((v, l, h) => most(l, least(h, v)));
  const y = allocate(out.storage, x.data.length) as Int32Array;
  for (let i = 0; i < y.length; i++) {
    const c = Math.floor(i / step) % shape[along]!;
    const product = BigInt(x.data[i]!) * at(mul.data, c);
    const sum = (ways.product?.(product) ?? product) + at(add.data, c);
    const held = ways.sum?.(sum) ?? sum;
    const shift = at(shifts, c);
    const v = (ways.round?.(held, shift) ?? held >> shift) + BigInt(zeroPoint(out));
    y[i] = wrapTo(out.storage, Number(BigInt.asIntN(32, clamp(v, BigInt(lo), BigInt(hi)))));
  }
  return y;
}

const scaling = (binding: Binding, cause: string, text: string, ways: Ways): Hypothesis =>
  changing(
    cause,
    text,
    {
      meaning: (i, operands, attrs, out) =>
        binding.steps[i]!.op === requant ? rescaled(operands, attrs, out, ways) : undefined,
    },
    binding,
  );

const halfOf = (shift: bigint): bigint => (shift > 0n ? 1n << (shift - 1n) : 0n);
const magnitude = (v: bigint): bigint => (v < 0n ? -v : v);
const hasRequant = ({ steps }: Binding): boolean => steps.some((s) => s.op === requant);

export function rounding(binding: Binding): readonly Hypothesis[] {
  if (!hasRequant(binding)) return [];
  const says = `; the binding says ${binding.rounding}`;
  const one = (text: string, round: Ways["round"] & {}): Hypothesis =>
    scaling(binding, "rounding", `${text}${says}`, { round });
  // The half of a kernel that rounds half up is part of the sum here.
  const plain = (s: bigint, shift: bigint) => (binding.rounding === "half-up" ? s - halfOf(shift) : s);
  const towardsZero = (s: bigint, shift: bigint) => (s < 0n ? -(magnitude(s) >> shift) : s >> shift);
  const up = one("rounds half up", (s, shift) => (plain(s, shift) + halfOf(shift)) >> shift);
  const down = one("rounds down (floor)", (s, shift) => plain(s, shift) >> shift);
  return [
    binding.rounding === "floor" ? up : down,
    one("rounds towards zero", (s, shift) => towardsZero(plain(s, shift), shift)),
    one("rounds half away from zero", (s, shift) => {
      const v = plain(s, shift);
      return v < 0n ? -((magnitude(v) + halfOf(shift)) >> shift) : (v + halfOf(shift)) >> shift;
    }),
    one("rounds up", (s, shift) => -(-plain(s, shift) >> shift)),
  ];
}

export function clamps(binding: Binding): readonly Hypothesis[] {
  const cause = "missing clamp";
  const skipped = binding.steps.flatMap(({ op }, step) =>
    op.name === "relu" || op.name === "clip"
      ? [
          changing(
            cause,
            `leaves out ${op.name}`,
            { meaning: (i, [x]) => (i === step ? x!.data : undefined) },
            binding,
          ),
        ]
      : [],
  );
  if (!hasRequant(binding)) return skipped;
  const { storage } = binding.tensors.get("y")!;
  const { bits, min } = storages[storage];
  const [signedLow, signedHigh] = [-(2n ** BigInt(bits - 1)), 2n ** BigInt(bits - 1) - 1n];
  const keep = (v: bigint) => v;
  return [
    scaling(binding, cause, `does not clamp: results wrap to ${bits} bits`, { clamp: keep }),
    scaling(binding, cause, "clamps below, not above: large results wrap", { clamp: (v, lo) => most(v, lo) }),
    scaling(binding, cause, "clamps above, not below: small results wrap", {
      clamp: (v, _, hi) => least(v, hi),
    }),
    scaling(binding, cause, `clamps to the range of ${storage}, not to lo and hi`, {
      clamp: (v) => most(BigInt(min), least(BigInt(storages[storage].max), v)),
    }),
    scaling(binding, cause, `clamps to [${signedLow}, ${signedHigh}], the range of a signed result`, {
      clamp: (v) => most(signedLow, least(signedHigh, v)),
    }),
    scaling(binding, cause, `clamps to [0, ${2n ** BigInt(bits) - 1n}], the range of an unsigned result`, {
      clamp: (v) => most(0n, least(2n ** BigInt(bits) - 1n, v)),
    }),
    ...skipped,
  ];
}

export function wraps(binding: Binding): readonly Hypothesis[] {
  const held = (bits: number) => (t: Tensor) => withData(t, (v) => Number(BigInt.asIntN(bits, BigInt(v))));
  const narrow = binding.steps.flatMap((_, step) => {
    if (step === 0) return [];
    const text = "holds the sums in 16 bits: they wrap";
    return [
      changing("16-bit wrap", text, { input: (i, x) => (i === step ? held(16)(x) : undefined) }, binding),
    ];
  });
  if (!hasRequant(binding)) return narrow;
  return [
    scaling(binding, "32-bit wrap", "holds x * mul + add in 32 bits: it wraps", { sum: wrap(32) }),
    scaling(binding, "32-bit wrap", "holds x * mul in 32 bits: it wraps", { product: wrap(32) }),
    scaling(binding, "16-bit wrap", "holds the shifted sum in 16 bits: it wraps", {
      round: (s, shift) => BigInt.asIntN(16, s >> shift),
    }),
    scaling(binding, "16-bit wrap", "holds the shifted sum in 16 bits without sign: it wraps", {
      round: (s, shift) => BigInt.asUintN(16, s >> shift),
    }),
    ...narrow,
  ];
}
