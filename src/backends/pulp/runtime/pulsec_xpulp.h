/*
 * pulsec: the Xpulpv2 instructions of GAP8 that kernels use, for compilers that do not know them.
 *
 * For RISC-V every instruction is an assembler macro with the mnemonic of the RI5CY user manual (`pv.sdotsp.b rd, rs1,
 * rs2`; post-increment loads and stores are `p.lw.post rd, rs1, increment`), and a C function or macro below that
 * executes it. The encodings are numbers, so that any assembler will do, that of stock gcc and the vendor's. Elsewhere,
 * and with PULSEC_PORTABLE, the same functions are plain C, which says what the instruction computes.
 *
 * Words of four bytes or two halves are uint32_t. `s` is signed, `u` unsigned, `us` unsigned by signed.
 */
#ifndef PULSEC_XPULP_H
#define PULSEC_XPULP_H

#include <stdint.h>
#include <string.h>

#if defined(__riscv) && !defined(PULSEC_PORTABLE)
#define PULSEC_XPULP 1
#endif

#define PULSEC_INLINE static inline __attribute__((always_inline, unused))

#ifdef PULSEC_XPULP
/* clang-format off */
__asm__(
  ".equ .Lpx_zero,0;.equ .Lpx_ra,1;.equ .Lpx_sp,2;.equ .Lpx_gp,3;.equ .Lpx_tp,4;.equ .Lpx_t0,5;"
  ".equ .Lpx_t1,6;.equ .Lpx_t2,7;.equ .Lpx_s0,8;.equ .Lpx_s1,9;.equ .Lpx_a0,10;.equ .Lpx_a1,11;"
  ".equ .Lpx_a2,12;.equ .Lpx_a3,13;.equ .Lpx_a4,14;.equ .Lpx_a5,15;.equ .Lpx_a6,16;.equ .Lpx_a7,17;"
  ".equ .Lpx_s2,18;.equ .Lpx_s3,19;.equ .Lpx_s4,20;.equ .Lpx_s5,21;.equ .Lpx_s6,22;.equ .Lpx_s7,23;"
  ".equ .Lpx_s8,24;.equ .Lpx_s9,25;.equ .Lpx_s10,26;.equ .Lpx_s11,27;.equ .Lpx_t3,28;.equ .Lpx_t4,29;"
  ".equ .Lpx_t5,30;.equ .Lpx_t6,31;\n"
  ".macro p.lb.post d, a, i\n .4byte 0x0b | .Lpx_\\d << 7 | 0 << 12 | .Lpx_\\a << 15 | ((\\i) & 0xfff) << 20\n.endm\n"
  ".macro p.lb.postr d, a, b\n .4byte 0xb | .Lpx_\\d << 7 | 7 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x0 << 25\n.endm\n"
  ".macro p.lh.post d, a, i\n .4byte 0x0b | .Lpx_\\d << 7 | 1 << 12 | .Lpx_\\a << 15 | ((\\i) & 0xfff) << 20\n.endm\n"
  ".macro p.lh.postr d, a, b\n .4byte 0xb | .Lpx_\\d << 7 | 7 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x8 << 25\n.endm\n"
  ".macro p.lw.post d, a, i\n .4byte 0x0b | .Lpx_\\d << 7 | 2 << 12 | .Lpx_\\a << 15 | ((\\i) & 0xfff) << 20\n.endm\n"
  ".macro p.lw.postr d, a, b\n .4byte 0xb | .Lpx_\\d << 7 | 7 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x10 << 25\n.endm\n"
  ".macro p.lbu.post d, a, i\n .4byte 0x0b | .Lpx_\\d << 7 | 4 << 12 | .Lpx_\\a << 15 | ((\\i) & 0xfff) << 20\n.endm\n"
  ".macro p.lbu.postr d, a, b\n .4byte 0xb | .Lpx_\\d << 7 | 7 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x20 << 25\n.endm\n"
  ".macro p.lhu.post d, a, i\n .4byte 0x0b | .Lpx_\\d << 7 | 5 << 12 | .Lpx_\\a << 15 | ((\\i) & 0xfff) << 20\n.endm\n"
  ".macro p.lhu.postr d, a, b\n .4byte 0xb | .Lpx_\\d << 7 | 7 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x28 << 25\n.endm\n"
  ".macro p.sb.post d, a, i\n .4byte 0x2b | ((\\i) & 31) << 7 | 0 << 12 | .Lpx_\\a << 15 | .Lpx_\\d << 20 | ((\\i) >> 5 & 127) << 25\n.endm\n"
  ".macro p.sb.postr d, a, b\n .4byte 0x2b | .Lpx_\\b << 7 | 4 << 12 | .Lpx_\\a << 15 | .Lpx_\\d << 20\n.endm\n"
  ".macro p.sh.post d, a, i\n .4byte 0x2b | ((\\i) & 31) << 7 | 1 << 12 | .Lpx_\\a << 15 | .Lpx_\\d << 20 | ((\\i) >> 5 & 127) << 25\n.endm\n"
  ".macro p.sh.postr d, a, b\n .4byte 0x2b | .Lpx_\\b << 7 | 5 << 12 | .Lpx_\\a << 15 | .Lpx_\\d << 20\n.endm\n"
  ".macro p.sw.post d, a, i\n .4byte 0x2b | ((\\i) & 31) << 7 | 2 << 12 | .Lpx_\\a << 15 | .Lpx_\\d << 20 | ((\\i) >> 5 & 127) << 25\n.endm\n"
  ".macro p.sw.postr d, a, b\n .4byte 0x2b | .Lpx_\\b << 7 | 6 << 12 | .Lpx_\\a << 15 | .Lpx_\\d << 20\n.endm\n"
  ".macro p.min d, a, b\n .4byte 0x33 | .Lpx_\\d << 7 | 4 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x2 << 25\n.endm\n"
  ".macro p.minu d, a, b\n .4byte 0x33 | .Lpx_\\d << 7 | 5 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x2 << 25\n.endm\n"
  ".macro p.max d, a, b\n .4byte 0x33 | .Lpx_\\d << 7 | 6 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x2 << 25\n.endm\n"
  ".macro p.maxu d, a, b\n .4byte 0x33 | .Lpx_\\d << 7 | 7 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x2 << 25\n.endm\n"
  ".macro p.clipr d, a, b\n .4byte 0x33 | .Lpx_\\d << 7 | 5 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0xa << 25\n.endm\n"
  ".macro p.clipur d, a, b\n .4byte 0x33 | .Lpx_\\d << 7 | 6 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0xa << 25\n.endm\n"
  ".macro p.mac d, a, b\n .4byte 0x33 | .Lpx_\\d << 7 | 0 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x21 << 25\n.endm\n"
  ".macro p.msu d, a, b\n .4byte 0x33 | .Lpx_\\d << 7 | 1 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x21 << 25\n.endm\n"
  ".macro p.ror d, a, b\n .4byte 0x33 | .Lpx_\\d << 7 | 5 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x4 << 25\n.endm\n"
  ".macro p.abs d, a\n .4byte 0x33 | .Lpx_\\d << 7 | 0 << 12 | .Lpx_\\a << 15 | 0x2 << 25\n.endm\n"
  ".macro p.exths d, a\n .4byte 0x33 | .Lpx_\\d << 7 | 4 << 12 | .Lpx_\\a << 15 | 0x8 << 25\n.endm\n"
  ".macro p.exthz d, a\n .4byte 0x33 | .Lpx_\\d << 7 | 5 << 12 | .Lpx_\\a << 15 | 0x8 << 25\n.endm\n"
  ".macro p.extbs d, a\n .4byte 0x33 | .Lpx_\\d << 7 | 6 << 12 | .Lpx_\\a << 15 | 0x8 << 25\n.endm\n"
  ".macro p.extbz d, a\n .4byte 0x33 | .Lpx_\\d << 7 | 7 << 12 | .Lpx_\\a << 15 | 0x8 << 25\n.endm\n"
  ".macro p.ff1 d, a\n .4byte 0x33 | .Lpx_\\d << 7 | 0 << 12 | .Lpx_\\a << 15 | 0x8 << 25\n.endm\n"
  ".macro p.fl1 d, a\n .4byte 0x33 | .Lpx_\\d << 7 | 1 << 12 | .Lpx_\\a << 15 | 0x8 << 25\n.endm\n"
  ".macro p.clb d, a\n .4byte 0x33 | .Lpx_\\d << 7 | 2 << 12 | .Lpx_\\a << 15 | 0x8 << 25\n.endm\n"
  ".macro p.clip d, a, i\n .4byte 0x33 | .Lpx_\\d << 7 | 1 << 12 | .Lpx_\\a << 15 | (\\i) << 20 | 0xa << 25\n.endm\n"
  ".macro p.clipu d, a, i\n .4byte 0x33 | .Lpx_\\d << 7 | 2 << 12 | .Lpx_\\a << 15 | (\\i) << 20 | 0xa << 25\n.endm\n"
  ".macro p.extract d, a, w, i\n .4byte 0x33 | .Lpx_\\d << 7 | 0 << 12 | .Lpx_\\a << 15 | (\\i) << 20 | (0x60 | ((\\w) - 1)) << 25\n.endm\n"
  ".macro p.extractu d, a, w, i\n .4byte 0x33 | .Lpx_\\d << 7 | 1 << 12 | .Lpx_\\a << 15 | (\\i) << 20 | (0x60 | ((\\w) - 1)) << 25\n.endm\n"
  ".macro p.insert d, a, w, i\n .4byte 0x33 | .Lpx_\\d << 7 | 2 << 12 | .Lpx_\\a << 15 | (\\i) << 20 | (0x60 | ((\\w) - 1)) << 25\n.endm\n"
  ".macro p.bclr d, a, w, i\n .4byte 0x33 | .Lpx_\\d << 7 | 3 << 12 | .Lpx_\\a << 15 | (\\i) << 20 | (0x60 | ((\\w) - 1)) << 25\n.endm\n"
  ".macro p.bset d, a, w, i\n .4byte 0x33 | .Lpx_\\d << 7 | 4 << 12 | .Lpx_\\a << 15 | (\\i) << 20 | (0x60 | ((\\w) - 1)) << 25\n.endm\n"
  ".macro p.addN d, a, b, i\n .4byte 0x5b | .Lpx_\\d << 7 | 2 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | (0x0 | (\\i)) << 25\n.endm\n"
  ".macro p.adduN d, a, b, i\n .4byte 0x5b | .Lpx_\\d << 7 | 2 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | (0x40 | (\\i)) << 25\n.endm\n"
  ".macro p.addRN d, a, b, i\n .4byte 0x5b | .Lpx_\\d << 7 | 6 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | (0x0 | (\\i)) << 25\n.endm\n"
  ".macro p.adduRN d, a, b, i\n .4byte 0x5b | .Lpx_\\d << 7 | 6 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | (0x40 | (\\i)) << 25\n.endm\n"
  ".macro p.subN d, a, b, i\n .4byte 0x5b | .Lpx_\\d << 7 | 3 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | (0x0 | (\\i)) << 25\n.endm\n"
  ".macro p.subRN d, a, b, i\n .4byte 0x5b | .Lpx_\\d << 7 | 7 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | (0x0 | (\\i)) << 25\n.endm\n"
  ".macro p.mulsN d, a, b, i\n .4byte 0x5b | .Lpx_\\d << 7 | 0 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | (0x40 | (\\i)) << 25\n.endm\n"
  ".macro p.mulhhsN d, a, b, i\n .4byte 0x5b | .Lpx_\\d << 7 | 0 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | (0x60 | (\\i)) << 25\n.endm\n"
  ".macro p.muluN d, a, b, i\n .4byte 0x5b | .Lpx_\\d << 7 | 0 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | (0x0 | (\\i)) << 25\n.endm\n"
  ".macro p.mulhhuN d, a, b, i\n .4byte 0x5b | .Lpx_\\d << 7 | 0 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | (0x20 | (\\i)) << 25\n.endm\n"
  ".macro p.macsN d, a, b, i\n .4byte 0x5b | .Lpx_\\d << 7 | 1 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | (0x40 | (\\i)) << 25\n.endm\n"
  ".macro p.machhsN d, a, b, i\n .4byte 0x5b | .Lpx_\\d << 7 | 1 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | (0x60 | (\\i)) << 25\n.endm\n"
  ".macro p.macuN d, a, b, i\n .4byte 0x5b | .Lpx_\\d << 7 | 1 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | (0x0 | (\\i)) << 25\n.endm\n"
  ".macro p.machhuN d, a, b, i\n .4byte 0x5b | .Lpx_\\d << 7 | 1 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | (0x20 | (\\i)) << 25\n.endm\n"
  ".macro p.addNr d, a, b\n .4byte 0x5b | .Lpx_\\d << 7 | 2 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x20 << 25\n.endm\n"
  ".macro p.adduNr d, a, b\n .4byte 0x5b | .Lpx_\\d << 7 | 2 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x60 << 25\n.endm\n"
  ".macro p.addRNr d, a, b\n .4byte 0x5b | .Lpx_\\d << 7 | 6 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x20 << 25\n.endm\n"
  ".macro p.subNr d, a, b\n .4byte 0x5b | .Lpx_\\d << 7 | 3 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x20 << 25\n.endm\n"
  ".macro pv.add.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 0 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x0 << 25\n.endm\n"
  ".macro pv.add.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 1 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x0 << 25\n.endm\n"
  ".macro pv.add.sc.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 4 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x0 << 25\n.endm\n"
  ".macro pv.add.sc.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 5 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x0 << 25\n.endm\n"
  ".macro pv.sub.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 0 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x4 << 25\n.endm\n"
  ".macro pv.sub.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 1 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x4 << 25\n.endm\n"
  ".macro pv.sub.sc.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 4 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x4 << 25\n.endm\n"
  ".macro pv.sub.sc.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 5 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x4 << 25\n.endm\n"
  ".macro pv.avg.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 0 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x8 << 25\n.endm\n"
  ".macro pv.avg.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 1 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x8 << 25\n.endm\n"
  ".macro pv.avg.sc.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 4 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x8 << 25\n.endm\n"
  ".macro pv.avg.sc.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 5 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x8 << 25\n.endm\n"
  ".macro pv.avgu.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 0 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0xc << 25\n.endm\n"
  ".macro pv.avgu.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 1 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0xc << 25\n.endm\n"
  ".macro pv.avgu.sc.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 4 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0xc << 25\n.endm\n"
  ".macro pv.avgu.sc.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 5 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0xc << 25\n.endm\n"
  ".macro pv.min.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 0 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x10 << 25\n.endm\n"
  ".macro pv.min.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 1 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x10 << 25\n.endm\n"
  ".macro pv.min.sc.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 4 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x10 << 25\n.endm\n"
  ".macro pv.min.sc.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 5 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x10 << 25\n.endm\n"
  ".macro pv.minu.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 0 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x14 << 25\n.endm\n"
  ".macro pv.minu.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 1 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x14 << 25\n.endm\n"
  ".macro pv.minu.sc.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 4 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x14 << 25\n.endm\n"
  ".macro pv.minu.sc.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 5 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x14 << 25\n.endm\n"
  ".macro pv.max.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 0 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x18 << 25\n.endm\n"
  ".macro pv.max.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 1 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x18 << 25\n.endm\n"
  ".macro pv.max.sc.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 4 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x18 << 25\n.endm\n"
  ".macro pv.max.sc.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 5 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x18 << 25\n.endm\n"
  ".macro pv.maxu.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 0 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x1c << 25\n.endm\n"
  ".macro pv.maxu.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 1 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x1c << 25\n.endm\n"
  ".macro pv.maxu.sc.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 4 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x1c << 25\n.endm\n"
  ".macro pv.maxu.sc.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 5 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x1c << 25\n.endm\n"
  ".macro pv.srl.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 0 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x20 << 25\n.endm\n"
  ".macro pv.srl.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 1 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x20 << 25\n.endm\n"
  ".macro pv.srl.sc.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 4 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x20 << 25\n.endm\n"
  ".macro pv.srl.sc.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 5 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x20 << 25\n.endm\n"
  ".macro pv.sra.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 0 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x24 << 25\n.endm\n"
  ".macro pv.sra.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 1 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x24 << 25\n.endm\n"
  ".macro pv.sra.sc.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 4 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x24 << 25\n.endm\n"
  ".macro pv.sra.sc.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 5 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x24 << 25\n.endm\n"
  ".macro pv.sll.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 0 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x28 << 25\n.endm\n"
  ".macro pv.sll.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 1 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x28 << 25\n.endm\n"
  ".macro pv.sll.sc.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 4 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x28 << 25\n.endm\n"
  ".macro pv.sll.sc.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 5 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x28 << 25\n.endm\n"
  ".macro pv.or.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 0 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x2c << 25\n.endm\n"
  ".macro pv.or.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 1 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x2c << 25\n.endm\n"
  ".macro pv.or.sc.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 4 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x2c << 25\n.endm\n"
  ".macro pv.or.sc.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 5 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x2c << 25\n.endm\n"
  ".macro pv.xor.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 0 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x30 << 25\n.endm\n"
  ".macro pv.xor.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 1 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x30 << 25\n.endm\n"
  ".macro pv.xor.sc.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 4 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x30 << 25\n.endm\n"
  ".macro pv.xor.sc.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 5 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x30 << 25\n.endm\n"
  ".macro pv.and.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 0 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x34 << 25\n.endm\n"
  ".macro pv.and.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 1 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x34 << 25\n.endm\n"
  ".macro pv.and.sc.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 4 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x34 << 25\n.endm\n"
  ".macro pv.and.sc.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 5 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x34 << 25\n.endm\n"
  ".macro pv.cmpgt.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 0 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0xa << 25\n.endm\n"
  ".macro pv.cmpgt.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 1 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0xa << 25\n.endm\n"
  ".macro pv.cmpgt.sc.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 4 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0xa << 25\n.endm\n"
  ".macro pv.cmpgt.sc.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 5 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0xa << 25\n.endm\n"
  ".macro pv.cmplt.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 0 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x12 << 25\n.endm\n"
  ".macro pv.cmplt.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 1 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x12 << 25\n.endm\n"
  ".macro pv.cmplt.sc.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 4 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x12 << 25\n.endm\n"
  ".macro pv.cmplt.sc.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 5 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x12 << 25\n.endm\n"
  ".macro pv.cmpeq.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 0 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x2 << 25\n.endm\n"
  ".macro pv.cmpeq.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 1 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x2 << 25\n.endm\n"
  ".macro pv.cmpeq.sc.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 4 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x2 << 25\n.endm\n"
  ".macro pv.cmpeq.sc.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 5 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x2 << 25\n.endm\n"
  ".macro pv.dotup.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 0 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x40 << 25\n.endm\n"
  ".macro pv.dotup.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 1 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x40 << 25\n.endm\n"
  ".macro pv.dotup.sc.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 4 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x40 << 25\n.endm\n"
  ".macro pv.dotup.sc.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 5 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x40 << 25\n.endm\n"
  ".macro pv.dotusp.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 0 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x44 << 25\n.endm\n"
  ".macro pv.dotusp.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 1 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x44 << 25\n.endm\n"
  ".macro pv.dotusp.sc.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 4 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x44 << 25\n.endm\n"
  ".macro pv.dotusp.sc.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 5 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x44 << 25\n.endm\n"
  ".macro pv.dotsp.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 0 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x4c << 25\n.endm\n"
  ".macro pv.dotsp.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 1 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x4c << 25\n.endm\n"
  ".macro pv.dotsp.sc.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 4 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x4c << 25\n.endm\n"
  ".macro pv.dotsp.sc.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 5 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x4c << 25\n.endm\n"
  ".macro pv.sdotup.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 0 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x50 << 25\n.endm\n"
  ".macro pv.sdotup.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 1 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x50 << 25\n.endm\n"
  ".macro pv.sdotup.sc.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 4 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x50 << 25\n.endm\n"
  ".macro pv.sdotup.sc.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 5 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x50 << 25\n.endm\n"
  ".macro pv.sdotusp.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 0 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x54 << 25\n.endm\n"
  ".macro pv.sdotusp.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 1 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x54 << 25\n.endm\n"
  ".macro pv.sdotusp.sc.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 4 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x54 << 25\n.endm\n"
  ".macro pv.sdotusp.sc.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 5 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x54 << 25\n.endm\n"
  ".macro pv.sdotsp.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 0 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x5c << 25\n.endm\n"
  ".macro pv.sdotsp.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 1 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x5c << 25\n.endm\n"
  ".macro pv.sdotsp.sc.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 4 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x5c << 25\n.endm\n"
  ".macro pv.sdotsp.sc.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 5 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x5c << 25\n.endm\n"
  ".macro pv.add.sci.h d, a, i\n .4byte 0x57 | .Lpx_\\d << 7 | 6 << 12 | .Lpx_\\a << 15 | ((\\i) >> 1 & 31) << 20 | (0x0 | ((\\i) & 1)) << 25\n.endm\n"
  ".macro pv.add.sci.b d, a, i\n .4byte 0x57 | .Lpx_\\d << 7 | 7 << 12 | .Lpx_\\a << 15 | ((\\i) >> 1 & 31) << 20 | (0x0 | ((\\i) & 1)) << 25\n.endm\n"
  ".macro pv.sub.sci.h d, a, i\n .4byte 0x57 | .Lpx_\\d << 7 | 6 << 12 | .Lpx_\\a << 15 | ((\\i) >> 1 & 31) << 20 | (0x4 | ((\\i) & 1)) << 25\n.endm\n"
  ".macro pv.sub.sci.b d, a, i\n .4byte 0x57 | .Lpx_\\d << 7 | 7 << 12 | .Lpx_\\a << 15 | ((\\i) >> 1 & 31) << 20 | (0x4 | ((\\i) & 1)) << 25\n.endm\n"
  ".macro pv.avg.sci.h d, a, i\n .4byte 0x57 | .Lpx_\\d << 7 | 6 << 12 | .Lpx_\\a << 15 | ((\\i) >> 1 & 31) << 20 | (0x8 | ((\\i) & 1)) << 25\n.endm\n"
  ".macro pv.avg.sci.b d, a, i\n .4byte 0x57 | .Lpx_\\d << 7 | 7 << 12 | .Lpx_\\a << 15 | ((\\i) >> 1 & 31) << 20 | (0x8 | ((\\i) & 1)) << 25\n.endm\n"
  ".macro pv.avgu.sci.h d, a, i\n .4byte 0x57 | .Lpx_\\d << 7 | 6 << 12 | .Lpx_\\a << 15 | ((\\i) >> 1 & 31) << 20 | (0xc | ((\\i) & 1)) << 25\n.endm\n"
  ".macro pv.avgu.sci.b d, a, i\n .4byte 0x57 | .Lpx_\\d << 7 | 7 << 12 | .Lpx_\\a << 15 | ((\\i) >> 1 & 31) << 20 | (0xc | ((\\i) & 1)) << 25\n.endm\n"
  ".macro pv.min.sci.h d, a, i\n .4byte 0x57 | .Lpx_\\d << 7 | 6 << 12 | .Lpx_\\a << 15 | ((\\i) >> 1 & 31) << 20 | (0x10 | ((\\i) & 1)) << 25\n.endm\n"
  ".macro pv.min.sci.b d, a, i\n .4byte 0x57 | .Lpx_\\d << 7 | 7 << 12 | .Lpx_\\a << 15 | ((\\i) >> 1 & 31) << 20 | (0x10 | ((\\i) & 1)) << 25\n.endm\n"
  ".macro pv.minu.sci.h d, a, i\n .4byte 0x57 | .Lpx_\\d << 7 | 6 << 12 | .Lpx_\\a << 15 | ((\\i) >> 1 & 31) << 20 | (0x14 | ((\\i) & 1)) << 25\n.endm\n"
  ".macro pv.minu.sci.b d, a, i\n .4byte 0x57 | .Lpx_\\d << 7 | 7 << 12 | .Lpx_\\a << 15 | ((\\i) >> 1 & 31) << 20 | (0x14 | ((\\i) & 1)) << 25\n.endm\n"
  ".macro pv.max.sci.h d, a, i\n .4byte 0x57 | .Lpx_\\d << 7 | 6 << 12 | .Lpx_\\a << 15 | ((\\i) >> 1 & 31) << 20 | (0x18 | ((\\i) & 1)) << 25\n.endm\n"
  ".macro pv.max.sci.b d, a, i\n .4byte 0x57 | .Lpx_\\d << 7 | 7 << 12 | .Lpx_\\a << 15 | ((\\i) >> 1 & 31) << 20 | (0x18 | ((\\i) & 1)) << 25\n.endm\n"
  ".macro pv.maxu.sci.h d, a, i\n .4byte 0x57 | .Lpx_\\d << 7 | 6 << 12 | .Lpx_\\a << 15 | ((\\i) >> 1 & 31) << 20 | (0x1c | ((\\i) & 1)) << 25\n.endm\n"
  ".macro pv.maxu.sci.b d, a, i\n .4byte 0x57 | .Lpx_\\d << 7 | 7 << 12 | .Lpx_\\a << 15 | ((\\i) >> 1 & 31) << 20 | (0x1c | ((\\i) & 1)) << 25\n.endm\n"
  ".macro pv.srl.sci.h d, a, i\n .4byte 0x57 | .Lpx_\\d << 7 | 6 << 12 | .Lpx_\\a << 15 | ((\\i) >> 1 & 31) << 20 | (0x20 | ((\\i) & 1)) << 25\n.endm\n"
  ".macro pv.srl.sci.b d, a, i\n .4byte 0x57 | .Lpx_\\d << 7 | 7 << 12 | .Lpx_\\a << 15 | ((\\i) >> 1 & 31) << 20 | (0x20 | ((\\i) & 1)) << 25\n.endm\n"
  ".macro pv.sra.sci.h d, a, i\n .4byte 0x57 | .Lpx_\\d << 7 | 6 << 12 | .Lpx_\\a << 15 | ((\\i) >> 1 & 31) << 20 | (0x24 | ((\\i) & 1)) << 25\n.endm\n"
  ".macro pv.sra.sci.b d, a, i\n .4byte 0x57 | .Lpx_\\d << 7 | 7 << 12 | .Lpx_\\a << 15 | ((\\i) >> 1 & 31) << 20 | (0x24 | ((\\i) & 1)) << 25\n.endm\n"
  ".macro pv.sll.sci.h d, a, i\n .4byte 0x57 | .Lpx_\\d << 7 | 6 << 12 | .Lpx_\\a << 15 | ((\\i) >> 1 & 31) << 20 | (0x28 | ((\\i) & 1)) << 25\n.endm\n"
  ".macro pv.sll.sci.b d, a, i\n .4byte 0x57 | .Lpx_\\d << 7 | 7 << 12 | .Lpx_\\a << 15 | ((\\i) >> 1 & 31) << 20 | (0x28 | ((\\i) & 1)) << 25\n.endm\n"
  ".macro pv.or.sci.h d, a, i\n .4byte 0x57 | .Lpx_\\d << 7 | 6 << 12 | .Lpx_\\a << 15 | ((\\i) >> 1 & 31) << 20 | (0x2c | ((\\i) & 1)) << 25\n.endm\n"
  ".macro pv.or.sci.b d, a, i\n .4byte 0x57 | .Lpx_\\d << 7 | 7 << 12 | .Lpx_\\a << 15 | ((\\i) >> 1 & 31) << 20 | (0x2c | ((\\i) & 1)) << 25\n.endm\n"
  ".macro pv.xor.sci.h d, a, i\n .4byte 0x57 | .Lpx_\\d << 7 | 6 << 12 | .Lpx_\\a << 15 | ((\\i) >> 1 & 31) << 20 | (0x30 | ((\\i) & 1)) << 25\n.endm\n"
  ".macro pv.xor.sci.b d, a, i\n .4byte 0x57 | .Lpx_\\d << 7 | 7 << 12 | .Lpx_\\a << 15 | ((\\i) >> 1 & 31) << 20 | (0x30 | ((\\i) & 1)) << 25\n.endm\n"
  ".macro pv.and.sci.h d, a, i\n .4byte 0x57 | .Lpx_\\d << 7 | 6 << 12 | .Lpx_\\a << 15 | ((\\i) >> 1 & 31) << 20 | (0x34 | ((\\i) & 1)) << 25\n.endm\n"
  ".macro pv.and.sci.b d, a, i\n .4byte 0x57 | .Lpx_\\d << 7 | 7 << 12 | .Lpx_\\a << 15 | ((\\i) >> 1 & 31) << 20 | (0x34 | ((\\i) & 1)) << 25\n.endm\n"
  ".macro pv.cmpgt.sci.h d, a, i\n .4byte 0x57 | .Lpx_\\d << 7 | 6 << 12 | .Lpx_\\a << 15 | ((\\i) >> 1 & 31) << 20 | (0xa | ((\\i) & 1)) << 25\n.endm\n"
  ".macro pv.cmpgt.sci.b d, a, i\n .4byte 0x57 | .Lpx_\\d << 7 | 7 << 12 | .Lpx_\\a << 15 | ((\\i) >> 1 & 31) << 20 | (0xa | ((\\i) & 1)) << 25\n.endm\n"
  ".macro pv.cmplt.sci.h d, a, i\n .4byte 0x57 | .Lpx_\\d << 7 | 6 << 12 | .Lpx_\\a << 15 | ((\\i) >> 1 & 31) << 20 | (0x12 | ((\\i) & 1)) << 25\n.endm\n"
  ".macro pv.cmplt.sci.b d, a, i\n .4byte 0x57 | .Lpx_\\d << 7 | 7 << 12 | .Lpx_\\a << 15 | ((\\i) >> 1 & 31) << 20 | (0x12 | ((\\i) & 1)) << 25\n.endm\n"
  ".macro pv.cmpeq.sci.h d, a, i\n .4byte 0x57 | .Lpx_\\d << 7 | 6 << 12 | .Lpx_\\a << 15 | ((\\i) >> 1 & 31) << 20 | (0x2 | ((\\i) & 1)) << 25\n.endm\n"
  ".macro pv.cmpeq.sci.b d, a, i\n .4byte 0x57 | .Lpx_\\d << 7 | 7 << 12 | .Lpx_\\a << 15 | ((\\i) >> 1 & 31) << 20 | (0x2 | ((\\i) & 1)) << 25\n.endm\n"
  ".macro pv.abs.h d, a\n .4byte 0x57 | .Lpx_\\d << 7 | 0 << 12 | .Lpx_\\a << 15 | 0x38 << 25\n.endm\n"
  ".macro pv.abs.b d, a\n .4byte 0x57 | .Lpx_\\d << 7 | 1 << 12 | .Lpx_\\a << 15 | 0x38 << 25\n.endm\n"
  ".macro pv.extract.h d, a, i\n .4byte 0x57 | .Lpx_\\d << 7 | 6 << 12 | .Lpx_\\a << 15 | ((\\i) >> 1 & 31) << 20 | (0x3c | ((\\i) & 1)) << 25\n.endm\n"
  ".macro pv.extract.b d, a, i\n .4byte 0x57 | .Lpx_\\d << 7 | 7 << 12 | .Lpx_\\a << 15 | ((\\i) >> 1 & 31) << 20 | (0x3c | ((\\i) & 1)) << 25\n.endm\n"
  ".macro pv.extractu.h d, a, i\n .4byte 0x57 | .Lpx_\\d << 7 | 6 << 12 | .Lpx_\\a << 15 | ((\\i) >> 1 & 31) << 20 | (0x48 | ((\\i) & 1)) << 25\n.endm\n"
  ".macro pv.extractu.b d, a, i\n .4byte 0x57 | .Lpx_\\d << 7 | 7 << 12 | .Lpx_\\a << 15 | ((\\i) >> 1 & 31) << 20 | (0x48 | ((\\i) & 1)) << 25\n.endm\n"
  ".macro pv.insert.h d, a, i\n .4byte 0x57 | .Lpx_\\d << 7 | 6 << 12 | .Lpx_\\a << 15 | ((\\i) >> 1 & 31) << 20 | (0x58 | ((\\i) & 1)) << 25\n.endm\n"
  ".macro pv.insert.b d, a, i\n .4byte 0x57 | .Lpx_\\d << 7 | 7 << 12 | .Lpx_\\a << 15 | ((\\i) >> 1 & 31) << 20 | (0x58 | ((\\i) & 1)) << 25\n.endm\n"
  ".macro pv.shuffle.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 1 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x60 << 25\n.endm\n"
  ".macro pv.shuffle.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 0 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x60 << 25\n.endm\n"
  ".macro pv.shuffle2.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 1 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x64 << 25\n.endm\n"
  ".macro pv.shuffle2.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 0 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x64 << 25\n.endm\n"
  ".macro pv.pack.h d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 0 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x68 << 25\n.endm\n"
  ".macro pv.packhi.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 1 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x6c << 25\n.endm\n"
  ".macro pv.packlo.b d, a, b\n .4byte 0x57 | .Lpx_\\d << 7 | 1 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | 0x70 << 25\n.endm\n"
  ".macro lp.starti l, to\n .4byte 0x7b | \\l << 7 | 0 << 12 | (((\\to) - .) / 2) << 20\n.endm\n"
  ".macro lp.endi l, to\n .4byte 0x7b | \\l << 7 | 1 << 12 | (((\\to) - .) / 2) << 20\n.endm\n"
  ".macro lp.count l, a\n .4byte 0x7b | \\l << 7 | 2 << 12 | .Lpx_\\a << 15\n.endm\n"
  ".macro lp.counti l, i\n .4byte 0x7b | \\l << 7 | 3 << 12 | (\\i) << 20\n.endm\n"
  ".macro lp.setup l, a, to\n .4byte 0x7b | \\l << 7 | 4 << 12 | .Lpx_\\a << 15 | (((\\to) - .) / 2) << 20\n.endm\n"
  ".macro lp.setupi l, i, to\n .4byte 0x7b | \\l << 7 | 5 << 12 | (((\\to) - .) / 2) << 15 | (\\i) << 20\n.endm\n"
);

