/*
 * pulsec: runs a kernel under test on calls from a file and writes what it left in its outputs.
 *
 *   kernel CALLS RESULTS FIRST COUNT
 *
 * Every buffer has exactly the size that the binding says, between guards that may not be touched. A call is made twice,
 * with two patterns in outputs and scratch, so that elements which are never written show. "@@ call N" on stderr says
 * which call the reports of the sanitizers behind it belong to.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pulsec_golden.h"
#include "pulsec_pulp_compat.h"

#if defined(__SANITIZE_ADDRESS__)
#define GUARDED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define GUARDED 1
#endif
#endif
#ifdef GUARDED
#include <sanitizer/asan_interface.h>
#endif

enum { NUMBER, INPUT, OUTPUT, SCRATCH, MUTABLE };
enum { GUARD = 1024, ALIGNMENT = 64, MOST_VALUES = 64, GUARD_BYTE = 0xc3 };

typedef struct {
  uint32_t kind, slack;
  int64_t size; /* bytes, or the number itself */
  const uint8_t *initial;
  uint8_t *block, *data;
} value;

static value values[MOST_VALUES];
static uint32_t count;

static void die(const char *what) {
  fprintf(stderr, "@@ broken: %s\n", what);
  exit(2);
}

/* ---- the cores of a cluster are threads ---- */

_Thread_local int pulsec_core;
int pulsec_cores = 1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t all_here = PTHREAD_COND_INITIALIZER;
static int waiting;
static unsigned passed;

void pulsec_barrier(void) {
  pthread_mutex_lock(&lock);
  const unsigned round = passed;
  if (++waiting == pulsec_cores) {
    waiting = 0;
    passed++;
    pthread_cond_broadcast(&all_here);
  } else {
    while (round == passed) pthread_cond_wait(&all_here, &lock);
  }
  pthread_mutex_unlock(&lock);
}

typedef struct {
  void (*entry)(void *);
  void *argument;
  int core;
} share;

static void *work(void *given) {
  const share *const mine = given;
  pulsec_core = mine->core;
  mine->entry(mine->argument);
  return NULL;
}

void pulsec_fork(int cores, void (*entry)(void *), void *argument) {
  pthread_t threads[64];
  share shares[64];
  if (cores < 1 || cores > 64) die("1 to 64 cores");
  pulsec_cores = cores;
  for (int i = 0; i < cores; i++) shares[i] = (share){entry, argument, i};
  for (int i = 1; i < cores; i++)
    if (pthread_create(&threads[i], NULL, work, &shares[i])) die("a thread cannot be started");
  work(&shares[0]);
  for (int i = 1; i < cores; i++) pthread_join(threads[i], NULL);
}

/* ---- buffers between guards ---- */

