/*
 * pulsec: the builtins of PULP's compiler as instructions of the processor, for stock gcc; pulsec_pulp_compat.h includes it
 * where PULSEC_GAP8 is defined. What is not here stays plain C, which gcc compiles well enough.
 */
#ifndef PULSEC_PULP_XPULP_H
#define PULSEC_PULP_XPULP_H

#include "pulsec_xpulp.h"

#define PULSEC_W(x) ((uint32_t)(x))

/* ---- lanes ---- */
#define PULSEC_REAL4(T, mnemonic, a, b) ((T)PULSEC_ASM2("pv." mnemonic ".b", PULSEC_W(a), PULSEC_W(b)))
#define PULSEC_REAL2(T, mnemonic, a, b) ((T)PULSEC_ASM2("pv." mnemonic ".h", PULSEC_W(a), PULSEC_W(b)))
#undef __builtin_pulp_add4
#undef __builtin_pulp_add2
#undef __builtin_pulp_sub4
#undef __builtin_pulp_sub2
#undef __builtin_pulp_avg4
#undef __builtin_pulp_avg2
#undef __builtin_pulp_avgu4
#undef __builtin_pulp_avgu2
#undef __builtin_pulp_max4
#undef __builtin_pulp_max2
#undef __builtin_pulp_maxu4
#undef __builtin_pulp_maxu2
#undef __builtin_pulp_min4
#undef __builtin_pulp_min2
#undef __builtin_pulp_minu4
#undef __builtin_pulp_minu2
#undef __builtin_pulp_and4
#undef __builtin_pulp_and2
#undef __builtin_pulp_or4
#undef __builtin_pulp_or2
#undef __builtin_pulp_exor4
#undef __builtin_pulp_exor2
#undef __builtin_pulp_srl4
#undef __builtin_pulp_srl2
#undef __builtin_pulp_sra4
#undef __builtin_pulp_sra2
#undef __builtin_pulp_sll4
#undef __builtin_pulp_sll2
#define __builtin_pulp_add4(a, b) PULSEC_REAL4(v4s, "add", a, b)
#define __builtin_pulp_add2(a, b) PULSEC_REAL2(v2s, "add", a, b)
#define __builtin_pulp_sub4(a, b) PULSEC_REAL4(v4s, "sub", a, b)
#define __builtin_pulp_sub2(a, b) PULSEC_REAL2(v2s, "sub", a, b)
#define __builtin_pulp_avg4(a, b) PULSEC_REAL4(v4s, "avg", a, b)
#define __builtin_pulp_avg2(a, b) PULSEC_REAL2(v2s, "avg", a, b)
#define __builtin_pulp_avgu4(a, b) PULSEC_REAL4(v4u, "avgu", a, b)
#define __builtin_pulp_avgu2(a, b) PULSEC_REAL2(v2u, "avgu", a, b)
#define __builtin_pulp_max4(a, b) PULSEC_REAL4(v4s, "max", a, b)
#define __builtin_pulp_max2(a, b) PULSEC_REAL2(v2s, "max", a, b)
#define __builtin_pulp_maxu4(a, b) PULSEC_REAL4(v4u, "maxu", a, b)
#define __builtin_pulp_maxu2(a, b) PULSEC_REAL2(v2u, "maxu", a, b)
#define __builtin_pulp_min4(a, b) PULSEC_REAL4(v4s, "min", a, b)
#define __builtin_pulp_min2(a, b) PULSEC_REAL2(v2s, "min", a, b)
#define __builtin_pulp_minu4(a, b) PULSEC_REAL4(v4u, "minu", a, b)
#define __builtin_pulp_minu2(a, b) PULSEC_REAL2(v2u, "minu", a, b)
#define __builtin_pulp_and4(a, b) ((v4s)(PULSEC_W(a) & PULSEC_W(b)))
#define __builtin_pulp_and2(a, b) ((v2s)(PULSEC_W(a) & PULSEC_W(b)))
#define __builtin_pulp_or4(a, b) ((v4s)(PULSEC_W(a) | PULSEC_W(b)))
#define __builtin_pulp_or2(a, b) ((v2s)(PULSEC_W(a) | PULSEC_W(b)))
#define __builtin_pulp_exor4(a, b) ((v4s)(PULSEC_W(a) ^ PULSEC_W(b)))
#define __builtin_pulp_exor2(a, b) ((v2s)(PULSEC_W(a) ^ PULSEC_W(b)))
#define __builtin_pulp_srl4(a, b) PULSEC_REAL4(v4u, "srl", a, b)
#define __builtin_pulp_srl2(a, b) PULSEC_REAL2(v2u, "srl", a, b)
#define __builtin_pulp_sra4(a, b) PULSEC_REAL4(v4s, "sra", a, b)
#define __builtin_pulp_sra2(a, b) PULSEC_REAL2(v2s, "sra", a, b)
#define __builtin_pulp_sll4(a, b) PULSEC_REAL4(v4s, "sll", a, b)
#define __builtin_pulp_sll2(a, b) PULSEC_REAL2(v2s, "sll", a, b)