/*
 * Loops in assembler: `lp.setup l, count, end` repeats what follows, up to and including the instruction at `end` (not
 * behind it). Between these, and not a jump as the last instruction; l is 0 for the inner loop, 1 for the outer one.
 */
#define PULSEC_ASM_BEGIN ".option push\n.option norvc\n.option norelax\n"
#define PULSEC_ASM_END ".option pop\n"
/* clang-format on */
#endif

/* How the C functions execute an instruction, or compute the same. */
#ifdef PULSEC_XPULP
#define PULSEC_ASM2(name, a, b) ({ uint32_t d_; __asm__(name " %0, %1, %2" : "=r"(d_) : "r"(a), "r"(b)); d_; })
#define PULSEC_ASM1(name, a) ({ uint32_t d_; __asm__(name " %0, %1" : "=r"(d_) : "r"(a)); d_; })
#define PULSEC_ASM3(name, c, a, b) ({ uint32_t d_ = (uint32_t)(c); __asm__(name " %0, %1, %2" : "+r"(d_) : "r"(a), "r"(b)); d_; })
#define PULSEC_OR(real, portable) real
#else
#define PULSEC_OR(real, portable) portable
#endif

/* ---- lanes ---- */
PULSEC_INLINE int32_t pulsec_sb(uint32_t v, int i) { return (int8_t)(v >> (8 * i)); }
PULSEC_INLINE uint32_t pulsec_ub(uint32_t v, int i) { return (uint8_t)(v >> (8 * i)); }
PULSEC_INLINE int32_t pulsec_sh(uint32_t v, int i) { return (int16_t)(v >> (16 * i)); }
PULSEC_INLINE uint32_t pulsec_uh(uint32_t v, int i) { return (uint16_t)(v >> (16 * i)); }
PULSEC_INLINE uint32_t pulsec_bytes(uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
  return (a & 255) | (b & 255) << 8 | (c & 255) << 16 | (d & 255) << 24;
}
PULSEC_INLINE uint32_t pulsec_halves(uint32_t a, uint32_t b) { return (a & 65535) | (b & 65535) << 16; }
PULSEC_INLINE uint32_t pulsec_repeat_b(uint32_t v) { return (v & 255) * 0x01010101u; }
PULSEC_INLINE uint32_t pulsec_repeat_h(uint32_t v) { return (v & 65535) * 0x00010001u; }

