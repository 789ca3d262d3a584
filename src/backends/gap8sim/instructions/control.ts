/** Hardware loops and immediate branches of Xpulpv2. */
import { encode, type Format, type Instruction, instruction, maskF3 } from "./types.js";

const loop = (name: string, f3: number, format: Format): Instruction =>
  instruction(name, format, "loop", encode(0x7b, f3), maskF3 | 0xf00);

export const control: readonly Instruction[] = [
  loop("lp.starti", 0, "loop-imm"),
  loop("lp.endi", 1, "loop-imm"),
  loop("lp.count", 2, "loop-reg"),
  loop("lp.counti", 3, "loop-imm"),
  loop("lp.setup", 4, "loop-setup"),
  loop("lp.setupi", 5, "loop-setupi"),
  instruction("p.beqimm", "bimm", "branch", encode(0x63, 2), maskF3, "a === j"),
  instruction("p.bneimm", "bimm", "branch", encode(0x63, 3), maskF3, "a !== j"),
];
