/*
 * pulsec: what PULP's compiler and SDK bring along, in plain GNU C, so that kernels written for RI5CY clusters (PULP-NN and
 * its like) compile unchanged on a host and with stock gcc. Names and meanings are those of the public interface; Xpulpv2
 * instructions are spelled out lane by lane. Sources that mix vectors of both signs, as PULP's compiler lets them, need
 * -flax-vector-conversions. Under that compiler, which has the builtins, only this comment remains.
 *
 * A cluster's cores are threads of the program that includes this; it defines pulsec_core, pulsec_cores, pulsec_barrier and
 * pulsec_fork (`pulsec golden test` does). Where a core has another way to know its number, PULSEC_CORE says which. With
 * PULSEC_GAP8, for bare metal, numbers come from the processor, and builtins are its instructions.
 */
#ifndef PULSEC_PULP_COMPAT_H
#define PULSEC_PULP_COMPAT_H

#if !defined(__pulp__) && !defined(__GAP8__)

#include <stddef.h>
#include <stdint.h>
/* A compiler for bare metal may have no C library. */
#if defined(__has_include)
#if __has_include(<stdlib.h>)
#define PULSEC_HAS_LIBC 1
#endif
#else
#define PULSEC_HAS_LIBC 1
#endif
#ifdef PULSEC_HAS_LIBC
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#else
void *memcpy(void *, const void *, size_t);
void *memset(void *, int, size_t);
#endif

#define PULSEC_FN static inline __attribute__((always_inline, unused))

/* ---- vectors of a 32-bit register ---- */

typedef signed char v4s __attribute__((vector_size(4)));
typedef unsigned char v4u __attribute__((vector_size(4)));
typedef short v2s __attribute__((vector_size(4)));
typedef unsigned short v2u __attribute__((vector_size(4)));

/* ---- the cluster ---- */

#if defined(PULSEC_GAP8) && !defined(PULSEC_CORE)
PULSEC_FN int pulsec_hart(void) {
  int hart;
  __asm__("csrr %0, 0xf14" : "=r"(hart));
  return hart & 31;
}
#define PULSEC_CORE pulsec_hart()
#endif
#ifndef PULSEC_CORE
#define PULSEC_CORE pulsec_core
#if __STDC_HOSTED__
extern _Thread_local int pulsec_core;
#else
extern int pulsec_core;
#endif
#endif
extern int pulsec_cores;
void pulsec_barrier(void);
void pulsec_fork(int cores, void (*entry)(void *), void *argument);

#ifndef NUM_CORES
#define NUM_CORES pulsec_cores
#endif
#define pi_core_id() PULSEC_CORE
#define pi_cluster_id() 0
#define pi_cl_cluster_nb_cores() pulsec_cores
#define pi_cl_team_nb_cores() pulsec_cores
#define pi_cl_team_barrier(...) pulsec_barrier()
#define pi_cl_team_fork(cores, entry, argument) pulsec_fork((cores), (void (*)(void *))(entry), (argument))
#define rt_core_id() PULSEC_CORE
#define rt_nb_pe() pulsec_cores
#define rt_team_nb_cores() pulsec_cores
#define rt_team_barrier() pulsec_barrier()
#define rt_team_fork(cores, entry, argument) pulsec_fork((cores), (void (*)(void *))(entry), (argument))
#define get_core_id() PULSEC_CORE
#define get_cluster_id() 0
#define synch_barrier() pulsec_barrier()
#define __builtin_pulp_CoreId() PULSEC_CORE
#define __builtin_pulp_CoreCount() pulsec_cores
#define __builtin_pulp_ClusterId() 0

/* ---- memory is flat here: places do not matter, copies are done when they are asked for ---- */

#define PI_L1
#define PI_L2
#define PI_FC_L1
#define PI_CL_L1
#define RT_L1_DATA
#define RT_L2_DATA
#define RT_LOCAL_DATA

