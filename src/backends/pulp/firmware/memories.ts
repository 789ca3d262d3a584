/** Which C object each block of a program lies in. */
import { alignUp } from "../../memory.js";
import type { Block, Program } from "../../schedule/program.js";
import type { Names } from "./names.js";

/** A C expression of type `uint8_t *` (in L3: a number), and bytes behind it. */
export interface Spot {
  readonly base: string;
  readonly from: number;
}

export interface Memories {
  of(block: Block): Spot;
  /** Bytes of L1, of the arena in L2, of what the network has of L3. */
  readonly l1: number;
  readonly arena: number;
  readonly l3: number;
  /** Constants in L2, and in L3. */
  readonly constants: Uint8Array;
  readonly image: Uint8Array;
  /** Where the image begins in the network's part of L3. */
  readonly imageFrom: number;
  /** The image is part of the program, and lies where the arena will be. */
  readonly embedded: boolean;
}

/** Of L2, for code, test data and stacks. */
const reserved = 96 * 1024;
const l2Bytes = 512 * 1024;

/** Of the program's own code, stacks and tables, roughly. */
const codeBytes = 32 * 1024;

/** Bytes that the program is too large for L2 by, with `more` bytes of arguments and test data; 0 where it fits. */
export const bytesOver = ({ arena, constants, image, embedded }: Memories, more: number): number =>
  Math.max(0, Math.max(arena, embedded ? image.length : 0) + constants.length + more + codeBytes - l2Bytes);

const ends = (blocks: readonly Block[]): number =>
  blocks.reduce((n, b) => Math.max(n, b.offset + b.bytes), 0);
const begins = (blocks: readonly Block[]): number =>
  blocks.reduce((n, b) => Math.min(n, b.offset), ends(blocks));

/** The bytes of constant blocks, from the first one on. */
function contents(blocks: readonly Block[]): Uint8Array {
  const from = begins(blocks);
  const bytes = new Uint8Array(alignUp(ends(blocks) - from, 16));
  for (const b of blocks) bytes.set(b.data!, b.offset - from);
  return bytes;
}

/** A file beside the program, where the image is too large for it. */
export const imageFile = "network_l3.bin";

export function memoriesOf({ blocks, layers }: Program, names: Names): Memories {
  const at = (level: Block["level"], constant: boolean) =>
    blocks.filter((b) => b.level === level && (b.data !== undefined) === constant);
  const arena = at("l2", false);
  const constants = at("l2", true);
  const [arenaFrom, constantsFrom] = [begins(arena), begins(constants)];
  const { prefix } = names;
  const [image, near] = [contents(at("l3", true)), contents(constants)];
  return {
    of(block) {
      switch (block.level) {
        case "l1":
          return { base: "pulsec_l1", from: block.offset };
        case "l3":
          return { base: "l3", from: block.offset };
        case "caller":
          return { base: `arguments.${names.argument(block)}`, from: block.offset };
        case "l2":
          return block.data
            ? { base: `${prefix}_constants`, from: block.offset - constantsFrom }
            : { base: "arena", from: block.offset - arenaFrom };
      }
    },
    l1: ends([...at("l1", false), ...layers.flatMap((l) => l.blocks)]),
    arena: ends(arena) - arenaFrom,
    l3: ends(blocks.filter((b) => b.level === "l3")),
    constants: near,
    image,
    embedded: image.length > 0 && image.length + near.length <= l2Bytes - reserved,
    imageFrom: begins(at("l3", true)),
  };
}
