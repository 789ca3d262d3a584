/** ELF files built in memory: for tests that need one with a given flaw, or a program of a few words. */

export interface TinySymbol {
  readonly name: string;
  readonly address: number;
  readonly size?: number;
  /** 0 no type, 1 object, 2 function. */
  readonly type?: number;
  /** 0 undefined, 0xfff1 absolute. */
  readonly section?: number;
}
export interface TinySegment {
  readonly address: number;
  readonly data: Uint8Array;
  readonly size?: number;
}
export interface TinyElf {
  readonly entry?: number;
  readonly segments: readonly TinySegment[];
  readonly symbols?: readonly TinySymbol[];
}

export const l2 = 0x1c000000;

/** Little-endian bytes of 32-bit words; numbers below 2^16 that end in other than 11 are compressed instructions. */
export function code(...words: readonly number[]): Uint8Array {
  const bytes = words.flatMap((w) => {
    const word = [w & 255, (w >>> 8) & 255, (w >>> 16) & 255, w >>> 24];
    return (w & 3) === 3 || w >>> 16 !== 0 ? word : word.slice(0, 2);
  });
  return Uint8Array.from(bytes);
}

/** A stripped program unless it is given symbols. */
export function tinyElf({ entry, segments, symbols }: TinyElf): Uint8Array {
  const parts: Buffer[] = [];
  let end = 52 + 32 * segments.length;
  const place = (bytes: Uint8Array): number => {
    parts.push(Buffer.from(bytes));
    end += bytes.length;
    return end - bytes.length;
  };
  const headers = segments.map(({ address, data, size = data.length }) =>
    words(1, place(data), address, address, data.length, size, 7, 4),
  );
  const sections = symbols ? sectionTable(symbols, place) : undefined;
  const at = sections ? place(sections) : 0;
  const header = Buffer.alloc(52);
  header.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
  [2, 243].forEach((v, i) => void header.writeUInt16LE(v, 16 + 2 * i));
  [1, entry ?? segments[0]?.address ?? 0, 52, at, 1].forEach(
    (v, i) => void header.writeUInt32LE(v, 20 + 4 * i),
  );
  [52, 32, segments.length, 40, sections ? 4 : 0, 3].forEach(
    (v, i) => void header.writeUInt16LE(v, 40 + 2 * i),
  );
  return new Uint8Array(Buffer.concat([header, ...headers, ...parts]));
}

/** Nothing, symbols, their names, the names of sections (empty). */
function sectionTable(symbols: readonly TinySymbol[], place: (bytes: Uint8Array) => number): Buffer {
  let names = "\0";
  const rows = symbols.map(({ name, address, size = 0, type = 2, section = 1 }) => {
    const row = Buffer.concat([words(names.length, address, size), Buffer.from([type, 0, 0, 0])]);
    row.writeUInt16LE(section, 14);
    names += `${name}\0`;
    return row;
  });
  const table = Buffer.concat([Buffer.alloc(16), ...rows]);
  const strings = Buffer.from(names, "latin1");
  const [tableAt, stringsAt] = [place(table), place(strings)];
  return Buffer.concat([
    Buffer.alloc(40),
    words(0, 2, 0, 0, tableAt, table.length, 2, 1, 4, 16),
    words(0, 3, 0, 0, stringsAt, strings.length, 0, 0, 1, 0),
    words(0, 3, 0, 0, stringsAt, 1, 0, 0, 1, 0),
  ]);
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((v, i) => void bytes.writeUInt32LE(v >>> 0, 4 * i));
  return bytes;
}