#define pi_l1_malloc(cluster, bytes) malloc(bytes)
#define pi_cl_l1_malloc(cluster, bytes) malloc(bytes)
#define pi_l2_malloc(bytes) malloc(bytes)
#define pi_l1_free(cluster, chunk, bytes) free(chunk)
#define pi_cl_l1_free(cluster, chunk, bytes) free(chunk)
#define pi_l2_free(chunk, bytes) free(chunk)

enum { PI_CL_DMA_DIR_LOC2EXT = 0, PI_CL_DMA_DIR_EXT2LOC = 1 };
typedef struct {
  uintptr_t ext, loc;
  unsigned int size, stride, length;
  int id, merge, dir;
} pi_cl_dma_copy_t;
typedef pi_cl_dma_copy_t pi_cl_dma_cmd_t;

PULSEC_FN void pulsec_copy(uintptr_t ext, uintptr_t loc, unsigned int size, int dir) {
  if (dir) memcpy((void *)loc, (const void *)ext, size);
  else memcpy((void *)ext, (const void *)loc, size);
}
PULSEC_FN void pi_cl_dma_memcpy(pi_cl_dma_copy_t *c) { pulsec_copy(c->ext, c->loc, c->size, c->dir); }
PULSEC_FN void pi_cl_dma_memcpy_2d(pi_cl_dma_copy_t *c) {
  for (unsigned int at = 0, row = 0; at < c->size; at += c->length, row++)
    pulsec_copy(c->ext + (uintptr_t)row * c->stride, c->loc + at,
                c->size - at < c->length ? c->size - at : c->length, c->dir);
}
#define pi_cl_dma_wait(copy) ((void)(copy))

/* ---- performance counters read 0 ---- */

enum { PI_PERF_CYCLES, PI_PERF_INSTR, PI_PERF_ACTIVE_CYCLES, PI_PERF_LD_STALL, PI_PERF_TCDM_CONT };
#define pi_perf_conf(events) ((void)(events))
#define pi_perf_reset() ((void)0)
#define pi_perf_start() ((void)0)
#define pi_perf_stop() ((void)0)
#define pi_perf_read(event) ((unsigned int)((event)*0))

/* ---- lane by lane: X(name, expression in x and y) ---- */

#define PULSEC_LANES_OF(T, R, suffix, n, name, e)   \
  PULSEC_FN R pulsec_##name##suffix(T a, T b) {     \
    R r;                                            \
    for (int i = 0; i < n; i++) {                   \
      const int x = a[i], y = b[i];                 \
      r[i] = (__typeof__(r[0]))(e);                 \
    }                                               \
    return r;                                       \
  }
#define PULSEC_SIGNED(name, e) \
  PULSEC_LANES_OF(v4s, v4s, 4, 4, name, e) PULSEC_LANES_OF(v2s, v2s, 2, 2, name, e)
#define PULSEC_UNSIGNED(name, e) \
  PULSEC_LANES_OF(v4u, v4u, 4, 4, name, e) PULSEC_LANES_OF(v2u, v2u, 2, 2, name, e)

PULSEC_SIGNED(add, x + y)
PULSEC_SIGNED(sub, x - y)
PULSEC_SIGNED(avg, (x + y) >> 1)
PULSEC_UNSIGNED(avgu, (x + y) >> 1)
PULSEC_SIGNED(max, x > y ? x : y)
PULSEC_UNSIGNED(maxu, x > y ? x : y)
PULSEC_SIGNED(min, x < y ? x : y)
PULSEC_UNSIGNED(minu, x < y ? x : y)
PULSEC_SIGNED(and, x & y)
PULSEC_SIGNED(or, x | y)
PULSEC_SIGNED(exor, x ^ y)
PULSEC_LANES_OF(v4u, v4u, 4, 4, srl, x >> (y & 7))
PULSEC_LANES_OF(v2u, v2u, 2, 2, srl, x >> (y & 15))
PULSEC_LANES_OF(v4s, v4s, 4, 4, sra, x >> (y & 7))
PULSEC_LANES_OF(v2s, v2s, 2, 2, sra, x >> (y & 15))
PULSEC_LANES_OF(v4u, v4u, 4, 4, sll, x << (y & 7))
PULSEC_LANES_OF(v2u, v2u, 2, 2, sll, (unsigned)x << (y & 15))

