/** Reads firmware: ELF32, little-endian, RISC-V, linked at fixed addresses. Nothing in the file is believed. */
import { attempt, type Diagnostic, error, Refusal, type Result } from "../../ir/diagnostic.js";

/** Bytes that the loader places in memory. */
export interface Segment {
  readonly address: number;
  readonly data: Uint8Array;
  /** Bytes in memory; those behind `data` are zero. */
  readonly size: number;
  readonly executable: boolean;
}
/** `label` is a symbol without a type, as assembly gives it; `absolute` a number of the linker script. */
export type SymbolKind = "function" | "object" | "label" | "absolute";
/** A name of the firmware and where it lies. */
export interface FirmwareSymbol {
  readonly name: string;
  readonly address: number;
  /** Bytes; 0 where the file does not say. */
  readonly size: number;
  readonly kind: SymbolKind;
}
/** A program as the loader sees it. Symbols are in order of their addresses; a stripped program has none. */
export interface Firmware {
  readonly file: string;
  readonly entry: number;
  readonly segments: readonly Segment[];
  readonly symbols: readonly FirmwareSymbol[];
  /** Where instructions are: sections of code, or executable segments where the file has no sections. */
  readonly code: readonly AddressRange[];
}
export interface AddressRange {
  readonly address: number;
  readonly size: number;
}

const headerBytes = 52;
const segmentHeaderBytes = 32;
const sectionHeaderBytes = 40;
const symbolBytes = 16;
/** A name beyond this is damage. */
const longestName = 4096;
/** Names of all symbols together: those of a large C++ program are a tenth of it. */
const mostNames = 2 ** 26;
const build = "link it with riscv64-unknown-elf-gcc -march=rv32imc -mabi=ilp32 -misa-spec=2.2 -static";

interface Source {
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly view: DataView;
}
interface Section {
  readonly type: number;
  readonly flags: number;
  readonly address: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
  readonly entrySize: number;
}

/** The program in `bytes`; `file` names it in messages. */
export function loadElf(bytes: Uint8Array, file: string): Result<Firmware> {
  return attempt(() => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const source: Source = { file, bytes, view };
    checkHeader(source);
    const segments = readSegments(source);
    const sections = readSections(source);
    const symbols = readSymbols(source, sections);
    return { file, entry: view.getUint32(24, true), segments, symbols, code: codeOf(segments, sections) };
  });
}

function refuse(id: Diagnostic["id"], text: string, more: Parameters<typeof error>[2] = {}): never {
  throw new Refusal(error(id, text, more));
}

function checkHeader({ file, bytes, view }: Source): void {
  const magic = [...bytes.subarray(0, 4)];
  if (magic.join() !== "127,69,76,70" || bytes.length < 20)
    refuse("sim/not-elf", `${file} is no ELF file`, {
      found: bytes.length < 20 ? `${bytes.length} bytes` : `the bytes ${magic.map(hexByte).join(" ")}`,
      expected: "a program that begins with 7f 45 4c 46",
      help: build,
    });
  const [kind, order] = [bytes[4]!, bytes[5]!];
  const machine = view.getUint16(18, order !== 2);
  const isOurs = kind === 1 && order === 1 && machine === 243;
  if (!isOurs)
    refuse("sim/elf-machine", `${file} is a program for another machine`, {
      found: `${kind === 2 ? 64 : 32} bit, ${order === 2 ? "big" : "little"}-endian, ${machineName(machine)}`,
      expected: "32 bit, little-endian, RISC-V",
      help: build,
    });
  if (bytes.length < headerBytes) cutOff(file, `a header of ${bytes.length} bytes`, `${headerBytes} bytes`);
  const type = view.getUint16(16, true);
  if (type !== 2)
    refuse("sim/elf-machine", `${file} is not linked to run at fixed addresses`, {
      found: ["no type", "an object file", "", "a shared object", "a core dump"][type] ?? `type ${type}`,
      expected: "an executable (type 2)",
      help: build,
    });
}

