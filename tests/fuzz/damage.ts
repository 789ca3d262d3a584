/** Seeded damage to bytes and texts: what a failing run did is repeated by its seed. */

export type Random = () => number;
/** A whole number in [0, limit). */
export const range = (random: Random, limit: number): number => Math.floor(random() * limit);
/** A whole number in [1, limit], half of them 1 or 2. */
export const mostlySmall = (random: Random, limit: number): number =>
  random() < 0.5 ? 1 + range(random, 2) : 1 + range(random, limit);
export const pick = <T>(random: Random, list: readonly T[]): T => list[range(random, list.length)]!;

const words = [0, 1, 2, 4, 8, 16, 0xff, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffc, 0xffffffff];

/** Bytes with one to four bits flipped, words overwritten, pieces removed, inserted, moved or cut off. */
export function damaged(bytes: Uint8Array, random: Random): Uint8Array {
  let changed = Buffer.from(bytes);
  for (let i = mostlySmall(random, 4); i > 0 && changed.length > 0; i--)
    changed = damagedOnce(changed, random);
  return new Uint8Array(changed);
}

function damagedOnce(bytes: Buffer<ArrayBuffer>, random: Random): Buffer<ArrayBuffer> {
  const at = range(random, bytes.length);
  const length = mostlySmall(random, 64);
  const from = range(random, bytes.length);
  const noise = Buffer.from(Array.from({ length: mostlySmall(random, 8) }, () => range(random, 256)));
  const put = (value: number, size: 1 | 2 | 4) => {
    const start = Math.min(at - (at % size), bytes.length - size);
    if (start >= 0) bytes.writeUIntLE(value % 2 ** (8 * size), start, size);
    return bytes;
  };
  const replaced = (end: number, ...middle: readonly Buffer[]) =>
    Buffer.concat([bytes.subarray(0, at), ...middle, bytes.subarray(end)]);
  return pick(random, [
    () => put(bytes[at]! ^ (1 << range(random, 8)), 1),
    () => put(range(random, 256), 1),
    () => put(pick(random, words), 2),
    () => put(pick(random, words), 4),
    () => put(range(random, bytes.length), 4),
    () => put(range(random, 64), 2),
    () => put(from + 4 <= bytes.length ? bytes.readUInt32LE(from) + range(random, 9) - 4 + 2 ** 32 : 0, 4),
    () => replaced(at, noise),
    () => replaced(at + noise.length),
    () => replaced(at, bytes.subarray(from, from + length)),
    () => replaced(at + length, bytes.subarray(from, from + length)),
    () => (random() < 0.2 ? bytes.subarray(0, at) : bytes),
  ])();
}

/** A piece of one file inside of another. */
export function spliced(bytes: Uint8Array, donor: Uint8Array, random: Random): Uint8Array {
  const [at, from] = [range(random, bytes.length + 1), range(random, donor.length + 1)];
  const to = random() < 0.3 ? donor.length : from + mostlySmall(random, 500);
  const rest = bytes.subarray(random() < 0.5 ? at : at + to - from);
  return new Uint8Array(Buffer.concat([bytes.subarray(0, at), donor.subarray(from, to), rest]));
}

const marks = '% @ # ( ) [ ] { } < > : , = * - -> |> + / " // \n \\ \u2028 \u0000 \ufeff \ud800'.split(" ");
const numbers =
  "N 0 -1 1 2 3 0.5 1e-30 1e400 NaN -Infinity 255 256 65536 2147483647 2147483648 4294967296 9007199254740993 99999999999999999999 48KiB".split(
    " ",
  );
const names = "x y w __proto__ constructor toString hasOwnProperty true false".split(" ");

/** Names, numbers, white space, and single characters of any text. */
const tokensOf = (text: string): string[] => text.match(/[A-Za-z_][\w.]*|\d[\w.]*|\s+|./gs) ?? [];

/** A text with one to four of its tokens removed, repeated, swapped or replaced by ones of `donor`. */
export function damagedText(text: string, donor: string, random: Random): string {
  const tokens = tokensOf(text);
  const foreign = tokensOf(donor);
  for (let i = mostlySmall(random, 4); i > 0; i--) {
    const at = range(random, tokens.length + 1);
    const piece = tokens.slice(at, at + mostlySmall(random, 12));
    const other = foreign.length > 0 ? pick(random, foreign) : "";
    const from = range(random, foreign.length + 1);
    pick(random, [
      () => tokens.splice(at, 1, pick(random, marks)),
      () => tokens.splice(at, 1, pick(random, numbers)),
      () => tokens.splice(at, 1, pick(random, names)),
      () => tokens.splice(at, 1, other),
      () => tokens.splice(at, 0, pick(random, [...marks, ...numbers])),
      () => tokens.splice(at, piece.length),
      () => tokens.splice(at, 0, ...piece),
      () => tokens.splice(range(random, tokens.length + 1), 0, ...piece),
      () => tokens.splice(at, piece.length, ...piece.toReversed()),
      () => tokens.splice(at, 0, ...foreign.slice(from, from + mostlySmall(random, 60))),
      () => tokens.splice(at, 1, String.fromCharCode(range(random, 256))),
      () => tokens.splice(numberNear(tokens, at), 1, pick(random, numbers)),
      () => tokens.splice(numberNear(tokens, at), 1, String(range(random, 20))),
      () => (random() < 0.05 ? tokens.splice(at) : []),
    ])();
  }
  return tokens.join("");
}

/** The next number at or behind `at`: sizes and attributes are where a text's meaning changes, its syntax does not. */
function numberNear(tokens: readonly string[], at: number): number {
  const found = tokens.findIndex((t, i) => i >= at && /^\d/.test(t));
  return found < 0 ? at : found;
}

/** Lines of two texts in one: whole statements meet names that they do not know. */
export function mixedLines(text: string, donor: string, random: Random): string {
  const lines = text.split("\n");
  const foreign = donor.split("\n");
  for (let i = mostlySmall(random, 3); i > 0; i--) {
    const at = range(random, lines.length + 1);
    pick(random, [
      () => lines.splice(at, 0, pick(random, foreign)),
      () => lines.splice(at, 1, pick(random, foreign)),
      () => lines.splice(at, 0, pick(random, lines)),
      () => lines.splice(at, 1),
    ])();
  }
  return lines.join("\n");
}
