/* Transfers of all shapes, compared byte by byte with what they should have moved; team, barriers, borders, L3. */
#include "pulsec_crc.h"
#include "pulsec_platform.h"
#include "pulsec_steps.h"

enum { FAR_BYTES = 160 * 1024 };
static uint8_t far[FAR_BYTES] __attribute__((aligned(16)));
static uint8_t copy[4096] __attribute__((aligned(16)));
static int wrong;

static uint8_t at(uint32_t i) { return (uint8_t)(i * 7 + (i >> 8) * 13 + (i >> 16)); }

static void expect(const char *what, int good) {
  if (good) return;
  wrong++;
  pulsec_print("wrong: ");
  pulsec_print(what);
  pulsec_print("\n");
}

typedef struct {
  const char *name;
  int32_t from, planes, lines, line, line_stride, plane_stride, near_stride;
} box;

static const box boxes[] = {
    {"one byte", 3, 1, 1, 1, 0, 0, 0},
    {"one line, odd ends", 1, 1, 1, 1001, 0, 0, 0},
    {"a long line", 5, 1, 1, 50001, 0, 0, 0},
    {"lines", 2, 1, 17, 33, 57, 0, 0},
    {"dense lines", 2, 1, 17, 33, 33, 0, 0},
    {"lines far apart", 0, 1, 4, 100, 40001, 0, 0},
    {"planes that are lines", 9, 21, 1, 13, 0, 29, 13},
    {"planes with a gap in L1", 9, 5, 3, 13, 20, 100, 48},
    {"planes of dense lines", 4, 6, 4, 8, 8, 64, 40},
    {"nothing", 0, 0, 4, 8, 8, 64, 40},
    {"no lines", 0, 4, 0, 8, 8, 64, 40},
};

static void clear(int32_t bytes) {
  for (int32_t i = 0; i < bytes; i++) pulsec_l1[i] = 0xee;
}

static int32_t near_bytes(const box *b) {
  return b->planes == 0 ? 0 : (b->planes - 1) * b->near_stride + b->lines * b->line;
}

static void check_in(const box *b) {
  clear(near_bytes(b) + 8);
  int transfer = pulsec_box_in(pulsec_l1, far + b->from, b->planes, b->lines, b->line, b->line_stride,
                               b->plane_stride, b->near_stride);
  pulsec_wait(&transfer);
  pulsec_wait(&transfer);
  int good = 1;
  for (int32_t p = 0; p < b->planes; p++)
    for (int32_t l = 0; l < b->lines; l++)
      for (int32_t i = 0; i < b->line; i++) {
        const int32_t from = b->from + p * b->plane_stride + l * b->line_stride + i;
        good &= pulsec_l1[p * b->near_stride + l * b->line + i] == at((uint32_t)from);
      }
  good &= pulsec_l1[near_bytes(b)] == 0xee;
  expect(b->name, good);
}

/* Out again, inverted, and the rest of the far memory as it was. */
static void check_out(const box *b) {
  for (int32_t i = 0; i < near_bytes(b); i++) pulsec_l1[i] = (uint8_t)~pulsec_l1[i];
  int transfer = pulsec_box_out(pulsec_l1, far + b->from, b->planes, b->lines, b->line, b->line_stride,
                                b->plane_stride, b->near_stride);
  pulsec_wait(&transfer);
  for (int32_t p = 0; p < b->planes; p++)
    for (int32_t l = 0; l < b->lines; l++)
      for (int32_t i = 0; i < b->line; i++) {
        uint8_t *const to = far + b->from + p * b->plane_stride + l * b->line_stride + i;
        *to = (uint8_t)~*to;
      }
  int good = 1;
  for (uint32_t i = 0; i < FAR_BYTES; i += i < 8192 ? 1 : 97) good &= far[i] == at(i);
  expect(b->name, good);
}