static size_t room(const value *v) {
  const size_t used = (size_t)v->size + v->slack;
  return (used + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static void place(value *v, uint8_t fill) {
  const size_t whole = room(v) + 2 * GUARD;
  v->block = aligned_alloc(ALIGNMENT, whole);
  if (!v->block) die("out of memory");
  memset(v->block, GUARD_BYTE, whole);
  v->data = v->block + GUARD;
  if (v->initial) memcpy(v->data, v->initial, (size_t)v->size);
  else memset(v->data, fill, (size_t)v->size);
#ifdef GUARDED
  __asan_poison_memory_region(v->block, GUARD);
  __asan_poison_memory_region(v->data + v->size + v->slack, room(v) - (size_t)v->size - v->slack + GUARD);
#endif
}

static int touched(const uint8_t *from, size_t bytes) {
  for (size_t i = 0; i < bytes; i++)
    if (from[i] != GUARD_BYTE) return 1;
  return 0;
}

/* What a call did to the surroundings of a buffer, and to an input. */
static void inspect(value *v, uint32_t index) {
#ifdef GUARDED
  __asan_unpoison_memory_region(v->block, room(v) + 2 * GUARD);
#endif
  if (touched(v->block, GUARD)) fprintf(stderr, "@@ guard %u before\n", index);
  if (touched(v->data + v->size, room(v) - (size_t)v->size + GUARD)) fprintf(stderr, "@@ guard %u after\n", index);
  if (v->kind == INPUT && v->size > 0 && memcmp(v->data, v->initial, (size_t)v->size))
    fprintf(stderr, "@@ written %u\n", index);
}

#ifdef GUARDED
/* Says in which buffer, and where relative to its ends, an access went wrong. */
__attribute__((no_sanitize("address"))) void __asan_on_error(void) {
  const uint8_t *const at = __asan_get_report_address();
  const char *const how = __asan_get_report_access_type() ? "write" : "read";
  const unsigned long bytes = __asan_get_report_access_size();
  for (uint32_t i = 0; i < count; i++) {
    const value *const v = &values[i];
    if (v->kind == NUMBER || at < v->block || at >= v->block + room(v) + 2 * GUARD) continue;
    fprintf(stderr, "@@ access %s %lu %u %ld %ld\n", how, bytes, i, (long)(at - v->data), (long)v->size);
    return;
  }
  fprintf(stderr, "@@ access %s %lu - 0 0\n", how, bytes);
}
#endif

/* ---- calls from a file ---- */

static const uint8_t *cursor, *end;

static const uint8_t *take(size_t bytes) {
  const uint8_t *const from = cursor;
  if ((size_t)(end - cursor) < bytes) die("the calls end early");
  cursor += (bytes + 7) / 8 * 8;
  if (cursor > end) cursor = end;
  return from;
}

static uint8_t *read_file(const char *name, long *bytes) {
  FILE *const f = fopen(name, "rb");
  if (!f || fseek(f, 0, SEEK_END)) die("the calls cannot be read");
  *bytes = ftell(f);
  rewind(f);
  uint8_t *const all = malloc((size_t)*bytes + 8);
  if (!all || fread(all, 1, (size_t)*bytes, f) != (size_t)*bytes) die("the calls cannot be read");
  fclose(f);
  return all;
}

static int read_call(void) {
  uint32_t head[2], kind[2];
  memcpy(head, take(8), 8);
  count = head[1];
  if (count > MOST_VALUES) die("too many arguments");
  for (uint32_t i = 0; i < count; i++) {
    value *const v = &values[i];
    memcpy(kind, take(8), 8);
    v->kind = kind[0];
    v->slack = kind[1];
    memcpy(&v->size, take(8), 8);
    v->initial = v->kind == INPUT || v->kind == MUTABLE ? take((size_t)v->size) : NULL;
  }
  return (int)head[0];
}

static void enter(void *t) { golden_call(t); }

static void call(int cores, uint8_t fill, FILE *out) {
  golden_value given[MOST_VALUES];
  golden_case t;
  for (uint32_t i = 0; i < count; i++) {
    value *const v = &values[i];
    if (v->kind != NUMBER) place(v, fill);
    given[i].pointer = v->kind == NUMBER ? NULL : v->data;
    given[i].number = v->size;
  }
  golden_fill(&t, given);
  pulsec_fork(cores, enter, &t);
  for (uint32_t i = 0; i < count; i++) {
    value *const v = &values[i];
    if (v->kind == NUMBER) continue;
    inspect(v, i);
    if (v->kind == OUTPUT && fwrite(v->data, 1, (size_t)v->size, out) != (size_t)v->size) die("disk full");
    free(v->block);
    v->block = NULL;
  }
}

int main(int argc, char **argv) {
  if (argc != 5) die("CALLS RESULTS FIRST COUNT");
  long bytes;
  uint8_t *const all = read_file(argv[1], &bytes);
  cursor = all;
  end = all + bytes;
  FILE *const out = fopen(argv[2], "wb");
  if (!out) die("the results cannot be written");
  const int first = atoi(argv[3]), calls = atoi(argv[4]);
  for (int i = 0; i < calls; i++) {
    const int cores = read_call();
    if (i < first) continue;
    fprintf(stderr, "@@ call %d\n", i);
    fflush(stderr);
    call(cores, 0x5a, out);
    call(cores, 0xa5, out);
    fflush(out);
  }
  fprintf(stderr, "@@ end\n");
  free(all);
  return fclose(out) ? 2 : 0;
}
