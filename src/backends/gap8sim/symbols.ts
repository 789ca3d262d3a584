/** Addresses as people name them: `conv_tile+0x1c`. */
import type { Firmware, FirmwareSymbol } from "./elf.js";

/** Code and data of a program by address. */
export interface SymbolTable {
  /** Functions, objects and labels outside of them, by address; one per address. */
  readonly owners: readonly FirmwareSymbol[];
  /** The owner of an address: one whose size covers it, or the label before it in its segment. */
  at(address: number): FirmwareSymbol | undefined;
  /** `name`, `name+0x1c`, or nothing where no symbol covers the address. */
  describe(address: number): string | undefined;
  named(name: string): FirmwareSymbol | undefined;
}

export function symbolTable({ symbols, segments }: Pick<Firmware, "symbols" | "segments">): SymbolTable {
  const owners = outermost(symbols);
  const byName = new Map(symbols.map((s) => [s.name, s]));
  const segmentOf = (a: number) => segments.find((s) => a >= s.address && a - s.address < s.size);
  const at = (address: number): FirmwareSymbol | undefined => {
    const owner = owners[firstAfter(owners, address) - 1];
    if (!owner) return undefined;
    if (owner.size > 0) return address - owner.address < owner.size ? owner : undefined;
    const segment = segmentOf(address);
    return segment && segment === segmentOf(owner.address) ? owner : undefined;
  };
  const describe = (address: number): string | undefined => {
    const owner = at(address);
    const offset = address - (owner?.address ?? 0);
    return owner && (offset === 0 ? owner.name : `${owner.name}+0x${offset.toString(16)}`);
  };
  return { owners, at, describe, named: (name) => byName.get(name) };
}

/** Without numbers of the linker script, second names of an address, and labels inside of something larger. */
function outermost(symbols: readonly FirmwareSymbol[]): readonly FirmwareSymbol[] {
  const owners: FirmwareSymbol[] = [];
  let end = 0;
  for (const s of symbols) {
    const last = owners.at(-1);
    const isInside = s.kind === "label" && s.address < end;
    if (s.kind === "absolute" || isInside || last?.address === s.address) continue;
    owners.push(s);
    end = Math.max(end, s.address + s.size);
  }
  return owners;
}

/** Index of the first symbol behind `address`. */
function firstAfter(symbols: readonly FirmwareSymbol[], address: number): number {
  let [low, high] = [0, symbols.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (symbols[middle]!.address <= address) low = middle + 1;
    else high = middle;
  }
  return low;
}
