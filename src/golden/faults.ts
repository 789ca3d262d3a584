/** What the harness and the sanitizers print, as faults of the calls that they belong to. */
import path from "node:path";
import type { Fault } from "./runner.js";

/** Faults by call, for every call that was begun. `names` are those of the arguments. */
export function faultsByCall(
  stderr: string,
  names: readonly string[],
): ReadonlyMap<number, readonly Fault[]> {
  const found = new Map<number, readonly Fault[]>();
  for (const part of stderr.split(/^@@ call /m).slice(1)) {
    const [, number] = /^(\d+)/.exec(part)!;
    found.set(Number(number), faultsIn(part, names));
  }
  return found;
}

function faultsIn(text: string, names: readonly string[]): readonly Fault[] {
  const found = [...accesses(text, names), ...touched(text, names), ...undefinedBehaviour(text)];
  const seen = new Set<string>();
  return found.filter((f) => {
    const key = `${f.kind} ${f.text} ${f.line}`;
    return seen.has(key) ? false : seen.add(key);
  });
}

const bytes = (n: number): string => (n === 1 ? "1 byte" : `${n} bytes`);

const behind = (n: number): string => (n === 0 ? "right" : bytes(n));

/** `@@ access read 4 2 16 16`: how, bytes, argument, offset, size of the argument. */
function accesses(text: string, names: readonly string[]): Fault[] {
  const line = kernelLine(text);
  const where = line === undefined ? {} : { line };
  return [...text.matchAll(/^@@ access (read|write) (\d+) (\d+|-) (-?\d+) (\d+)$/gm)].map((m): Fault => {
    // Of a wild pointer not even the size is known.
    if (m[3] === "-") return { ...strayAccess(), ...where };
    const place = { argument: Number(m[3]), offset: Number(m[4]), size: Number(m[5]) };
    return { ...strayAccess({ how: m[1]!, bytes: Number(m[2]), ...place }, names), ...where };
  });
}

/** An access beside a buffer: `offset` counts from its begin, `size` is the buffer's. */
export interface Stray {
  readonly how: string;
  readonly bytes: number;
  readonly argument: number;
  readonly offset: number;
  readonly size: number;
}

/** An access outside of all buffers, or beside one. */
export function strayAccess(stray?: Stray, names: readonly string[] = []): Fault {
  if (!stray) return { kind: "access", text: "uses memory that belongs to no argument" };
  const { how, argument, offset, size } = stray;
  const beside =
    offset < 0 ? `${bytes(-offset)} before the start of` : `${behind(offset - size)} behind the end of`;
  const name = names[argument] ?? `argument ${argument}`;
  return {
    kind: "access",
    argument,
    text: `${how}s ${bytes(stray.bytes)}, ${beside} ${name} (${bytes(size)})`,
  };
}

/** The first line of a stack that does not lie in the harness. */
function kernelLine(text: string): string | undefined {
  for (const m of text.matchAll(/^\s*#\d+ 0x[0-9a-f]+ in \w+ (\S+?):(\d+)(?::\d+)?$/gm)) {
    const file = path.basename(m[1]!);
    if (!/^(?:main\.c|pulsec_\w+\.h|asan_\w+\.cpp|sanitizer_\w+\.\w+)$/.test(file)) return `${file}:${m[2]}`;
  }
  return undefined;
}

function touched(text: string, names: readonly string[]): Fault[] {
  const guards = [...text.matchAll(/^@@ guard (\d+) (before|after)$/gm)].map((m): Fault => {
    const argument = Number(m[1]);
    const side = m[2] === "before" ? "before the start" : "behind the end";
    return { kind: "guard", argument, text: `writes ${side} of ${names[argument] ?? argument}` };
  });
  const written = [...text.matchAll(/^@@ written (\d+)$/gm)].map((m): Fault => {
    const argument = Number(m[1]);
    return { kind: "written", argument, text: `changes its input ${names[argument] ?? argument}` };
  });
  return [...guards, ...written];
}

/** `kernel.c:31:9: runtime error: signed integer overflow: ...` */
function undefinedBehaviour(text: string): Fault[] {
  return [...text.matchAll(/^(\S+?):(\d+):\d+: runtime error: (.*)$/gm)].map(
    (m): Fault => ({
      kind: "undefined",
      text: m[3]!,
      line: `${path.basename(m[1]!)}:${m[2]}`,
    }),
  );
}