/* ---- dot products; of the forms with sc, the second factor is one for all lanes ---- */
#define PULSEC_DOT2(mnemonic, a, b) PULSEC_ASM2(mnemonic, PULSEC_W(a), PULSEC_W(b))
#define PULSEC_DOT3(mnemonic, a, b, c) PULSEC_ASM3(mnemonic, c, PULSEC_W(a), PULSEC_W(b))
#undef __builtin_pulp_dotsp4
#undef __builtin_pulp_dotup4
#undef __builtin_pulp_dotusp4
#undef __builtin_pulp_dotsp2
#undef __builtin_pulp_dotup2
#undef __builtin_pulp_dotusp2
#undef __builtin_pulp_sdotsp4
#undef __builtin_pulp_sdotup4
#undef __builtin_pulp_sdotusp4
#undef __builtin_pulp_sdotsp2
#undef __builtin_pulp_sdotup2
#undef __builtin_pulp_sdotusp2
#undef __builtin_pulp_dotspsc4
#undef __builtin_pulp_dotupsc4
#undef __builtin_pulp_dotuspsc4
#undef __builtin_pulp_dotspsc2
#undef __builtin_pulp_dotupsc2
#undef __builtin_pulp_dotuspsc2
#undef __builtin_pulp_sdotspsc4
#undef __builtin_pulp_sdotupsc4
#undef __builtin_pulp_sdotuspsc4
#undef __builtin_pulp_sdotspsc2
#undef __builtin_pulp_sdotupsc2
#undef __builtin_pulp_sdotuspsc2
#define __builtin_pulp_dotsp4(a, b) ((int)PULSEC_DOT2("pv.dotsp.b", a, b))
#define __builtin_pulp_dotup4(a, b) PULSEC_DOT2("pv.dotup.b", a, b)
#define __builtin_pulp_dotusp4(a, b) ((int)PULSEC_DOT2("pv.dotusp.b", a, b))
#define __builtin_pulp_dotsp2(a, b) ((int)PULSEC_DOT2("pv.dotsp.h", a, b))
#define __builtin_pulp_dotup2(a, b) PULSEC_DOT2("pv.dotup.h", a, b)
#define __builtin_pulp_dotusp2(a, b) ((int)PULSEC_DOT2("pv.dotusp.h", a, b))
#define __builtin_pulp_sdotsp4(a, b, c) ((int)PULSEC_DOT3("pv.sdotsp.b", a, b, c))
#define __builtin_pulp_sdotup4(a, b, c) PULSEC_DOT3("pv.sdotup.b", a, b, c)
#define __builtin_pulp_sdotusp4(a, b, c) ((int)PULSEC_DOT3("pv.sdotusp.b", a, b, c))
#define __builtin_pulp_sdotsp2(a, b, c) ((int)PULSEC_DOT3("pv.sdotsp.h", a, b, c))
#define __builtin_pulp_sdotup2(a, b, c) PULSEC_DOT3("pv.sdotup.h", a, b, c)
#define __builtin_pulp_sdotusp2(a, b, c) ((int)PULSEC_DOT3("pv.sdotusp.h", a, b, c))
#define __builtin_pulp_dotspsc4(a, b) ((int)PULSEC_DOT2("pv.dotsp.sc.b", a, b))
#define __builtin_pulp_dotupsc4(a, b) PULSEC_DOT2("pv.dotup.sc.b", a, b)
#define __builtin_pulp_dotuspsc4(a, b) ((int)PULSEC_DOT2("pv.dotusp.sc.b", a, b))
#define __builtin_pulp_dotspsc2(a, b) ((int)PULSEC_DOT2("pv.dotsp.sc.h", a, b))
#define __builtin_pulp_dotupsc2(a, b) PULSEC_DOT2("pv.dotup.sc.h", a, b)
#define __builtin_pulp_dotuspsc2(a, b) ((int)PULSEC_DOT2("pv.dotusp.sc.h", a, b))
#define __builtin_pulp_sdotspsc4(a, b, c) ((int)PULSEC_DOT3("pv.sdotsp.sc.b", a, b, c))
#define __builtin_pulp_sdotupsc4(a, b, c) PULSEC_DOT3("pv.sdotup.sc.b", a, b, c)
#define __builtin_pulp_sdotuspsc4(a, b, c) ((int)PULSEC_DOT3("pv.sdotusp.sc.b", a, b, c))
#define __builtin_pulp_sdotspsc2(a, b, c) ((int)PULSEC_DOT3("pv.sdotsp.sc.h", a, b, c))
#define __builtin_pulp_sdotupsc2(a, b, c) PULSEC_DOT3("pv.sdotup.sc.h", a, b, c)
#define __builtin_pulp_sdotuspsc2(a, b, c) ((int)PULSEC_DOT3("pv.sdotusp.sc.h", a, b, c))

