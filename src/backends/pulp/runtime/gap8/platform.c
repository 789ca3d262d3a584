/* pulsec: the platform on bare GAP8: boot, the cluster, the HyperRAM, the console of simulators. */
#include "../pulsec_platform.h"

#include "../pulsec_cluster.h"

enum {
  FABRIC_CACHE = 0x1b201400,
  FABRIC_TIMER = 0x1b200400,
  SOC_SUPPLY = 0x1a104070,
  SOC_ISOLATE = 0x1a10400c,
  CLUSTER_FETCH = 0x10200008,
  CLUSTER_CLOCK = 0x10200020,
  CLUSTER_BOOT = 0x10200040,
  CLUSTER_CACHE = 0x10201400,
  EVENT_MASK = 0x00204000,
  UDMA_CLOCKS = 0x1a102780,
  STDOUT = 0x1a110000,
};

uint8_t pulsec_l1[PULSEC_L1_BYTES] __attribute__((section(".l1"), aligned(64)));

/* Work for core 0 of the cluster, which looks for it in L1, where that costs nobody anything. */
static struct {
  void (*volatile entry)(void *);
  void *volatile argument;
} mailbox __attribute__((section(".l1")));
static volatile uint32_t cluster_ready, call_ended;
static uint32_t reserved;
extern const uint8_t pulsec_vectors[];

/* A division by 1 is the longest instruction: who waits with it leaves memories and simulators alone. */
static void pause(uint32_t turns) {
  const uint32_t one = 1;
  while (turns--) {
    uint32_t ignored;
    __asm__ volatile("divu %0, %1, %1" : "=r"(ignored) : "r"(one));
  }
}

/* In start.S. */
__attribute__((noreturn)) void pulsec_exit(int code);
/* For the code of start.S. */
void pulsec_fabric_main(void);
void pulsec_cluster_main(uint32_t core);

void pulsec_fabric_main(void) {
  PULSEC_REGISTER(FABRIC_CACHE) = 0xffffffffu;
  PULSEC_REGISTER(FABRIC_TIMER) = 1;
}

static void work(void) {
  for (;;) {
    void (*const entry)(void *) = (void (*)(void *))(uintptr_t)pulsec_event_load(PULSEC_DISPATCH);
    void *const argument = (void *)(uintptr_t)pulsec_event_load(PULSEC_DISPATCH);
    entry(argument);
    pulsec_barrier();
  }
}

void pulsec_cluster_main(uint32_t core) {
  __asm__ volatile("csrw 0x7a0, %0\n\tcsrw 0x7a1, %1" : : "r"(-1), "r"(1));
  PULSEC_REGISTER(EVENT_MASK) = 1u << 16 | 1u << 18; /* barrier, dispatch */
  if (core > 0) work();
  PULSEC_REGISTER(PULSEC_CLUSTER_TIMER) = 1;
  mailbox.entry = NULL;
  cluster_ready = 1;
  for (;;) {
    while (!mailbox.entry) pause(1);
    void (*const entry)(void *) = mailbox.entry;
    entry(mailbox.argument);
    mailbox.entry = NULL;
    call_ended = 1;
  }
}

int pulsec_open(void) {
  PULSEC_REGISTER(UDMA_CLOCKS) |= 1u << 3;
  if (cluster_ready) return 0;
  PULSEC_REGISTER(SOC_SUPPLY) = 1u << 3;
  pause(50);
  PULSEC_REGISTER(SOC_ISOLATE) = 0;
  PULSEC_REGISTER(CLUSTER_CLOCK) = 1;
  PULSEC_REGISTER(CLUSTER_CACHE) = 0xffffffffu;
  for (uint32_t core = 0; core < PULSEC_CORES; core++)
    PULSEC_REGISTER(CLUSTER_BOOT + 4 * core) = (uint32_t)(uintptr_t)pulsec_vectors;
  PULSEC_REGISTER(CLUSTER_FETCH) = (1u << PULSEC_CORES) - 1;
  while (!cluster_ready) pause(20);
  return 0;
}

/* The cluster stays on: it would lose nothing but its supply, and simulators end with the program. */
void pulsec_close(void) {}

