/** An entry of a JSON file with its place in the text, so that a refusal can show it. */
import { type Diagnostic, error, nearest, Refusal, type Span } from "../ir/diagnostic.js";
import { isRecord } from "../ir/record.js";

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type More = Omit<Partial<Diagnostic>, "id" | "severity" | "text" | "place">;

export class Entry {
  readonly #source: string;
  readonly #file: string;
  readonly #value: Json | undefined;
  readonly #path: readonly (string | number)[];

  private constructor(
    source: string,
    file: string,
    value: Json | undefined,
    path: readonly (string | number)[],
  ) {
    this.#source = source;
    this.#file = file;
    this.#value = value;
    this.#path = path;
  }

  static parse(source: string, file: string): Entry {
    const refuse = (text: string): never => {
      const help = "names and texts stand in double quotes; no comments, no comma behind the last entry";
      throw new Refusal(error("golden/binding", text, { place: { file, start: 0, end: 0 }, help }));
    };
    let value: Json;
    try {
      value = JSON.parse(source) as Json;
    } catch (e) {
      return refuse(`${file} is no JSON: ${(e as Error).message}`);
    }
    if (!isRecord(value)) return refuse(`${file} does not hold a binding: a JSON object`);
    return new Entry(source, file, value, []);
  }

  get present(): boolean {
    return this.#value !== undefined;
  }
  get isList(): boolean {
    return Array.isArray(this.#value);
  }
  isText(text: string): boolean {
    return this.#value === text;
  }

  /** The entry `key`, which may be absent. */
  at(key: string): Entry {
    const object = this.#value;
    const own =
      isRecord(object) && Object.hasOwn(object, key)
        ? (object as { readonly [key: string]: Json })[key]
        : undefined;
    return new Entry(this.#source, this.#file, own, [...this.#path, key]);
  }

  /** Members of an object; none where it is absent. */
  entries(): readonly (readonly [string, Entry])[] {
    if (!this.present) return [];
    const object = this.#value;
    if (!isRecord(object)) return this.refuse("an object is expected here: { ... }");
    return Object.keys(object).map((key) => [key, this.at(key)] as const);
  }

  /** Members of a list; none where it is absent. */
  items(): readonly Entry[] {
    if (!this.present) return [];
    if (!Array.isArray(this.#value)) return this.refuse("a list is expected here: [ ... ]");
    return (this.#value as readonly Json[]).map(
      (v, i) => new Entry(this.#source, this.#file, v, [...this.#path, i]),
    );
  }

  /** What each member of a list says; nothing where it is absent. */
  map<T>(read: (e: Entry) => T): readonly T[] {
    return this.items().map(read);
  }

  text(fallback?: string): string {
    if (!this.present && fallback !== undefined) return fallback;
    return typeof this.#value === "string" ? this.#value : this.refuse("a text is expected here");
  }

  identifier(fallback?: string): string {
    const text = this.text(fallback);
    return /^[A-Za-z_]\w*$/.test(text) ? text : this.refuse(`${JSON.stringify(text)} is no name in C`);
  }

  oneOf<T extends string>(known: readonly T[], fallback?: T): T {
    const text = this.text(fallback);
    if ((known as readonly string[]).includes(text)) return text as T;
    const guess = nearest(text, known);
    return this.refuse(`${JSON.stringify(text)} is not known here`, {
      expected: known.join(", "),
      ...(guess ? { help: `did you mean ${guess}?` } : {}),
    });
  }

  flag(): boolean {
    if (!this.present) return false;
    return typeof this.#value === "boolean" ? this.#value : this.refuse("true or false is expected here");
  }

  float(): number {
    return typeof this.#value === "number" ? this.#value : this.refuse("a number is expected here");
  }

  whole(min: number, max: number): number {
    const value = this.#value;
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= min && value <= max)
      return value;
    return this.refuse("a whole number is expected here", { expected: `[${min}, ${max}]` });
  }

  number<T extends number>(known: readonly T[]): T {
    const value = this.#value as T;
    return known.includes(value)
      ? value
      : this.refuse("this number is not known here", { expected: known.join(" or ") });
  }

  /** What an expression is made of. */
  numberOrText(): string {
    const value = this.#value;
    return typeof value === "number" ? String(value) : this.text();
  }

  /** Refuses keys beside `known`. */
  only(...known: readonly string[]): void {
    for (const [key, entry] of this.entries()) {
      if (known.includes(key)) continue;
      const guess = nearest(key, known);
      entry.refuse(`there is no entry ${key} here`, {
        expected: known.join(", "),
        ...(guess ? { help: `did you mean ${guess}?` } : {}),
      });
    }
  }

  refuse(text: string, more: More = {}): never {
    const where = this.#path
      .map((p, i) => (typeof p === "number" ? `[${p}]` : `${i ? "." : ""}${p}`))
      .join("");
    const found = this.present ? JSON.stringify(this.#value).slice(0, 80) : "no entry";
    throw new Refusal(
      error("golden/binding", `${where || this.#file}: ${text}`, { place: this.#span(), found, ...more }),
    );
  }

  /** The stretch of the last key of the path that stands in the text. */
  #span(): Span {
    let [from, length] = [0, 0];
    for (const key of this.#path) {
      const wanted = JSON.stringify(key);
      const next =
        typeof key === "number"
          ? nthItem(this.#source, from + length, key)
          : this.#source.indexOf(wanted, from);
      if (next < 0) break;
      [from, length] = [next, typeof key === "number" ? 1 : wanted.length];
    }
    return { file: this.#file, start: from, end: from + Math.max(1, length) };
  }
}

/** Where item `n` of the list begins that opens behind `from`. */
function nthItem(source: string, from: number, n: number): number {
  const open = source.indexOf("[", from);
  if (open < 0) return -1;
  let [depth, item, quoted] = [0, 0, false];
  for (let i = open; i < source.length; i++) {
    const c = source[i]!;
    if (c === '"' && source[i - 1] !== "\\") quoted = !quoted;
    if (quoted) {
      if (depth === 1 && item === n) return i;
      continue;
    }
    if (depth === 1 && item === n && /[^\s,]/.test(c)) return i;
    if (c === "[" || c === "{") depth++;
    if (c === "]" || c === "}") depth--;
    if (c === "," && depth === 1) item++;
  }
  return -1;
}