/* ---- moving lanes ---- */
#undef __builtin_pulp_shuffleb
#undef __builtin_pulp_shuffle4b
#undef __builtin_pulp_shuffle2h
#undef __builtin_pulp_pack4
#undef __builtin_pulp_pack4u
#undef __builtin_pulp_pack2
#define __builtin_pulp_shuffleb(a, s) ((v4s)pulsec_shuffle_b(PULSEC_W(a), PULSEC_W(s)))
#define __builtin_pulp_shuffle4b(a, b, s) ((v4s)pulsec_shuffle2_b(PULSEC_W(a), PULSEC_W(b), PULSEC_W(s)))
#define __builtin_pulp_shuffle2h(a, b, s) ((v2s)pulsec_shuffle2_h(PULSEC_W(a), PULSEC_W(b), PULSEC_W(s)))
#define __builtin_pulp_pack4(x, y, z, t) ((v4s)pulsec_pack4((x), (y), (z), (t)))
#define __builtin_pulp_pack4u(x, y, z, t) ((v4u)pulsec_pack4((x), (y), (z), (t)))
#define __builtin_pulp_pack2(x, y) ((v2s)pulsec_pack_h(PULSEC_W(y), PULSEC_W(x)))

/* ---- one register ---- */
#undef __builtin_pulp_clip
#undef __builtin_pulp_clipu
#undef __builtin_pulp_clip_r
#undef __builtin_pulp_clipu_r
#undef __builtin_pulp_maxsi
#undef __builtin_pulp_minsi
#undef __builtin_pulp_maxusi
#undef __builtin_pulp_minusi
#undef __builtin_pulp_ff1
#undef __builtin_pulp_fl1
#undef __builtin_pulp_clb
#undef __builtin_pulp_rotr
#undef __builtin_pulp_mac
#undef __builtin_pulp_msu
#undef __builtin_pulp_addN
#define __builtin_pulp_clip(x, lo, hi) pulsec_clip((int)(x), (lo), (hi))
#define __builtin_pulp_clipu(x, lo, hi) ((unsigned int)pulsec_clip((int)(x), (lo), (hi)))
#define __builtin_pulp_clip_r(x, bound) pulsec_clipr((int)(x), (int)(bound))
#define __builtin_pulp_clipu_r(x, bound) ((unsigned int)pulsec_clipur((int)(x), (int)(bound)))
#define __builtin_pulp_maxsi(a, b) pulsec_max((int)(a), (int)(b))
#define __builtin_pulp_minsi(a, b) pulsec_min((int)(a), (int)(b))
#define __builtin_pulp_maxusi(a, b) PULSEC_ASM2("p.maxu", PULSEC_W(a), PULSEC_W(b))
#define __builtin_pulp_minusi(a, b) PULSEC_ASM2("p.minu", PULSEC_W(a), PULSEC_W(b))
#define __builtin_pulp_ff1(x) ((int)PULSEC_ASM1("p.ff1", PULSEC_W(x)))
#define __builtin_pulp_fl1(x) ((int)PULSEC_ASM1("p.fl1", PULSEC_W(x)))
#define __builtin_pulp_clb(x) ((int)PULSEC_ASM1("p.clb", PULSEC_W(x)))
#define __builtin_pulp_rotr(x, n) ((int)PULSEC_ASM2("p.ror", PULSEC_W(x), PULSEC_W(n)))
#define __builtin_pulp_mac(x, y, c) pulsec_mac((int)(c), (int)(x), (int)(y))
#define __builtin_pulp_msu(x, y, c) ((int)PULSEC_ASM3("p.msu", c, PULSEC_W(x), PULSEC_W(y)))
#define __builtin_pulp_addN(x, y, n) pulsec_add_sra((int)(x), (int)(y), (n))

#endif