void pulsec_call(void (*entry)(void *), void *argument) {
  call_ended = 0;
  mailbox.argument = argument;
  PULSEC_FENCE();
  mailbox.entry = entry;
  while (!call_ended) pause(20);
  PULSEC_FENCE();
}

uint32_t pulsec_l3_reserve(uint32_t bytes) {
  const uint32_t begin = reserved;
  reserved += (bytes + 15u) & ~15u;
  return begin;
}
void pulsec_l3_store(uint32_t l3, const void *l2, uint32_t bytes) {
  pulsec_l3_wait(pulsec_l3_write(l3, l2, bytes));
}

/* Semihosting: a debugger or a simulator answers. Operations: 1 open, 2 close, 6 read. */
static int32_t ask(uint32_t operation, const void *argument) {
  register uint32_t a0 __asm__("a0") = operation;
  register uint32_t a1 __asm__("a1") = (uint32_t)(uintptr_t)argument;
  __asm__ volatile(
      ".option push\n\t.option norvc\n\t.balign 16\n\t"
      "slli x0, x0, 0x1f\n\tebreak\n\tsrai x0, x0, 7\n\t.option pop"
      : "+r"(a0)
      : "r"(a1)
      : "memory");
  return (int32_t)a0;
}

static uint32_t length(const char *text) {
  uint32_t n = 0;
  while (text[n]) n++;
  return n;
}

void pulsec_l3_load(uint32_t l3, const char *file, uint32_t bytes, void *buffer, uint32_t buffer_bytes) {
  static uint32_t arguments[3];
  arguments[0] = (uint32_t)(uintptr_t)file;
  arguments[1] = 1; /* "rb" */
  arguments[2] = length(file);
  const int32_t handle = ask(1, arguments);
  while (handle >= 0 && bytes > 0) {
    const uint32_t now = bytes < buffer_bytes ? bytes : buffer_bytes & ~15u;
    arguments[0] = (uint32_t)handle;
    arguments[1] = (uint32_t)(uintptr_t)buffer;
    arguments[2] = now;
    if (ask(6, arguments) != 0) break;
    pulsec_l3_store(l3, buffer, now);
    l3 += now;
    bytes -= now;
  }
  if (bytes > 0) {
    pulsec_print(file);
    pulsec_print(" cannot be read: semihosting has no such file\n");
    pulsec_exit(2);
  }
  ask(2, &handle);
}

static void put(char c) {
  uint32_t hart;
  __asm__ volatile("csrr %0, 0xf14" : "=r"(hart));
  PULSEC_REGISTER(STDOUT + (hart >> 5 << 7) + ((hart & 31) << 3)) = (uint8_t)c;
}
void pulsec_print(const char *text) {
  while (*text) put(*text++);
}
void pulsec_print_number(int32_t value) {
  char digits[12];
  int at = sizeof digits;
  uint32_t rest = value < 0 ? 0u - (uint32_t)value : (uint32_t)value;
  digits[--at] = 0;
  do {
    digits[--at] = (char)('0' + rest % 10);
    rest /= 10;
  } while (rest > 0);
  if (value < 0) put('-');
  pulsec_print(digits + at);
}
void pulsec_print_hex(uint32_t value) {
  for (int shift = 28; shift >= 0; shift -= 4) put("0123456789abcdef"[value >> shift & 15]);
}

/* What compilers call without being asked. */
void *memcpy(void *restrict to, const void *restrict from, size_t bytes) {
  uint8_t *t = to;
  const uint8_t *f = from;
  if ((((uintptr_t)t | (uintptr_t)f) & 3) == 0)
    for (; bytes >= 4; bytes -= 4, t += 4, f += 4) *(uint32_t *)(void *)t = *(const uint32_t *)(const void *)f;
  while (bytes--) *t++ = *f++;
  return to;
}
void *memset(void *to, int value, size_t bytes) {
  uint8_t *t = to;
  while (bytes--) *t++ = (uint8_t)value;
  return to;
}
int memcmp(const void *a, const void *b, size_t bytes) {
  const uint8_t *p = a, *q = b;
  for (; bytes--; p++, q++)
    if (*p != *q) return *p - *q;
  return 0;
}
