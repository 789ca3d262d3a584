/* The builtins of pulsec_pulp_compat.h against values worked out by hand from the definitions of Xpulpv2. */
#include "rt/rt_api.h"

static int wrong, line;
#define IS(got, wanted)                                                                            \
  do {                                                                                             \
    const long long g = (got), w = (wanted);                                                       \
    if (g != w && !wrong++) line = __LINE__, printf("line %d: %lld, not %lld\n", __LINE__, g, w);  \
  } while (0)

static int bits_s(v4s v) { return (int)v; }
static int bits_u(v4u v) { return (int)v; }
static int bits_h(v2s v) { return (int)v; }

int main(void) {
  const v4u u = {1, 2, 255, 200};
  const v4s s = {-1, 3, -128, 127};
  const v2s h = {-30000, 20000};
  IS(__builtin_pulp_sdotusp4(u, s, 10), 10 - 1 + 6 - 32640 + 25400);
  IS(__builtin_pulp_dotusp4(u, s), -1 + 6 - 32640 + 25400);
  IS(__builtin_pulp_sdotsp4(s, s, 1), 1 + 1 + 9 + 16384 + 16129);
  IS(__builtin_pulp_sdotup4(u, u, 1), 1 + 1 + 4 + 65025 + 40000);
  IS(__builtin_pulp_sdotsp2(h, h, 0), 1300000000);
  IS(__builtin_pulp_sdotusp4(0x01010101, 0xffffffff, 0), -4);
  IS(__builtin_pulp_sdotsp4(s, s, 2147483647), -2147451126);
  IS(__builtin_pulp_sdotspsc4(s, -2, 0), -2);
  IS(bits_s(__builtin_pulp_max4(s, ((v4s){0, 0, 0, 0}))), 0x7f000300);
  IS(bits_u(__builtin_pulp_maxu4(u, ((v4u){3, 1, 254, 201}))), (int)0xc9ff0203);
  IS(bits_s(__builtin_pulp_min4(s, ((v4s){0, 0, 0, 0}))), 0x008000ff);
  IS(bits_s(__builtin_pulp_add4(s, ((v4s){1, 1, -1, 1}))), (int)0x807f0400);
  IS(bits_s(__builtin_pulp_avg4(s, ((v4s){0, 0, 0, 0}))), 0x3fc001ff);
  IS(bits_u(__builtin_pulp_avgu4(u, u)), bits_u(u));
  IS(bits_s(__builtin_pulp_sra4(s, ((v4s){1, 1, 1, 1}))), 0x3fc001ff);
  IS(bits_u(__builtin_pulp_srl4(u, ((v4u){1, 1, 1, 1}))), 0x647f0100);
  IS(bits_s(__builtin_pulp_abs4(s)), 0x7f800301);
  IS(bits_s(__builtin_pulp_pack4(1, -1, 2, -2)), (int)0xfe02ff01);
  IS(bits_h(__builtin_pulp_pack2(-1, 7)), 0x0007ffff);
  IS(bits_h(__builtin_pulp_sub2(h, ((v2s){10000, 1}))), 0x4e1f63c0);
  IS(__builtin_pulp_clip(300, -128, 127), 127);
  IS(__builtin_pulp_clip_r(-300, 127), -128);
  IS(__builtin_pulp_clipu_r(-5, 255), 0);
  IS(__builtin_pulp_clipu_r(256, 255), 255);
  IS(__builtin_pulp_maxsi(-3, 2), 2);
  IS(__builtin_pulp_minusi(-3, 2), 2);
  IS(__builtin_pulp_ff1(0x50), 4);
  IS(__builtin_pulp_ff1(0), 32);
  IS(__builtin_pulp_fl1(8), 3);
  IS(__builtin_pulp_fl1(0), 32);
  IS(__builtin_pulp_clb(0x00ffffff), 7);
  IS(__builtin_pulp_clb(-1), 31);
  IS(__builtin_pulp_clb(0), 0);
  IS(__builtin_pulp_cnt(0xf0f0), 8);
  IS((unsigned)__builtin_pulp_rotr(1, 1), 0x80000000u);
  IS(__builtin_pulp_bextract(0xf0, 4, 4), -1);
  IS(__builtin_pulp_bextractu(0xf0, 4, 4), 15);
  IS(__builtin_pulp_bextract_r(0x70, 3 << 5 | 4), 7);
  IS(__builtin_pulp_bextract(-5, 32, 0), -5);
  IS(__builtin_pulp_binsert(0xab, 0x0f, 0xc, 0xf0, 4), 0xcb);
  IS(__builtin_pulp_binsert_r(0xff, 0, 3 << 5 | 4), 0x0f);
  IS(__builtin_pulp_bset(1, 6), 7);
  IS(__builtin_pulp_bclr(7, ~6), 1);
  IS(__builtin_pulp_mac(-3, 4, 100), 88);
  IS(__builtin_pulp_msu(-3, 4, 100), 112);
  IS(__builtin_pulp_muls(0x1ffff, 3), -3);
  IS(__builtin_pulp_mulhhs(0xffff0000, 0x00030000), -3);
  IS(__builtin_pulp_mulsN(-3, 3, 1), -5);
  IS(__builtin_pulp_mulsRN(-3, 3, 1, 1), -4);
  IS(__builtin_pulp_addRN(5, 2, 1, 1), 4);
  IS(__builtin_pulp_addN(-5, 2, 1), -2);
  IS(__builtin_pulp_addRN(7, 0, 0, 0), 7);
  IS(rt_core_id(), 0);
  IS(pi_cl_cluster_nb_cores(), 1);
  pi_cl_dma_copy_t copy = {.ext = (uintptr_t)"abc", .loc = (uintptr_t)(char[4]){0}, .size = 4, .dir = 1};
  pi_cl_dma_memcpy(&copy);
  IS(memcmp((void *)copy.loc, "abc", 4), 0);
  return wrong > 0;
}
