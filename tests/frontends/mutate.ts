/** Seeded damage: what a failing run did is repeated by its seed. */

type Random = () => number;
const below = (random: Random, limit: number): number => Math.floor(random() * limit);
export const pick = <T>(random: Random, list: readonly T[]): T => list[below(random, list.length)]!;

const fragments = [
  ...[
    "%",
    "@",
    "#",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ":",
    ",",
    "=",
    "*",
    "-",
    "->",
    '"',
    "//",
    "\n",
    " ",
    "\\",
    "\u2028",
    "\u0000",
  ],
  ...[
    "%x",
    "@w",
    "N",
    "0",
    "-1",
    "1e400",
    "NaN",
    "-Infinity",
    "x268435459",
    "4294967296",
    "9007199254740993",
    "99999999999999999999",
  ],
  ...[
    "param ",
    "graph ",
    "meta ",
    "range ",
    "stage integer",
    "stage float",
    "axis 0",
    "trainable",
    'from {"param":"a"}',
    'loc("a: b")',
  ],
  ...[
    "f32[N]",
    "u8[1x0]",
    "i8[1x1x1x1x1x1x1x1x1]",
    "i4[65535x65535]",
    "u8[]",
    "i64[1]",
    "* @w axis 0",
    "* 0",
    "{stride = [",
    "{shift = 63}",
    "conv",
    "requant",
  ],
];

/** A text with one to four pieces inserted, removed, repeated, swapped or flipped. */
export function mutateText(text: string, random: Random): string {
  let changed = text;
  for (let i = 1 + below(random, 4); i > 0; i--) {
    const at = below(random, changed.length + 1);
    const to = Math.min(changed.length, at + below(random, 12));
    const [head, piece, tail] = [changed.slice(0, at), changed.slice(at, to), changed.slice(to)];
    changed = pick(random, [
      () => head + pick(random, fragments) + piece + tail,
      () => head + tail,
      () => head + piece + piece + tail,
      () => tail + head + piece,
      () => head + pick(random, fragments) + tail,
      () => head + String.fromCharCode(below(random, 256)) + tail,
      () => (random() < 0.1 ? head : head + piece + pick(random, text.split("\n")) + tail),
    ])();
  }
  return changed;
}

const words = [0, 1, 4, 8, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xfffffffc, 0xffffffff];

/** Bytes with one to four bits flipped, words overwritten, pieces removed, inserted or cut off. */
export function mutateBytes(bytes: Uint8Array, random: Random): Uint8Array {
  let changed: Uint8Array<ArrayBuffer> = bytes.slice();
  for (let i = 1 + below(random, 4); i > 0 && changed.length > 0; i--) {
    const at = below(random, changed.length);
    const piece = Uint8Array.from({ length: 1 + below(random, 8) }, () => below(random, 256));
    changed = pick(random, [
      () => changed.with(at, changed[at]! ^ (1 << below(random, 8))),
      () => changed.with(at, below(random, 256)),
      () => withWord(changed, at & ~3, pick(random, words)),
      () => withWord(changed, at & ~3, below(random, changed.length)),
      () => (random() < 0.2 ? changed.slice(0, at) : changed),
      () => Uint8Array.from([...changed.slice(0, at), ...piece, ...changed.slice(at)]),
      () => Uint8Array.from([...changed.slice(0, at), ...changed.slice(at + piece.length)]),
    ])();
  }
  return changed;
}

function withWord(bytes: Uint8Array<ArrayBuffer>, at: number, word: number): Uint8Array<ArrayBuffer> {
  const changed = bytes.slice();
  if (at + 4 <= changed.length) new DataView(changed.buffer).setUint32(at, word, true);
  return changed;
}