/* floor(v / 2^s), and bits as a signed number, free of undefined behaviour. */
PULSEC_INLINE int32_t pulsec_sra(int32_t v, int s) { return v >= 0 ? v >> s : ~(~v >> s); }
PULSEC_INLINE int64_t pulsec_sra_wide(int64_t v, int s) { return v >= 0 ? v >> s : ~(~v >> s); }
PULSEC_INLINE int32_t pulsec_clamp(int32_t v, int32_t lo, int32_t hi) { return v < lo ? lo : v > hi ? hi : v; }

/* Sums of products of lanes; the second group adds to c. */

PULSEC_INLINE uint32_t pulsec_dotup_b(uint32_t a, uint32_t b) {
  return PULSEC_OR(PULSEC_ASM2("pv.dotup.b", a, b),
                   (uint32_t)pulsec_ub(a, 0) * (uint32_t)pulsec_ub(b, 0) + (uint32_t)pulsec_ub(a, 1) * (uint32_t)pulsec_ub(b, 1) + (uint32_t)pulsec_ub(a, 2) * (uint32_t)pulsec_ub(b, 2) + (uint32_t)pulsec_ub(a, 3) * (uint32_t)pulsec_ub(b, 3));
}
PULSEC_INLINE uint32_t pulsec_sdotup_b(uint32_t c, uint32_t a, uint32_t b) {
  return PULSEC_OR(PULSEC_ASM3("pv.sdotup.b", c, a, b), c + pulsec_dotup_b(a, b));
}
PULSEC_INLINE uint32_t pulsec_dotup_h(uint32_t a, uint32_t b) {
  return PULSEC_OR(PULSEC_ASM2("pv.dotup.h", a, b),
                   (uint32_t)pulsec_uh(a, 0) * (uint32_t)pulsec_uh(b, 0) + (uint32_t)pulsec_uh(a, 1) * (uint32_t)pulsec_uh(b, 1));
}
PULSEC_INLINE uint32_t pulsec_sdotup_h(uint32_t c, uint32_t a, uint32_t b) {
  return PULSEC_OR(PULSEC_ASM3("pv.sdotup.h", c, a, b), c + pulsec_dotup_h(a, b));
}
PULSEC_INLINE uint32_t pulsec_dotusp_b(uint32_t a, uint32_t b) {
  return PULSEC_OR(PULSEC_ASM2("pv.dotusp.b", a, b),
                   (uint32_t)pulsec_ub(a, 0) * (uint32_t)pulsec_sb(b, 0) + (uint32_t)pulsec_ub(a, 1) * (uint32_t)pulsec_sb(b, 1) + (uint32_t)pulsec_ub(a, 2) * (uint32_t)pulsec_sb(b, 2) + (uint32_t)pulsec_ub(a, 3) * (uint32_t)pulsec_sb(b, 3));
}
PULSEC_INLINE uint32_t pulsec_sdotusp_b(uint32_t c, uint32_t a, uint32_t b) {
  return PULSEC_OR(PULSEC_ASM3("pv.sdotusp.b", c, a, b), c + pulsec_dotusp_b(a, b));
}
PULSEC_INLINE uint32_t pulsec_dotusp_h(uint32_t a, uint32_t b) {
  return PULSEC_OR(PULSEC_ASM2("pv.dotusp.h", a, b),
                   (uint32_t)pulsec_uh(a, 0) * (uint32_t)pulsec_sh(b, 0) + (uint32_t)pulsec_uh(a, 1) * (uint32_t)pulsec_sh(b, 1));
}
PULSEC_INLINE uint32_t pulsec_sdotusp_h(uint32_t c, uint32_t a, uint32_t b) {
  return PULSEC_OR(PULSEC_ASM3("pv.sdotusp.h", c, a, b), c + pulsec_dotusp_h(a, b));
}
PULSEC_INLINE uint32_t pulsec_dotsp_b(uint32_t a, uint32_t b) {
  return PULSEC_OR(PULSEC_ASM2("pv.dotsp.b", a, b),
                   (uint32_t)pulsec_sb(a, 0) * (uint32_t)pulsec_sb(b, 0) + (uint32_t)pulsec_sb(a, 1) * (uint32_t)pulsec_sb(b, 1) + (uint32_t)pulsec_sb(a, 2) * (uint32_t)pulsec_sb(b, 2) + (uint32_t)pulsec_sb(a, 3) * (uint32_t)pulsec_sb(b, 3));
}
PULSEC_INLINE uint32_t pulsec_sdotsp_b(uint32_t c, uint32_t a, uint32_t b) {
  return PULSEC_OR(PULSEC_ASM3("pv.sdotsp.b", c, a, b), c + pulsec_dotsp_b(a, b));
}
PULSEC_INLINE uint32_t pulsec_dotsp_h(uint32_t a, uint32_t b) {
  return PULSEC_OR(PULSEC_ASM2("pv.dotsp.h", a, b),
                   (uint32_t)pulsec_sh(a, 0) * (uint32_t)pulsec_sh(b, 0) + (uint32_t)pulsec_sh(a, 1) * (uint32_t)pulsec_sh(b, 1));
}
PULSEC_INLINE uint32_t pulsec_sdotsp_h(uint32_t c, uint32_t a, uint32_t b) {
  return PULSEC_OR(PULSEC_ASM3("pv.sdotsp.h", c, a, b), c + pulsec_dotsp_h(a, b));
}

