/** Where the buffers of a call lie in the memory of GAP8: in L1 if they fit, between guards. */
import type { CallValue, CompiledCall } from "./calls.js";
import type { Stray } from "./faults.js";

/** A piece of memory that buffers are placed in. */
export interface Arena {
  readonly memory: "l1" | "l2";
  readonly address: number;
  readonly bytes: number;
}

export interface PlacedBuffer {
  readonly argument: number;
  readonly kind: Exclude<CallValue["kind"], "number">;
  /** In bytes from the arena's begin. */
  readonly offset: number;
  readonly size: number;
  readonly slack: number;
  readonly initial?: Uint8Array;
}

export interface Placement {
  readonly arena: Arena;
  readonly buffers: readonly PlacedBuffer[];
}

const guardByte = 0xc3;
const alignment = 16;
/** Bytes between buffers: as many as there are room for, and never fewer than the last. */
const guards = [1024, 256, 64] as const;

/** Nothing where no arena holds the buffers. */
export function placeCall({ values }: CompiledCall, arenas: readonly Arena[]): Placement | undefined {
  for (const arena of arenas)
    for (const guard of guards) {
      const { buffers, bytes } = stacked(values, guard);
      if (bytes <= arena.bytes) return { arena, buffers };
    }
  return undefined;
}

function stacked(values: readonly CallValue[], guard: number) {
  const buffers: PlacedBuffer[] = [];
  let top = guard;
  for (const [argument, v] of values.entries()) {
    if (v.kind === "number") continue;
    const { kind, slack } = v;
    const size = "bytes" in v ? v.bytes.length : v.size;
    buffers.push({ argument, kind, offset: top, size, slack, ...("bytes" in v ? { initial: v.bytes } : {}) });
    top = Math.ceil((top + size + slack + guard) / alignment) * alignment;
  }
  return { buffers, bytes: top };
}

/** The arena before a call: guards, operands, and `fill` in what the kernel is to write. */
export function imageOf({ arena, buffers }: Placement, fill: number): Uint8Array {
  const image = new Uint8Array(arena.bytes).fill(guardByte);
  for (const { offset, size, initial } of buffers)
    if (initial) image.set(initial, offset);
    else image.fill(fill, offset, offset + size);
  return image;
}

/** `before` or `after` a buffer, where something was written there; `written`: an input. */
export interface Damage {
  readonly argument: number;
  readonly what: "before" | "after" | "written";
}

/** What a call did to guards and inputs. */
export function damageIn({ arena, buffers }: Placement, image: Uint8Array): readonly Damage[] {
  const touched = (from: number, to: number) => image.subarray(from, to).some((b) => b !== guardByte);
  return buffers.flatMap(({ argument, kind, offset, size, initial }, i): Damage[] => {
    const begin = i === 0 ? 0 : middle(buffers[i - 1]!, offset);
    const next = buffers[i + 1];
    const end = next ? middle(buffers[i]!, next.offset) : arena.bytes;
    const changed = kind === "input" && initial!.some((b, k) => b !== image[offset + k]);
    return [
      ...(touched(begin, offset) ? [{ argument, what: "before" } as const] : []),
      ...(touched(offset + size, end) ? [{ argument, what: "after" } as const] : []),
      ...(changed ? [{ argument, what: "written" } as const] : []),
    ];
  });
}

/** Half of a guard is believed to lie behind a buffer, half before the next. */
const middle = ({ offset, size, slack }: PlacedBuffer, next: number): number =>
  Math.max(offset + size + slack, Math.floor((offset + size + next) / 2));

/** Below it a core sees L1 again: where null pointers and small numbers point. */
const shortcut = 0x10000;

/** Is the access one of a buffer? Otherwise the stray that it is; `nowhere` far from all of them. */
export function judge(
  { arena, buffers }: Placement,
  at: number,
  bytes: number,
  isWrite: boolean,
): Stray | "nowhere" | undefined {
  if (at < shortcut) return "nowhere";
  const offset = at - arena.address;
  if (offset + bytes <= 0 || offset >= arena.bytes) return undefined;
  const how = isWrite ? "write" : "read";
  for (const [i, b] of buffers.entries()) {
    const end = b.offset + b.size + (isWrite ? 0 : b.slack);
    if (offset >= b.offset && offset + bytes <= end) return undefined;
    const next = buffers[i + 1];
    const from = i === 0 ? 0 : middle(buffers[i - 1]!, b.offset);
    const to = next ? middle(b, next.offset) : end + guards[0];
    if (offset < from || offset >= to) continue;
    const inside = offset >= b.offset;
    const relative = inside ? Math.max(offset - b.offset, b.size) : offset - b.offset;
    return { how, bytes, argument: b.argument, offset: relative, size: b.size };
  }
  return "nowhere";
}
