/** C text: identifiers, literals, calls with their constants. */
import { type Storage, slotBytes, storages } from "../../ir/storage.js";

/** Sign and width of one element in C; formats narrower than a byte take a byte. */
function slot(storage: Storage): { signed: boolean; bits: number } {
  if (storage === "f32") throw new Error("integer networks hold no floats");
  return { signed: storages[storage].min < 0, bits: 8 * slotBytes(storage) };
}

/** The C type of one element: `int8_t`. */
export const cType = (storage: Storage): string =>
  `${slot(storage).signed ? "int" : "uint"}${slot(storage).bits}_t`;

/** How kernels are told a type: `PULSEC_I8`. */
export const kernelType = (storage: Storage): string =>
  `PULSEC_${slot(storage).signed ? "I" : "U"}${slot(storage).bits}`;

/** Words of C and C++, functions that the code calls, and macros that compilers define. */
const taken = new Set(
  `auto break case char const continue default do double else enum extern float for goto if inline int long register
  restrict return short signed sizeof static struct switch typedef union unsigned void volatile while bool true false
  asm class delete new operator private protected public template this throw try catch namespace using virtual main
  memcpy memset memmove arena unix linux i386 arm mips`.split(/\s+/),
);
/** Macros of the headers in use, and our own. */
const macros = /^(NULL|TRACE|PULSEC_.*|[A-Z0-9_]+_(MIN|MAX|C|WIDTH))$/;

/** A C identifier like `name`, no keyword, no macro of the headers in use. */
export function identifier(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9_]/g, "_").replace(/^(?=[0-9_]|$)/, "v");
  return taken.has(plain) || macros.test(plain) ? `${plain}_` : plain;
}

/** Identifiers that differ from each other in more than case, so that macros made of them differ too. */
export function identifiers(names: readonly string[]): ReadonlyMap<string, string> {
  const used = new Set<string>();
  const found = new Map<string, string>();
  for (const name of names) {
    const base = identifier(name);
    let free = base;
    for (let i = 1; used.has(free.toUpperCase()); i++) free = `${base}_${i}`;
    used.add(free.toUpperCase());
    found.set(name, free);
  }
  return found;
}

const [int32Min, int64Min] = [storages.i32.min, -(2n ** 63n)];

/** An integer literal of its type; the lowest numbers have no literal in C. */
export function literal(v: number | bigint): string {
  if (typeof v === "bigint") return v === int64Min ? "INT64_MIN" : `${v}LL`;
  return v === int32Min ? "INT32_MIN" : String(v);
}

/** What may stand in a block comment. */
export const commentText = (text: string): string =>
  text.replaceAll("*/", "* /").replaceAll("/*", "/ *").replace(/\s+/g, " ");

/** Words on lines of at most `width` columns. */
export function fill(words: readonly string[], indent: string, width = 100): string {
  const lines: string[] = [];
  let line = indent;
  for (const word of words) {
    if (line.length > indent.length && line.length + word.length > width) {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()].join("\n");
}

/** `{1, 2, 3}`, over several lines where one is too short. Constants may have millions of elements. */
export function initialiser(data: ArrayLike<number | bigint>): string {
  if (data.length <= 8) return `{${Array.from(data, literal).join(", ")}}`;
  const lines: string[] = [];
  let line = " ";
  for (let i = 0; i < data.length; i++) {
    line += ` ${literal(data[i]!)},`;
    if (line.length < 92) continue;
    lines.push(line);
    line = " ";
  }
  if (line.length > 1) lines.push(line);
  return `{\n${lines.join("\n")}\n}`;
}

export type Field = number | string | readonly number[];
const field = (value: Field): string =>
  typeof value === "string"
    ? value
    : typeof value === "number"
      ? literal(value)
      : `{${value.map(literal).join(", ")}}`;

/** `fn(args, (type){.field = value, ...});` */
export function call(
  fn: string,
  args: readonly string[],
  type: string,
  fields: Readonly<Record<string, Field>>,
): string {
  const words = Object.entries(fields).map(([name, value]) => `.${name} = ${field(value)},`);
  return `  ${fn}(${[...args, `(${type}){`].join(", ")}\n${fill(words, "      ")}\n  });`;
}
