/** The C texts around a kernel: the header of the arguments, and the adapter that users may edit. */
import path from "node:path";
import type { Argument, Binding } from "./binding.js";

const isPointer = (type: string): boolean => type.trimEnd().endsWith("*");
const declared = ({ type, name }: Argument): string => `${type}${isPointer(type) ? "" : " "}${name}`;
/** C has no empty list of arguments in a macro's place. */
const listed = (args: readonly Argument[], one: (a: Argument) => string): string =>
  args.map(one).join(", ") || "void";

/** `pulsec_golden.h`: the arguments of the kernel, as the binding orders them. */
export function headerText({ file, arguments: args }: Binding): string {
  const fields = args.map(
    (a) => `  ${isPointer(a.type) ? a.type.replace(/\*$/, "*const ") : `${a.type} `}${a.name};`,
  );
  const values = args.map((a, i) => {
    const from = isPointer(a.type) ? pointerOf(a, i) : `(${a.type})v[${i}].number`;
    return `    ${from},`;
  });
  return `/* Made by pulsec golden from ${path.basename(file)}. */
#ifndef PULSEC_GOLDEN_H
#define PULSEC_GOLDEN_H
#include <stdint.h>
#include <string.h>

/* One vector: what the kernel is called with. */
typedef struct {
${(fields.length > 0 ? fields : ["  int nothing;"]).join("\n")}
} golden_case;

/* The kernel's parameters, and the arguments of vector t, in the binding's order. */
#define GOLDEN_PARAMETERS ${listed(args, declared)}
#define GOLDEN_ARGUMENTS(t) ${args.map((a) => `(t)->${a.name}`).join(", ")}

/* The adapter. */
void golden_call(const golden_case *t);

typedef struct {
  void *pointer;
  int64_t number;
} golden_value;

static inline void golden_fill(golden_case *t, const golden_value *v) {
  (void)v;
  const golden_case filled = {
${(values.length > 0 ? values : ["    0,"]).join("\n")}
  };
  memcpy(t, &filled, sizeof filled);
}
#endif
`;
}

/** A pointer argument may also be a number: 0 for what is left out. */
const pointerOf = (a: Argument, i: number): string =>
  a.kind === "value" ? `(${a.type})(intptr_t)v[${i}].number` : `(${a.type})v[${i}].pointer`;

/** The adapter that `golden new` writes: short, and the user's to change. */
export const adapterText = (kernel: string, bindingFile: string): string => `/*
 * Calls ${kernel} for one golden vector. The order of its arguments stands in ${bindingFile}; include the kernel's own
 * header instead of the declaration where it has one. Every argument is also there by its name: t->y.
 */
#include "pulsec_golden.h"

void ${kernel}(GOLDEN_PARAMETERS);

void golden_call(const golden_case *t) { ${kernel}(GOLDEN_ARGUMENTS(t)); }
`;