#define __builtin_pulp_add4(a, b) pulsec_add4((v4s)(a), (v4s)(b))
#define __builtin_pulp_add2(a, b) pulsec_add2((v2s)(a), (v2s)(b))
#define __builtin_pulp_sub4(a, b) pulsec_sub4((v4s)(a), (v4s)(b))
#define __builtin_pulp_sub2(a, b) pulsec_sub2((v2s)(a), (v2s)(b))
#define __builtin_pulp_avg4(a, b) pulsec_avg4((v4s)(a), (v4s)(b))
#define __builtin_pulp_avg2(a, b) pulsec_avg2((v2s)(a), (v2s)(b))
#define __builtin_pulp_avgu4(a, b) pulsec_avgu4((v4u)(a), (v4u)(b))
#define __builtin_pulp_avgu2(a, b) pulsec_avgu2((v2u)(a), (v2u)(b))
#define __builtin_pulp_max4(a, b) pulsec_max4((v4s)(a), (v4s)(b))
#define __builtin_pulp_max2(a, b) pulsec_max2((v2s)(a), (v2s)(b))
#define __builtin_pulp_maxu4(a, b) pulsec_maxu4((v4u)(a), (v4u)(b))
#define __builtin_pulp_maxu2(a, b) pulsec_maxu2((v2u)(a), (v2u)(b))
#define __builtin_pulp_min4(a, b) pulsec_min4((v4s)(a), (v4s)(b))
#define __builtin_pulp_min2(a, b) pulsec_min2((v2s)(a), (v2s)(b))
#define __builtin_pulp_minu4(a, b) pulsec_minu4((v4u)(a), (v4u)(b))
#define __builtin_pulp_minu2(a, b) pulsec_minu2((v2u)(a), (v2u)(b))
#define __builtin_pulp_and4(a, b) pulsec_and4((v4s)(a), (v4s)(b))
#define __builtin_pulp_and2(a, b) pulsec_and2((v2s)(a), (v2s)(b))
#define __builtin_pulp_or4(a, b) pulsec_or4((v4s)(a), (v4s)(b))
#define __builtin_pulp_or2(a, b) pulsec_or2((v2s)(a), (v2s)(b))
#define __builtin_pulp_exor4(a, b) pulsec_exor4((v4s)(a), (v4s)(b))
#define __builtin_pulp_exor2(a, b) pulsec_exor2((v2s)(a), (v2s)(b))
#define __builtin_pulp_srl4(a, b) pulsec_srl4((v4u)(a), (v4u)(b))
#define __builtin_pulp_srl2(a, b) pulsec_srl2((v2u)(a), (v2u)(b))
#define __builtin_pulp_sra4(a, b) pulsec_sra4((v4s)(a), (v4s)(b))
#define __builtin_pulp_sra2(a, b) pulsec_sra2((v2s)(a), (v2s)(b))
#define __builtin_pulp_sll4(a, b) ((v4s)pulsec_sll4((v4u)(a), (v4u)(b)))
#define __builtin_pulp_sll2(a, b) ((v2s)pulsec_sll2((v2u)(a), (v2u)(b)))
#define __builtin_pulp_neg4(a) pulsec_sub4((v4s){0, 0, 0, 0}, (v4s)(a))
#define __builtin_pulp_neg2(a) pulsec_sub2((v2s){0, 0}, (v2s)(a))
#define __builtin_pulp_abs4(a) pulsec_max4((v4s)(a), __builtin_pulp_neg4(a))
#define __builtin_pulp_abs2(a) pulsec_max2((v2s)(a), __builtin_pulp_neg2(a))

