/* Kernels in the manner of PULP-NN: SIMD builtins, im2col, rows or neurons split over the cores of a cluster. */
#include "pmsis.h"

#define log2(x) __builtin_pulp_fl1(x)
#define min(a, b) ((a) < (b) ? (a) : (b))
#define SumDotp(a, b, c) __builtin_pulp_sdotusp4(a, b, c)
#define clip8(x) __builtin_pulp_clipu_r(x, 255)
#define clip4(x) __builtin_pulp_clipu_r(x, 15)
#define bitext(x, size, off) __builtin_pulp_bextract(x, size, off)
#define bitextu(x, size, off) __builtin_pulp_bextractu(x, size, off)
#define bitins(dst, not_mask, src, mask, off) __builtin_pulp_binsert(dst, not_mask, src, mask, off)
#define pack(x, y, z, t) __builtin_pulp_pack4(x, y, z, t)

static int dot(const uint8_t *pA, const int8_t *pB, int length, int sum) {
  for (int i = 0; i < length >> 2; i++) {
    const v4u a = *(v4u *)pA;
    const v4s b = *(v4s *)pB;
    sum = SumDotp(a, b, sum);
    pA += 4;
    pB += 4;
  }
  for (int i = 0; i < (length & 3); i++) sum += *pA++ * *pB++;
  return sum;
}

/* One window of the input, side by side; what lies outside is zero. */
static void im2col(const uint8_t *in, int dim_x, int dim_y, int ch, int x0, int y0, int kx, int ky, uint8_t *out) {
  for (int y = y0; y < y0 + ky; y++)
    for (int x = x0; x < x0 + kx; x++) {
      if (x < 0 || x >= dim_x || y < 0 || y >= dim_y) memset(out, 0, ch);
      else memcpy(out, in + (y * dim_x + x) * ch, ch);
      out += ch;
    }
}

void pulp_conv(const uint8_t *pInBuffer, const uint16_t dim_in_x, const uint16_t dim_in_y, const uint16_t ch_in,
               const int8_t *pWeight, const uint16_t ch_out, const uint16_t dim_kernel_x, const uint16_t dim_kernel_y,
               const uint16_t padding_y_top, const uint16_t padding_x_left, const uint16_t stride_x,
               const uint16_t stride_y, const int32_t *bias, const uint16_t out_shift, uint8_t *pOutBuffer,
               const uint16_t dim_out_x, const uint16_t dim_out_y, int32_t *k, int32_t *lambda, uint8_t *pIm2ColBuffer) {
  const int core_id = pi_core_id();
  const int Log2Core = log2(NUM_CORES);
  const int chunk = (dim_out_y >> Log2Core) + ((dim_out_y & (NUM_CORES - 1)) != 0);
  const int start = min(chunk * core_id, dim_out_y), stop = min(start + chunk, dim_out_y);
  const int taps = dim_kernel_x * dim_kernel_y * ch_in;
  uint8_t *const window = pIm2ColBuffer + core_id * taps;
  for (int y = start; y < stop; y++)
    for (int x = 0; x < dim_out_x; x++) {
      im2col(pInBuffer, dim_in_x, dim_in_y, ch_in, x * stride_x - padding_x_left, y * stride_y - padding_y_top,
             dim_kernel_x, dim_kernel_y, window);
      uint8_t *const pOut = pOutBuffer + (y * dim_out_x + x) * ch_out;
      for (int o = 0; o < ch_out; o++) {
        const int sum = dot(window, pWeight + o * taps, taps, bias[o]);
        pOut[o] = clip8((k[o] * sum + lambda[o]) >> out_shift);
      }
    }
  pi_cl_team_barrier(0);
}

static v4s unpack_i4(const int8_t *p) {
  const int two = (uint8_t)p[0] | (uint8_t)p[1] << 8;
  return pack(bitext(two, 4, 0), bitext(two, 4, 4), bitext(two, 4, 8), bitext(two, 4, 12));
}

static v4u unpack_u4(const uint8_t *p) {
  const unsigned two = p[0] | p[1] << 8;
  /* As PULP's compiler allows: pack4 gives signed lanes. */
  const v4u lanes = pack(bitextu(two, 4, 0), bitextu(two, 4, 4), bitextu(two, 4, 8), bitextu(two, 4, 12));
  return lanes;
}

static int neuron_u4_i4(const uint8_t *pA, const int8_t *pB, int length) {
  int sum = 0;
  for (int i = 0; i < length >> 2; i++) {
    sum = SumDotp(unpack_u4(pA), unpack_i4(pB), sum);
    pA += 2;
    pB += 2;
  }
  if (length & 2) {
    sum += (int)bitextu((unsigned)*pA, 4, 0) * bitext((int)*pB, 4, 0);
    sum += (int)bitextu((unsigned)*pA, 4, 4) * bitext((int)*pB, 4, 4);
  }
  return sum;
}

/* Two neurons share a byte of the result: cores get pairs. */
void pulp_linear_u4_u4_i4(const uint8_t *pIn, const int8_t *pWeights, uint16_t dim_vec, uint16_t num_o_neurons,
                          const int32_t *k, const int32_t *lambda, uint16_t out_shift, uint8_t *pOut) {
  const int pairs = num_o_neurons >> 1;
  const int chunk = (pairs + NUM_CORES - 1) / NUM_CORES;
  const int start = min(chunk * pi_core_id(), pairs), stop = min(start + chunk, pairs);
  for (int i = start; i < stop; i++) {
    uint8_t both = 0;
    for (int half = 0; half < 2; half++) {
      const int o = 2 * i + half;
      const int sum = neuron_u4_i4(pIn, pWeights + o * dim_vec / 2, dim_vec);
      const uint8_t v = clip4((k[o] * sum + lambda[o]) >> out_shift);
      both = bitins(both, half ? 0x0f : 0xf0, v, half ? 0xf0 : 0x0f, 4 * half);
    }
    pOut[i] = both;
  }
  pi_cl_team_barrier(0);
}