/* The same operation on each lane, wrapping; shifts take their amount from the lanes of b. */
#define PULSEC_LANES(name, mnemonic, sign, op) \
  PULSEC_INLINE uint32_t pulsec_##name##_b(uint32_t a, uint32_t b) { \
    return PULSEC_OR(PULSEC_ASM2("pv." mnemonic ".b", a, b), \
                     pulsec_bytes(op(pulsec_##sign##b(a, 0), pulsec_##sign##b(b, 0)), op(pulsec_##sign##b(a, 1), pulsec_##sign##b(b, 1)), \
                                  op(pulsec_##sign##b(a, 2), pulsec_##sign##b(b, 2)), op(pulsec_##sign##b(a, 3), pulsec_##sign##b(b, 3)))); \
  } \
  PULSEC_INLINE uint32_t pulsec_##name##_h(uint32_t a, uint32_t b) { \
    return PULSEC_OR(PULSEC_ASM2("pv." mnemonic ".h", a, b), \
                     pulsec_halves(op(pulsec_##sign##h(a, 0), pulsec_##sign##h(b, 0)), op(pulsec_##sign##h(a, 1), pulsec_##sign##h(b, 1)))); \
  }
#define PULSEC_OP_ADD(x, y) ((uint32_t)(x) + (uint32_t)(y))
#define PULSEC_OP_SUB(x, y) ((uint32_t)(x) - (uint32_t)(y))
#define PULSEC_OP_MIN(x, y) ((uint32_t)((x) < (y) ? (x) : (y)))
#define PULSEC_OP_MAX(x, y) ((uint32_t)((x) > (y) ? (x) : (y)))
#define PULSEC_OP_SRL(x, y) ((uint32_t)(x) >> (y))
#define PULSEC_OP_SRA(x, y) ((uint32_t)pulsec_sra((x), (int)(y)))
#define PULSEC_OP_SLL(x, y) ((uint32_t)(x) << (y))
PULSEC_LANES(add, "add", u, PULSEC_OP_ADD)
PULSEC_LANES(sub, "sub", u, PULSEC_OP_SUB)
PULSEC_LANES(min, "min", s, PULSEC_OP_MIN)
PULSEC_LANES(max, "max", s, PULSEC_OP_MAX)
PULSEC_LANES(minu, "minu", u, PULSEC_OP_MIN)
PULSEC_LANES(maxu, "maxu", u, PULSEC_OP_MAX)
PULSEC_LANES(srl, "srl", u, PULSEC_OP_SRL)
PULSEC_LANES(sra, "sra", s, PULSEC_OP_SRA)
PULSEC_LANES(sll, "sll", u, PULSEC_OP_SLL)

/* ---- moving lanes ---- */
/* Lane i of the result is the lane of {d (0..3), a (4..7)} that byte i of s says; .h: {d (0, 1), a (2, 3)}. */
PULSEC_INLINE uint32_t pulsec_pick_b(uint32_t d, uint32_t a, uint32_t s) { return pulsec_ub(s & 4 ? a : d, (int)(s & 3)); }
PULSEC_INLINE uint32_t pulsec_pick_h(uint32_t d, uint32_t a, uint32_t s) { return pulsec_uh(s & 2 ? a : d, (int)(s & 1)); }
PULSEC_INLINE uint32_t pulsec_shuffle2_b(uint32_t d, uint32_t a, uint32_t s) {
  return PULSEC_OR(PULSEC_ASM3("pv.shuffle2.b", d, a, s),
                   pulsec_bytes(pulsec_pick_b(d, a, s), pulsec_pick_b(d, a, s >> 8), pulsec_pick_b(d, a, s >> 16), pulsec_pick_b(d, a, s >> 24)));
}
PULSEC_INLINE uint32_t pulsec_shuffle2_h(uint32_t d, uint32_t a, uint32_t s) {
  return PULSEC_OR(PULSEC_ASM3("pv.shuffle2.h", d, a, s), pulsec_halves(pulsec_pick_h(d, a, s), pulsec_pick_h(d, a, s >> 16)));
}
PULSEC_INLINE uint32_t pulsec_shuffle_b(uint32_t a, uint32_t s) {
  return PULSEC_OR(PULSEC_ASM2("pv.shuffle.b", a, s),
                   pulsec_bytes(pulsec_pick_b(a, a, s), pulsec_pick_b(a, a, s >> 8), pulsec_pick_b(a, a, s >> 16), pulsec_pick_b(a, a, s >> 24)));
}
/* a becomes the upper half, b the lower. */
PULSEC_INLINE uint32_t pulsec_pack_h(uint32_t a, uint32_t b) { return PULSEC_OR(PULSEC_ASM2("pv.pack.h", a, b), pulsec_halves(b, a)); }
/* Bytes 3 and 2 (hi) or 1 and 0 (lo) of d become the low bytes of a and b. */
PULSEC_INLINE uint32_t pulsec_packhi_b(uint32_t d, uint32_t a, uint32_t b) {
  return PULSEC_OR(PULSEC_ASM3("pv.packhi.b", d, a, b), (d & 0xffff) | (b & 255) << 16 | (a & 255) << 24);
}
PULSEC_INLINE uint32_t pulsec_packlo_b(uint32_t d, uint32_t a, uint32_t b) {
  return PULSEC_OR(PULSEC_ASM3("pv.packlo.b", d, a, b), (d & 0xffff0000u) | (b & 255) | (a & 255) << 8);
}
/* Four bytes, the first lowest. */
PULSEC_INLINE uint32_t pulsec_pack4(int32_t a, int32_t b, int32_t c, int32_t d) {
#ifdef PULSEC_XPULP
  uint32_t v;
  __asm__("pv.packlo.b %0, %2, %1\n\tpv.packhi.b %0, %4, %3" : "=&r"(v) : "r"(a), "r"(b), "r"(c), "r"(d));
  return v;
#else
  return pulsec_bytes((uint32_t)a, (uint32_t)b, (uint32_t)c, (uint32_t)d);
#endif
}

/* ---- scalars ---- */
PULSEC_INLINE int32_t pulsec_min(int32_t a, int32_t b) { return PULSEC_OR((int32_t)PULSEC_ASM2("p.min", a, b), a < b ? a : b); }
PULSEC_INLINE int32_t pulsec_max(int32_t a, int32_t b) { return PULSEC_OR((int32_t)PULSEC_ASM2("p.max", a, b), a > b ? a : b); }
/* c + a * b modulo 2^32. */
PULSEC_INLINE int32_t pulsec_mac(int32_t c, int32_t a, int32_t b) {
  return PULSEC_OR((int32_t)PULSEC_ASM3("p.mac", c, a, b), (int32_t)((uint32_t)c + (uint32_t)a * (uint32_t)b));
}
/* Clamped to [-hi - 1, hi], and to [0, hi]. */
PULSEC_INLINE int32_t pulsec_clipr(int32_t a, int32_t hi) { return PULSEC_OR((int32_t)PULSEC_ASM2("p.clipr", a, hi), pulsec_clamp(a, -hi - 1, hi)); }
PULSEC_INLINE int32_t pulsec_clipur(int32_t a, int32_t hi) { return PULSEC_OR((int32_t)PULSEC_ASM2("p.clipur", a, hi), pulsec_clamp(a, 0, hi)); }
/* floor((a + b) / 2^s), the sum modulo 2^32; s is 0 to 31. */
PULSEC_INLINE int32_t pulsec_add_sra(int32_t a, int32_t b, int32_t s) {
#ifdef PULSEC_XPULP
  if (__builtin_constant_p(s)) {
    int32_t d;
    __asm__("p.addN %0, %1, %2, %3" : "=r"(d) : "r"(a), "r"(b), "i"(__builtin_constant_p(s) ? s & 31 : 0));
    return d;
  }
  return (int32_t)PULSEC_ASM3("p.addNr", a, b, s);
#else
  return pulsec_sra((int32_t)((uint32_t)a + (uint32_t)b), s);
#endif
}
/* p.clip and p.clipu count one bit more than their greatest result has. */
#define PULSEC_CLIP_BITS(hi) (!__builtin_constant_p(hi) ? 0 : (hi) <= 0 ? 1 : 33 - __builtin_clz((unsigned)(hi)))
/* Clamped to [lo, hi]: one instruction where these are the ends of a format and known to the compiler. */
PULSEC_INLINE int32_t pulsec_clip(int32_t v, int32_t lo, int32_t hi) {
#ifdef PULSEC_XPULP
  if (__builtin_constant_p(lo) && __builtin_constant_p(hi) && lo == 0 && ((hi + 1) & hi) == 0) {
    int32_t d;
    __asm__("p.clipu %0, %1, %2" : "=r"(d) : "r"(v), "i"(PULSEC_CLIP_BITS(hi)));
    return d;
  }
  if (__builtin_constant_p(lo) && __builtin_constant_p(hi) && lo == -hi - 1 && ((hi + 1) & hi) == 0) {
    int32_t d;
    __asm__("p.clip %0, %1, %2" : "=r"(d) : "r"(v), "i"(PULSEC_CLIP_BITS(hi)));
    return d;
  }
  return pulsec_min(pulsec_max(v, lo), hi);
#else
  return pulsec_clamp(v, lo, hi);
#endif
}

/* ---- memory: loads and stores that move their pointer by `step` bytes, a constant ---- */
PULSEC_INLINE uint32_t pulsec_lw(const void *p) { uint32_t v; memcpy(&v, p, 4); return v; }
#ifdef PULSEC_XPULP
#define PULSEC_LOAD_POST(type, mnemonic, p, step) \
  ({ uint32_t d_; __asm__ volatile(mnemonic " %0, %1, %2" : "=&r"(d_), "+r"(p) : "i"(step) : "memory"); (type)d_; })
#define PULSEC_STORE_POST(type, mnemonic, p, v, step) \
  __asm__ volatile(mnemonic " %1, %0, %2" : "+r"(p) : "r"(v), "i"(step) : "memory")
#else
#define PULSEC_MOVE(p, step) ((p) = (__typeof__(p))((uintptr_t)(p) + (uintptr_t)(intptr_t)(step)))
#define PULSEC_LOAD_POST(type, mnemonic, p, step) \
  ({ type d_; memcpy(&d_, (p), sizeof d_); PULSEC_MOVE(p, step); d_; })
#define PULSEC_STORE_POST(type, mnemonic, p, v, step) \
  do { const type d_ = (type)(v); memcpy((void *)(uintptr_t)(p), &d_, sizeof d_); PULSEC_MOVE(p, step); } while (0)
#endif
#define PULSEC_LW(p, step) PULSEC_LOAD_POST(uint32_t, "p.lw.post", p, step)
#define PULSEC_LH(p, step) PULSEC_LOAD_POST(int16_t, "p.lh.post", p, step)
#define PULSEC_LHU(p, step) PULSEC_LOAD_POST(uint16_t, "p.lhu.post", p, step)
#define PULSEC_LB(p, step) PULSEC_LOAD_POST(int8_t, "p.lb.post", p, step)
#define PULSEC_LBU(p, step) PULSEC_LOAD_POST(uint8_t, "p.lbu.post", p, step)
#define PULSEC_SW(p, v, step) PULSEC_STORE_POST(uint32_t, "p.sw.post", p, v, step)
#define PULSEC_SH(p, v, step) PULSEC_STORE_POST(uint16_t, "p.sh.post", p, v, step)
#define PULSEC_SB(p, v, step) PULSEC_STORE_POST(uint8_t, "p.sb.post", p, v, step)

#endif
