/** RV32C: each halfword is expanded to the 32-bit instruction that it abbreviates. */

const bits = (h: number, from: number, count: number): number => (h >>> from) & ((1 << count) - 1);
const signExtend = (v: number, width: number): number => (v << (32 - width)) >> (32 - width);

const rType = (f7: number, f3: number, rd: number, rs1: number, rs2: number): number =>
  0x33 | (rd << 7) | (f3 << 12) | (rs1 << 15) | (rs2 << 20) | (f7 << 25);
const iType = (opcode: number, f3: number, rd: number, rs1: number, imm: number): number =>
  opcode | (rd << 7) | (f3 << 12) | (rs1 << 15) | (imm << 20);
const sType = (f3: number, rs1: number, rs2: number, imm: number): number =>
  0x23 | ((imm & 31) << 7) | (f3 << 12) | (rs1 << 15) | (rs2 << 20) | ((imm >> 5) << 25);
const bType = (f3: number, rs1: number, offset: number): number =>
  0x63 |
  (bits(offset, 11, 1) << 7) |
  (bits(offset, 1, 4) << 8) |
  (f3 << 12) |
  (rs1 << 15) |
  (bits(offset, 5, 6) << 25) |
  (bits(offset, 12, 1) << 31);
const jType = (rd: number, offset: number): number =>
  0x6f |
  (rd << 7) |
  (bits(offset, 12, 8) << 12) |
  (bits(offset, 11, 1) << 20) |
  (bits(offset, 1, 10) << 21) |
  (bits(offset, 20, 1) << 31);

const imm6 = (h: number): number => signExtend((bits(h, 12, 1) << 5) | bits(h, 2, 5), 6);
const wordOffset = (h: number): number => (bits(h, 10, 3) << 3) | (bits(h, 6, 1) << 2) | (bits(h, 5, 1) << 6);
const jumpOffset = (h: number): number =>
  signExtend(
    (bits(h, 12, 1) << 11) |
      (bits(h, 11, 1) << 4) |
      (bits(h, 9, 2) << 8) |
      (bits(h, 8, 1) << 10) |
      (bits(h, 7, 1) << 6) |
      (bits(h, 6, 1) << 7) |
      (bits(h, 3, 3) << 1) |
      (bits(h, 2, 1) << 5),
    12,
  );
const branchOffset = (h: number): number =>
  signExtend(
    (bits(h, 12, 1) << 8) |
      (bits(h, 10, 2) << 3) |
      (bits(h, 5, 2) << 6) |
      (bits(h, 3, 2) << 1) |
      (bits(h, 2, 1) << 5),
    9,
  );

function quadrant0(h: number, f3: number): number {
  const rd = 8 + bits(h, 2, 3);
  const rs1 = 8 + bits(h, 7, 3);
  if (f3 === 2) return iType(0x03, 2, rd, rs1, wordOffset(h));
  if (f3 === 6) return sType(2, rs1, rd, wordOffset(h));
  const imm = (bits(h, 7, 4) << 6) | (bits(h, 11, 2) << 4) | (bits(h, 5, 1) << 3) | (bits(h, 6, 1) << 2);
  return f3 === 0 && imm !== 0 ? iType(0x13, 0, rd, 2, imm) : 0;
}

/** c.srli, c.srai, c.andi and the register forms. */
function arithmetic(h: number): number {
  const rd = 8 + bits(h, 7, 3);
  const rs2 = 8 + bits(h, 2, 3);
  const select = bits(h, 10, 2);
  if (select === 2) return iType(0x13, 7, rd, rd, imm6(h));
  if (bits(h, 12, 1) === 1) return 0;
  if (select === 0) return iType(0x13, 5, rd, rd, bits(h, 2, 5));
  if (select === 1) return iType(0x13, 5, rd, rd, 0x400 | bits(h, 2, 5));
  const f3 = [0, 4, 6, 7][bits(h, 5, 2)]!;
  return rType(f3 === 0 ? 0x20 : 0, f3, rd, rd, rs2);
}

function quadrant1(h: number, f3: number): number {
  const rd = bits(h, 7, 5);
  switch (f3) {
    case 0:
      return iType(0x13, 0, rd, rd, imm6(h));
    case 1:
      return jType(1, jumpOffset(h));
    case 2:
      return iType(0x13, 0, rd, 0, imm6(h));
    case 3: {
      if (imm6(h) === 0) return 0;
      if (rd !== 2) return 0x37 | (rd << 7) | (imm6(h) << 12);
      const low = (bits(h, 6, 1) << 4) | (bits(h, 2, 1) << 5) | (bits(h, 5, 1) << 6);
      return iType(0x13, 0, 2, 2, signExtend(low | (bits(h, 3, 2) << 7) | (bits(h, 12, 1) << 9), 10));
    }
    case 4:
      return arithmetic(h);
    case 5:
      return jType(0, jumpOffset(h));
    default:
      return bType(f3 - 6, 8 + bits(h, 7, 3), branchOffset(h));
  }
}

function quadrant2(h: number, f3: number): number {
  const rd = bits(h, 7, 5);
  const rs2 = bits(h, 2, 5);
  if (f3 === 0) return bits(h, 12, 1) === 0 ? iType(0x13, 1, rd, rd, rs2) : 0;
  if (f3 === 2) {
    const imm = (bits(h, 12, 1) << 5) | (bits(h, 4, 3) << 2) | (bits(h, 2, 2) << 6);
    return rd === 0 ? 0 : iType(0x03, 2, rd, 2, imm);
  }
  if (f3 === 6) return sType(2, 2, rs2, (bits(h, 9, 4) << 2) | (bits(h, 7, 2) << 6));
  if (f3 !== 4) return 0;
  const second = bits(h, 12, 1) === 1;
  if (rs2 !== 0) return rType(0, 0, rd, second ? rd : 0, rs2);
  if (rd === 0) return second ? 0x00100073 : 0;
  return iType(0x67, 0, second ? 1 : 0, rd, 0);
}

/** The 32-bit equivalent of a compressed instruction (its low two bits are not 11), or 0 if it is illegal. */
export function expand(halfword: number): number {
  const h = halfword & 0xffff;
  const f3 = h >>> 13;
  const quadrant = h & 3;
  return (quadrant === 0 ? quadrant0(h, f3) : quadrant === 1 ? quadrant1(h, f3) : quadrant2(h, f3)) >>> 0;
}