#define __builtin_pulp_pack4(x, y, z, t) \
  ((v4s){(signed char)(x), (signed char)(y), (signed char)(z), (signed char)(t)})
#define __builtin_pulp_pack4u(x, y, z, t) \
  ((v4u){(unsigned char)(x), (unsigned char)(y), (unsigned char)(z), (unsigned char)(t)})
#define __builtin_pulp_pack2(x, y) ((v2s){(short)(x), (short)(y)})

/* ---- dot products; sums wrap, as those of the processor do ---- */

#define PULSEC_DOT(name, A, B, n)                                          \
  PULSEC_FN int pulsec_##name(A a, B b, int sum) {                         \
    unsigned int s = (unsigned int)sum;                                    \
    for (int i = 0; i < n; i++) s += (unsigned int)((int64_t)a[i] * b[i]); \
    return (int)s;                                                         \
  }                                                                        \
  PULSEC_FN int pulsec_##name##_all(A a, __typeof__(((B){0})[0]) b, int sum) { \
    unsigned int s = (unsigned int)sum;                                    \
    for (int i = 0; i < n; i++) s += (unsigned int)((int64_t)a[i] * b);    \
    return (int)s;                                                         \
  }
PULSEC_DOT(dotsp4, v4s, v4s, 4)
PULSEC_DOT(dotup4, v4u, v4u, 4)
PULSEC_DOT(dotusp4, v4u, v4s, 4)
PULSEC_DOT(dotsp2, v2s, v2s, 2)
PULSEC_DOT(dotup2, v2u, v2u, 2)
PULSEC_DOT(dotusp2, v2u, v2s, 2)

#define __builtin_pulp_dotsp4(a, b) pulsec_dotsp4((v4s)(a), (v4s)(b), 0)
#define __builtin_pulp_dotup4(a, b) ((unsigned int)pulsec_dotup4((v4u)(a), (v4u)(b), 0))
#define __builtin_pulp_dotusp4(a, b) pulsec_dotusp4((v4u)(a), (v4s)(b), 0)
#define __builtin_pulp_dotsp2(a, b) pulsec_dotsp2((v2s)(a), (v2s)(b), 0)
#define __builtin_pulp_dotup2(a, b) ((unsigned int)pulsec_dotup2((v2u)(a), (v2u)(b), 0))
#define __builtin_pulp_dotusp2(a, b) pulsec_dotusp2((v2u)(a), (v2s)(b), 0)
#define __builtin_pulp_sdotsp4(a, b, c) pulsec_dotsp4((v4s)(a), (v4s)(b), (int)(c))
#define __builtin_pulp_sdotup4(a, b, c) ((unsigned int)pulsec_dotup4((v4u)(a), (v4u)(b), (int)(c)))
#define __builtin_pulp_sdotusp4(a, b, c) pulsec_dotusp4((v4u)(a), (v4s)(b), (int)(c))
#define __builtin_pulp_sdotsp2(a, b, c) pulsec_dotsp2((v2s)(a), (v2s)(b), (int)(c))
#define __builtin_pulp_sdotup2(a, b, c) ((unsigned int)pulsec_dotup2((v2u)(a), (v2u)(b), (int)(c)))
#define __builtin_pulp_sdotusp2(a, b, c) pulsec_dotusp2((v2u)(a), (v2s)(b), (int)(c))
#define __builtin_pulp_dotspsc4(a, b) pulsec_dotsp4_all((v4s)(a), (signed char)(b), 0)
#define __builtin_pulp_dotupsc4(a, b) ((unsigned int)pulsec_dotup4_all((v4u)(a), (unsigned char)(b), 0))
#define __builtin_pulp_dotuspsc4(a, b) pulsec_dotusp4_all((v4u)(a), (signed char)(b), 0)
#define __builtin_pulp_dotspsc2(a, b) pulsec_dotsp2_all((v2s)(a), (short)(b), 0)
#define __builtin_pulp_dotupsc2(a, b) ((unsigned int)pulsec_dotup2_all((v2u)(a), (unsigned short)(b), 0))
#define __builtin_pulp_dotuspsc2(a, b) pulsec_dotusp2_all((v2u)(a), (short)(b), 0)
#define __builtin_pulp_sdotspsc4(a, b, c) pulsec_dotsp4_all((v4s)(a), (signed char)(b), (int)(c))
#define __builtin_pulp_sdotupsc4(a, b, c) \
  ((unsigned int)pulsec_dotup4_all((v4u)(a), (unsigned char)(b), (int)(c)))