const hexByte = (b: number): string => b.toString(16).padStart(2, "0");
const hex = (n: number): string => `0x${n.toString(16).padStart(8, "0")}`;
const machineNames: Readonly<Record<number, string>> = { 3: "x86", 40: "Arm", 62: "x86-64", 183: "AArch64" };
const machineName = (m: number): string => (m === 243 ? "RISC-V" : (machineNames[m] ?? `machine ${m}`));

const cutOff = (file: string, found: string, expected: string): never =>
  refuse("sim/elf-truncated", `${file} ends too early`, {
    found,
    expected,
    help: "is the file complete? Copy or link it again",
  });

const malformed = (file: string, text: string, found: string, expected: string): never =>
  refuse("sim/elf-malformed", `${file}: ${text}`, { found, expected, help: "link the program again" });

/** A table's place, checked: all of it lies in the file and its entries are large enough. */
function tableAt(source: Source, what: string, at: number, count: number, entry: number, least: number) {
  const { file, bytes } = source;
  if (entry < least)
    malformed(file, `the table of ${what}s has too small entries`, `${entry} bytes`, `at least ${least}`);
  if (at + count * entry > bytes.length)
    cutOff(file, `${bytes.length} bytes`, `${at + count * entry}, where the table of ${what}s ends`);
  return Array.from({ length: count }, (_, i) => at + i * entry);
}

function readSegments(source: Source): readonly Segment[] {
  const { file, view } = source;
  const count = view.getUint16(44, true);
  const rows =
    count === 0
      ? []
      : tableAt(
          source,
          "segment",
          view.getUint32(28, true),
          count,
          view.getUint16(42, true),
          segmentHeaderBytes,
        );
  const segments = rows.flatMap((row) => readSegment(source, row)).sort((a, b) => a.address - b.address);
  if (segments.length === 0)
    refuse("sim/elf-empty", `${file} has nothing to load`, {
      found: `${count} segments, none with contents in memory`,
      expected: "at least one segment of type LOAD",
      help: "give the linker a script that places the program in L2 at 0x1c000000",
    });
  refuseOverlap(file, segments);
  const entry = view.getUint32(24, true);
  if (!segments.some((s) => entry >= s.address && entry < s.address + s.data.length && entry % 2 === 0))
    malformed(file, "the entry lies outside of the program", hex(entry), "an even address of a segment");
  return segments;
}

/** A LOAD segment with contents; memory that only starts as zero counts too. */
function readSegment({ file, bytes, view }: Source, row: number): readonly Segment[] {
  const word = (i: number) => view.getUint32(row + 4 * i, true);
  const [type, offset, , address, stored, size, flags] = [0, 1, 2, 3, 4, 5, 6].map(word) as number[];
  if (type !== 1 || size === 0) return [];
  if (stored! > size!)
    malformed(
      file,
      `the segment at ${hex(address!)} stores more than it loads`,
      `${stored} bytes`,
      `at most ${size}`,
    );
  if (offset! + stored! > bytes.length)
    cutOff(file, `${bytes.length} bytes`, `${offset! + stored!}, where the segment at ${hex(address!)} ends`);
  if (address! + size! > 2 ** 32)
    malformed(
      file,
      `the segment at ${hex(address!)} leaves the address space`,
      `${size} bytes`,
      "an end below 2^32",
    );
  const data = bytes.subarray(offset, offset! + stored!);
  return [{ address: address!, data, size: size!, executable: (flags! & 1) !== 0 }];
}

function refuseOverlap(file: string, segments: readonly Segment[]): void {
  for (const [i, s] of segments.entries()) {
    const next = segments[i + 1];
    if (next && s.address + s.data.length > next.address)
      malformed(
        file,
        `two segments share the address ${hex(next.address)}`,
        `${s.data.length} bytes at ${hex(s.address)}`,
        `an end at or before ${hex(next.address)}`,
      );
  }
}

