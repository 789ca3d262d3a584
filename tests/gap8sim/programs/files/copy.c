/* Copies in.txt to out.txt in capitals; says how long it is and why another file cannot be opened. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>

int main(void) {
  FILE *in = fopen("in.txt", "r");
  if (!in) return 1;
  FILE *out = fopen("out.txt", "w");
  int count = 0;
  for (int c; (c = fgetc(in)) != EOF; count++)
    if (out) fputc(toupper(c), out);
  fclose(in);
  if (out) fclose(out);
  else printf("out.txt: errno %d\n", errno);
  printf("%d bytes\n", count);
  if (fopen("../secret.txt", "r")) return 2;
  printf("../secret.txt: errno %d\n", errno);
  return 0;
}