#define __builtin_pulp_sdotuspsc4(a, b, c) pulsec_dotusp4_all((v4u)(a), (signed char)(b), (int)(c))
#define __builtin_pulp_sdotspsc2(a, b, c) pulsec_dotsp2_all((v2s)(a), (short)(b), (int)(c))
#define __builtin_pulp_sdotupsc2(a, b, c) \
  ((unsigned int)pulsec_dotup2_all((v2u)(a), (unsigned short)(b), (int)(c)))
#define __builtin_pulp_sdotuspsc2(a, b, c) pulsec_dotusp2_all((v2u)(a), (short)(b), (int)(c))

/* ---- permutations: lanes 0 to 3 of a, 4 to 7 of b, as gcc counts them ---- */

#define __builtin_pulp_shuffleb(a, s) __builtin_shuffle((v4s)(a), (v4s)(s))
#define __builtin_pulp_shuffleh(a, s) __builtin_shuffle((v2s)(a), (v2s)(s))
#define __builtin_pulp_shuffle4b(a, b, s) __builtin_shuffle((v4s)(a), (v4s)(b), (v4s)(s))
#define __builtin_pulp_shuffle2h(a, b, s) __builtin_shuffle((v2s)(a), (v2s)(b), (v2s)(s))

/* ---- one register ---- */

PULSEC_FN int pulsec_between(int x, int lo, int hi) { return x < lo ? lo : x > hi ? hi : x; }
#define __builtin_pulp_clip(x, lo, hi) pulsec_between((int)(x), (lo), (hi))
#define __builtin_pulp_clipu(x, lo, hi) ((unsigned int)pulsec_between((int)(x), (lo), (hi)))
#define __builtin_pulp_clip_r(x, bound) pulsec_between((int)(x), -(int)(bound)-1, (int)(bound))
#define __builtin_pulp_clipu_r(x, bound) ((unsigned int)pulsec_between((int)(x), 0, (int)(bound)))

#define PULSEC_BIGGER(T, name, e) \
  PULSEC_FN T pulsec_##name(T a, T b) { return (e) ? a : b; }
PULSEC_BIGGER(int, maxsi, a > b)
PULSEC_BIGGER(int, minsi, a < b)
PULSEC_BIGGER(unsigned int, maxusi, a > b)
PULSEC_BIGGER(unsigned int, minusi, a < b)
#define __builtin_pulp_maxsi(a, b) pulsec_maxsi((int)(a), (int)(b))
#define __builtin_pulp_minsi(a, b) pulsec_minsi((int)(a), (int)(b))
#define __builtin_pulp_maxusi(a, b) pulsec_maxusi((unsigned int)(a), (unsigned int)(b))
#define __builtin_pulp_minusi(a, b) pulsec_minusi((unsigned int)(a), (unsigned int)(b))