function readSections(source: Source): readonly Section[] {
  const { view } = source;
  const [at, entry, count] = [view.getUint32(32, true), view.getUint16(46, true), view.getUint16(48, true)];
  if (at === 0 || count === 0) return [];
  return tableAt(source, "section", at, count, entry, sectionHeaderBytes).map((row) => {
    const word = (i: number) => view.getUint32(row + 4 * i, true);
    return {
      type: word(1),
      flags: word(2),
      address: word(3),
      offset: word(4),
      size: word(5),
      link: word(6),
      entrySize: word(9),
    };
  });
}

/** Sections of code that are loaded where they run; none of them twice. */
function codeOf(segments: readonly Segment[], sections: readonly Section[]): readonly AddressRange[] {
  const code = sections.filter(
    ({ type, flags, address, size }) =>
      type === 1 &&
      (flags & 6) === 6 &&
      segments.some((s) => address >= s.address && address + size <= s.address + s.data.length),
  );
  const executable = segments.filter((s) => s.executable);
  const whole = executable.map(({ address, data }) => ({ address, size: data.length }));
  let end = 0;
  return (code.length > 0 ? code : whole)
    .map(({ address, size }) => ({ address, size }))
    .sort((a, b) => a.address - b.address)
    .filter(({ address, size }) => {
      const isNew = size > 0 && address >= end;
      if (isNew) end = address + size;
      return isNew;
    });
}

function readSymbols(source: Source, sections: readonly Section[]): readonly FirmwareSymbol[] {
  const table = sections.find((s) => s.type === 2);
  if (!table) return [];
  const strings = sections[table.link];
  if (strings?.type !== 3)
    malformed(source.file, "the symbols have no names", `section ${table.link}`, "a table of strings");
  const nameAt = stringsOf(source, strings!);
  const count = Math.floor(table.size / (table.entrySize || symbolBytes));
  const rows = tableAt(source, "symbol", table.offset, count, table.entrySize, symbolBytes);
  const found = rows.flatMap((row) => readSymbol(source, row, nameAt));
  return found.sort((a, b) => a.address - b.address || rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
}

/** Of symbols at one address, the one that says most comes first. */
const rank = ({ kind, size }: FirmwareSymbol): number =>
  ({ function: 0, object: 1, label: 2, absolute: 3 })[kind] * 2 + (size > 0 ? 0 : 1);

/** Names by their place in a table of strings; each is read once. */
function stringsOf({ file, bytes }: Source, { offset, size }: Section): (at: number) => string {
  if (offset + size > bytes.length)
    cutOff(file, `${bytes.length} bytes`, `${offset + size}, where the names end`);
  const table = bytes.subarray(offset, offset + size);
  const known = new Map<number, string>();
  let total = 0;
  return (at) => {
    const before = known.get(at);
    if (before !== undefined) return before;
    const end = table.subarray(at, at + longestName).indexOf(0);
    if (end < 0)
      malformed(file, "a symbol's name has no end", `offset ${at} of ${size}`, "a string in the file");
    total += end;
    if (total > mostNames)
      malformed(
        file,
        "the symbols' names are too long",
        `more than ${total - end} bytes`,
        `at most ${mostNames}`,
      );
    const name = new TextDecoder("latin1").decode(table.subarray(at, at + end));
    known.set(at, name);
    return name;
  };
}

/** Sections, files, references to elsewhere and the assembler's own marks are no symbols of the program. */
function readSymbol(
  { view }: Source,
  row: number,
  nameAt: (at: number) => string,
): readonly FirmwareSymbol[] {
  const [type, section] = [view.getUint8(row + 12) & 15, view.getUint16(row + 14, true)];
  if (section === 0 || type > 2) return [];
  const name = nameAt(view.getUint32(row, true));
  if (name === "" || name.startsWith("$") || name.startsWith(".L")) return [];
  const kind = section === 0xfff1 ? "absolute" : (["label", "object", "function"] as const)[type]!;
  return [{ name, address: view.getUint32(row + 4, true), size: view.getUint32(row + 8, true), kind }];
}
