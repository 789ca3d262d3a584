/** What stands around the place where a run ended: the instructions, and where a bad address comes from. */
import { type Core, Status } from "../core/contract.js";
import { type DisassembledLine, disassemble, registerNames } from "../disassemble.js";
import { decode, instructions } from "../instructions/index.js";
import type { Gap8 } from "../machine.js";
import type { SymbolTable } from "../symbols.js";
import { coreName } from "./profile.js";

export interface Scene {
  /** Up to three instructions before the place, itself (marked `>`), and one behind. */
  readonly listing: readonly string[];
  /** The register that the address came from, and the nearest instruction before that writes it. */
  readonly origin: string | undefined;
}

/** How far back an address is followed. */
const farthest = 256;

function wordAt(machine: Gap8, core: Core, address: number): number | undefined {
  const bytes = [0, 1, 2, 3].map((i) => machine.peek(core, address + i));
  if (bytes[0] === undefined || bytes[1] === undefined) return undefined;
  return bytes.reduce<number>((word, b, i) => word | ((b ?? 0) << (8 * i)), 0);
}

/** Instructions of the function from its start (or from some way before) up to one behind `pc`. */
function linesUpTo(machine: Gap8, core: Core, symbols: SymbolTable, pc: number): readonly DisassembledLine[] {
  const block = core.block?.pcs.includes(pc) ? core.block.pc : pc;
  const start = symbols.at(pc)?.address ?? block;
  const lines: DisassembledLine[] = [];
  for (let at = Math.max(start, pc - farthest - ((pc - start) & 1)); at <= pc; ) {
    const word = wordAt(machine, core, at);
    if (word === undefined) break;
    const line = disassemble(word, at, symbols.describe);
    // A stretch that begins in the middle of an instruction is out of step.
    if (at < pc && at + line.size > pc) return [];
    lines.push(line);
    at += line.size;
  }
  return lines;
}

export function sceneOf(machine: Gap8, symbols: SymbolTable, core: Core, pc: number): Scene {
  const before = linesUpTo(machine, core, symbols, pc);
  const word = wordAt(machine, core, pc);
  if (word === undefined) return { listing: [], origin: undefined };
  const here = disassemble(word, pc, symbols.describe);
  const next = wordAt(machine, core, pc + here.size);
  const behind = next === undefined ? [] : [disassemble(next, pc + here.size, symbols.describe)];
  const shown = [...before.filter((l) => l.address < pc).slice(-3), here, ...behind];
  return {
    listing: shown.map((l) => printLine(l, l.address === pc)),
    origin: originOf(core, before, symbols, word),
  };
}

const printLine = ({ address, size, raw, text }: DisassembledLine, isHere: boolean): string =>
  `${isHere ? ">" : " "} ${address.toString(16)}: ${raw
    .toString(16)
    .padStart(2 * size, "0")
    .padEnd(8)}  ${text}`;

/** The base register of a load or store. */
function originOf(
  core: Core,
  before: readonly DisassembledLine[],
  symbols: SymbolTable,
  word: number,
): string | undefined {
  const d = decode(word);
  const kind = d && instructions[d.op]!.kind;
  if (
    !d ||
    d.rs1 === 0 ||
    !(kind === "load" || kind === "store" || kind === "event" || kind === "jump-register")
  )
    return undefined;
  const name = registerNames[d.rs1]!;
  const value = `${name} is 0x${(core.x[d.rs1]! >>> 0).toString(16).padStart(8, "0")}`;
  const writer = before.slice(0, -1).findLast((l) => decode(l.raw)?.rd === d.rs1);
  if (!writer) return `${value}; nothing in this function before sets it`;
  return `${value}, last set before by ${writer.text} at ${symbols.describe(writer.address) ?? writer.address.toString(16)}`;
}

/** Where each core is: for runs that were stopped from outside. */
export const whereabouts = (machine: Gap8, symbols: SymbolTable): readonly string[] =>
  machine.cores
    .filter((c) => c.status === Status.running)
    .map((c) => `${coreName(c.id)} at ${symbols.describe(c.pc) ?? `0x${c.pc.toString(16)}`}`);