/* First and last set bit (32 where there is none), leading sign bits, set bits. */
PULSEC_FN int pulsec_ff1(uint32_t x) { return x ? __builtin_ctz(x) : 32; }
PULSEC_FN int pulsec_fl1(uint32_t x) { return x ? 31 - __builtin_clz(x) : 32; }
PULSEC_FN int pulsec_clb(uint32_t x) {
  const uint32_t y = x >> 31 ? ~x : x;
  return x == 0 ? 0 : (y ? __builtin_clz(y) : 32) - 1;
}
PULSEC_FN uint32_t pulsec_rotr(uint32_t x, unsigned n) { return x >> (n & 31) | x << (-n & 31); }
#define __builtin_pulp_ff1(x) pulsec_ff1((uint32_t)(x))
#define __builtin_pulp_fl1(x) pulsec_fl1((uint32_t)(x))
#define __builtin_pulp_clb(x) pulsec_clb((uint32_t)(x))
#define __builtin_pulp_cnt(x) __builtin_popcount((uint32_t)(x))
#define __builtin_pulp_rotr(x, n) ((int)pulsec_rotr((uint32_t)(x), (unsigned)(n)))

/* Bit fields: `size` bits from bit `off` on; the register forms hold (size - 1) << 5 | off. */
PULSEC_FN uint32_t pulsec_field(int size) { return size >= 32 ? 0xffffffffu : (1u << size) - 1u; }
PULSEC_FN uint32_t pulsec_extractu(uint32_t x, int size, int off) { return x >> off & pulsec_field(size); }
PULSEC_FN int pulsec_extract(uint32_t x, int size, int off) {
  const uint32_t field = pulsec_extractu(x, size, off), sign = 1u << (size - 1);
  return (int)((field ^ sign) - sign);
}
PULSEC_FN uint32_t pulsec_insert(uint32_t to, uint32_t from, int size, int off) {
  const uint32_t mask = pulsec_field(size) << off;
  return (to & ~mask) | (from << off & mask);
}
#define PULSEC_SIZE(f) ((int)((f) >> 5 & 31) + 1)
#define PULSEC_OFF(f) ((int)((f)&31))
#define __builtin_pulp_bextract(x, size, off) pulsec_extract((uint32_t)(x), (size), (off))
#define __builtin_pulp_bextractu(x, size, off) pulsec_extractu((uint32_t)(x), (size), (off))
#define __builtin_pulp_bextract_r(x, f) pulsec_extract((uint32_t)(x), PULSEC_SIZE(f), PULSEC_OFF(f))
#define __builtin_pulp_bextractu_r(x, f) pulsec_extractu((uint32_t)(x), PULSEC_SIZE(f), PULSEC_OFF(f))
#define __builtin_pulp_binsert(to, not_mask, from, mask, off) \
  ((int)(((uint32_t)(to) & (uint32_t)(not_mask)) | ((uint32_t)(from) << (off) & (uint32_t)(mask))))
#define __builtin_pulp_binsert_r(to, from, f) \
  ((int)pulsec_insert((uint32_t)(to), (uint32_t)(from), PULSEC_SIZE(f), PULSEC_OFF(f)))
#define __builtin_pulp_bset(x, mask) ((int)((uint32_t)(x) | (uint32_t)(mask)))
#define __builtin_pulp_bclr(x, not_mask) ((int)((uint32_t)(x) & (uint32_t)(not_mask)))

/* ---- multiply, accumulate, normalise: N shifts, R rounds half up first ---- */

PULSEC_FN int pulsec_shift(uint32_t v, unsigned n, uint32_t round) { return (int32_t)(v + round) >> n; }
PULSEC_FN uint32_t pulsec_shiftu(uint32_t v, unsigned n, uint32_t round) { return (v + round) >> n; }
#define PULSEC_HALF(n) ((n) ? 1u << ((n)-1) : 0u)
#define PULSEC_LOW(x, T) ((uint32_t)(T)(x))
#define PULSEC_HIGH(x, T) ((uint32_t)(T)((uint32_t)(x) >> 16))

