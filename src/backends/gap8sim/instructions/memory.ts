/** Loads and stores: RV32I, post-increment and register-offset forms of Xpulpv2, p.elw. */
import { encode, type Format, type Instruction, instruction, maskF3, maskF7 } from "./types.js";

type Access = readonly [name: string, f3: number, f7: number, size: 1 | 2 | 4, signed: boolean];
const loads: readonly Access[] = [
  ["lb", 0, 0x00, 1, true],
  ["lh", 1, 0x08, 2, true],
  ["lw", 2, 0x10, 4, true],
  ["lbu", 4, 0x20, 1, false],
  ["lhu", 5, 0x28, 2, false],
];
const stores: readonly Access[] = [
  ["sb", 0, 0, 1, false],
  ["sh", 1, 0, 2, false],
  ["sw", 2, 0, 4, false],
];

const load = (
  [name, , , size, signed]: Access,
  prefix: string,
  format: Format,
  match: number,
  mask: number,
): Instruction => instruction(`${prefix}${name}`, format, "load", match, mask, "", { size, signed });
const store = ([name, , , size]: Access, prefix: string, format: Format, match: number, mask: number) =>
  instruction(`${prefix}${name}`, format, "store", match, mask, "", { size });

export const memory: readonly Instruction[] = [
  ...loads.flatMap((access) => [
    load(access, "", "load", encode(0x03, access[1]), maskF3),
    load(access, "p.", "load-post", encode(0x0b, access[1]), maskF3),
    load(access, "p.", "load-reg-post", encode(0x0b, 7, access[2]), maskF7),
    load(access, "p.", "load-reg", encode(0x03, 7, access[2]), maskF7),
  ]),
  ...stores.flatMap((access) => [
    store(access, "", "store", encode(0x23, access[1]), maskF3),
    store(access, "p.", "store-post", encode(0x2b, access[1]), maskF3),
    store(access, "p.", "store-reg-post", encode(0x2b, 4 + access[1]), maskF7),
    store(access, "p.", "store-reg", encode(0x23, 4 + access[1]), maskF7),
  ]),
  instruction("p.elw", "load", "event", encode(0x03, 6), maskF3, "", { size: 4, signed: true }),
];