/* Several under way at once. */
static void check_queue(void) {
  int moves[8];
  for (int i = 0; i < 8; i++)
    moves[i] = pulsec_box_in(pulsec_l1 + 512 * i, far + 1000 * i, 1, 4, 100, 300, 0, 0);
  for (int i = 7; i >= 0; i--) pulsec_wait(&moves[i]);
  int good = 1;
  for (int i = 0; i < 8; i++) good &= pulsec_l1[512 * i + 399] == at((uint32_t)(1000 * i + 999));
  expect("eight at once", good);
}

static uint32_t l3;

static void check_l3(void) {
  for (int i = 0; i < 2000; i++) copy[i] = far[i];
  pulsec_l3_write(l3, copy, 2000);
  pulsec_l3_write(l3 + 2000, far + 2000, 2000);
  pulsec_l3_read(copy, l3 + 100, 1000);
  const int last = pulsec_l3_read(copy + 2000, l3 + 1000, 2000);
  pulsec_l3_wait(last);
  pulsec_l3_wait(PULSEC_NO_TICKET);
  int good = 1;
  for (uint32_t i = 0; i < 1000; i++) good &= copy[i] == at(100 + i);
  for (uint32_t i = 0; i < 2000; i++) good &= copy[2000 + i] == at(1000 + i);
  expect("L3", good);
  pulsec_l3_wait(pulsec_l3_box_in(copy, l3, 3, 4, 8, 32, 200, 64));
  good = 1;
  for (uint32_t p = 0; p < 3; p++)
    for (uint32_t l = 0; l < 4; l++)
      for (uint32_t i = 0; i < 8; i++) good &= copy[p * 64 + l * 8 + i] == at(p * 200 + l * 32 + i);
  expect("L3 box", good);
}

static uint32_t visits[8];
static void team(void *unused) {
  (void)unused;
  const int core = pulsec_core_id();
  PULSEC_EACH_CORE(core) visits[core] = (uint32_t)core + 1;
  pulsec_barrier();
  uint32_t sum = 0;
  for (int i = 0; i < PULSEC_CORES; i++) sum += visits[i];
  if (PULSEC_MASTER(core)) expect("team", sum == PULSEC_CORES * (PULSEC_CORES + 1) / 2);
  pulsec_barrier();
  /* 3 planes of 4 rows of 5 cells of 3 bytes, pitch 16. */
  if (PULSEC_MASTER(core)) clear(3 * 4 * 16 + 8);
  pulsec_barrier();
  const pulsec_border_box border = {
      .planes = 3, .rows = 4, .columns = 5, .cell = 3, .pitch = 16,
      .top = 1, .bottom = 1, .left = 1, .right = 2, .pattern = 0x07070707u};
  PULSEC_EACH_CORE(core) pulsec_fill_border(pulsec_l1, &border, core);
  pulsec_barrier();
  if (!PULSEC_MASTER(core)) return;
  int good = 1;
  for (int i = 0; i < 3 * 4 * 16; i++) {
    const int y = i / 16 % 4, x = i % 16 / 3;
    const int inside = x >= 5 || (y > 0 && y < 3 && x > 0 && x < 3);
    good &= pulsec_l1[i] == (inside ? 0xee : 7);
  }
  expect("border", good);
}

static void cluster(void *unused) {
  (void)unused;
  for (uint32_t i = 0; i < sizeof boxes / sizeof boxes[0]; i++) {
    check_in(&boxes[i]);
    check_out(&boxes[i]);
  }
  check_queue();
  check_l3();
  pulsec_fork(team, NULL);
}

int main(void) {
  if (pulsec_open() != 0) return 2;
  for (uint32_t i = 0; i < FAR_BYTES; i++) far[i] = at(i);
  l3 = pulsec_l3_reserve(4000);
  pulsec_l3_store(l3, far, 4000);
  pulsec_call(cluster, NULL);
  pulsec_call(cluster, NULL);
  const uint32_t crc = pulsec_crc32(0, "123456789", 1, 0, 9);
  expect("crc", crc == 0xcbf43926u);
  pulsec_print_number(-123);
  pulsec_print(" ");
  pulsec_print_hex(0xbeef);
  pulsec_print("\n");
  pulsec_close();
  return wrong;
}