#define __builtin_pulp_mac(x, y, c) ((int)((uint32_t)(c) + (uint32_t)(x) * (uint32_t)(y)))
#define __builtin_pulp_msu(x, y, c) ((int)((uint32_t)(c) - (uint32_t)(x) * (uint32_t)(y)))
#define __builtin_pulp_muls(x, y) ((int)(PULSEC_LOW(x, int16_t) * PULSEC_LOW(y, int16_t)))
#define __builtin_pulp_mulu(x, y) (PULSEC_LOW(x, uint16_t) * PULSEC_LOW(y, uint16_t))
#define __builtin_pulp_mulhhs(x, y) ((int)(PULSEC_HIGH(x, int16_t) * PULSEC_HIGH(y, int16_t)))
#define __builtin_pulp_mulhhu(x, y) (PULSEC_HIGH(x, uint16_t) * PULSEC_HIGH(y, uint16_t))
#define __builtin_pulp_macs(x, y, c) ((int)((uint32_t)(c) + (uint32_t)__builtin_pulp_muls(x, y)))
#define __builtin_pulp_macu(x, y, c) ((uint32_t)(c) + __builtin_pulp_mulu(x, y))
#define __builtin_pulp_machhs(x, y, c) ((int)((uint32_t)(c) + (uint32_t)__builtin_pulp_mulhhs(x, y)))
#define __builtin_pulp_machhu(x, y, c) ((uint32_t)(c) + __builtin_pulp_mulhhu(x, y))
#define __builtin_pulp_mulsN(x, y, n) (__builtin_pulp_muls(x, y) >> (n))
#define __builtin_pulp_muluN(x, y, n) (__builtin_pulp_mulu(x, y) >> (n))
#define __builtin_pulp_mulhhsN(x, y, n) (__builtin_pulp_mulhhs(x, y) >> (n))
#define __builtin_pulp_mulhhuN(x, y, n) (__builtin_pulp_mulhhu(x, y) >> (n))
#define __builtin_pulp_mulsRN(x, y, n, r) pulsec_shift((uint32_t)__builtin_pulp_muls(x, y), (n), PULSEC_HALF(n))
#define __builtin_pulp_muluRN(x, y, n, r) pulsec_shiftu(__builtin_pulp_mulu(x, y), (n), PULSEC_HALF(n))
#define __builtin_pulp_macsN(x, y, c, n) (__builtin_pulp_macs(x, y, c) >> (n))
#define __builtin_pulp_macuN(x, y, c, n) (__builtin_pulp_macu(x, y, c) >> (n))
#define __builtin_pulp_macsRN(x, y, c, n, r) \
  pulsec_shift((uint32_t)__builtin_pulp_macs(x, y, c), (n), PULSEC_HALF(n))
#define __builtin_pulp_macuRN(x, y, c, n, r) pulsec_shiftu(__builtin_pulp_macu(x, y, c), (n), PULSEC_HALF(n))
#define __builtin_pulp_addN(x, y, n) pulsec_shift((uint32_t)(x) + (uint32_t)(y), (n), 0)
#define __builtin_pulp_adduN(x, y, n) pulsec_shiftu((uint32_t)(x) + (uint32_t)(y), (n), 0)
#define __builtin_pulp_addRN(x, y, n, r) pulsec_shift((uint32_t)(x) + (uint32_t)(y), (n), PULSEC_HALF(n))
#define __builtin_pulp_adduRN(x, y, n, r) pulsec_shiftu((uint32_t)(x) + (uint32_t)(y), (n), PULSEC_HALF(n))
#define __builtin_pulp_subN(x, y, n) pulsec_shift((uint32_t)(x) - (uint32_t)(y), (n), 0)
#define __builtin_pulp_subuN(x, y, n) pulsec_shiftu((uint32_t)(x) - (uint32_t)(y), (n), 0)
#define __builtin_pulp_subRN(x, y, n, r) pulsec_shift((uint32_t)(x) - (uint32_t)(y), (n), PULSEC_HALF(n))
#define __builtin_pulp_subuRN(x, y, n, r) pulsec_shiftu((uint32_t)(x) - (uint32_t)(y), (n), PULSEC_HALF(n))

#ifdef PULSEC_GAP8
#include "pulsec_pulp_xpulp.h"
#endif

#endif
#endif
