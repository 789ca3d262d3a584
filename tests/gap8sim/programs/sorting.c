/* Quicksort with an insertion sort for short runs, heap sort, and the library's qsort on the same numbers. */
#include <stdlib.h>
#include "common.h"

#define COUNT 700
static int32_t numbers[COUNT], sorted[3][COUNT];

static void swap(int32_t *a, int32_t *b) {
  int32_t t = *a;
  *a = *b;
  *b = t;
}

static void quick(int32_t *a, int n) {
  while (n > 12) {
    int32_t pivot = a[n / 2];
    int i = 0, j = n - 1;
    while (i <= j) {
      while (a[i] < pivot) i++;
      while (a[j] > pivot) j--;
      if (i <= j) swap(&a[i++], &a[j--]);
    }
    quick(a, j + 1);
    a += i;
    n -= i;
  }
  for (int i = 1; i < n; i++)
    for (int j = i; j > 0 && a[j - 1] > a[j]; j--) swap(&a[j - 1], &a[j]);
}

static void sift(int32_t *a, int root, int n) {
  for (int child; (child = 2 * root + 1) < n; root = child) {
    if (child + 1 < n && a[child + 1] > a[child]) child++;
    if (a[root] >= a[child]) return;
    swap(&a[root], &a[child]);
  }
}

static void heap(int32_t *a, int n) {
  for (int i = n / 2; i-- > 0;) sift(a, i, n);
  for (int end = n; --end > 0;) {
    swap(&a[0], &a[end]);
    sift(a, 0, end);
  }
}

static int compare(const void *a, const void *b) {
  int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
  return x < y ? -1 : x > y;
}

int main(void) {
  for (int round = 0; round < 4; round++) {
    for (int i = 0; i < COUNT; i++) numbers[i] = (int32_t)draw() >> (round * 9);
    for (int k = 0; k < 3; k++) memcpy(sorted[k], numbers, sizeof numbers);
    quick(sorted[0], COUNT);
    heap(sorted[1], COUNT);
    qsort(sorted[2], COUNT, sizeof(int32_t), compare);
    for (int k = 0; k < 3; k++) SHOW("sorted", hash(sorted[k], sizeof numbers, HASH0));
  }
  return 0;
}
