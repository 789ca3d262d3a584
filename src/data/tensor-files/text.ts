/** Numbers as text: CSV rows, columns, and the one-value-per-line dumps of DORY and PLiNIO. */
import { type RawArray, refuseFile, stem } from "./array.js";

const number = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/;
const separators = /[\s,;\\]+/;
const missing = /(?:^|[,;])[ \t]*[,;]/;

/** A line of a dump: one value, perhaps `,` and `\`. Tried first: files hold a million of them. */
const dumped = /^[ \t]*([-+]?\d+(?:\.\d*)?)[ \t]*,?[ \t]*\\?[ \t]*$/;

/** Throws a `Refusal`. The first line may be a header, with or without `#`, and may state a `(shape [140, 11])`. */
export function readText(file: string, bytes: Uint8Array): RawArray {
  const text = decodeText(file, bytes);
  const lines = text.split(text.includes("\r") ? /\r\n|\n|\r/ : "\n");
  const table = new Table(file);
  let header: string | undefined;
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    const single = dumped.exec(line);
    const values = single ? [single[1]!] : line.split(separators).filter((t) => t !== "");
    if (values.length === 0) continue;
    const remark = values[0]!.startsWith("#");
    if (remark || (table.isEmpty && header === undefined && !number.test(values[0]!))) header ??= line;
    else if (!single && missing.test(line)) refuseToken(file, i, "");
    else table.addRow(values, i);
  }
  const data = table.values();
  const { label, shape } = readHeaderLine(header ?? "");
  const headerShape = shape ?? table.shape();
  const claims = { ...(label ? { label } : {}), ...(headerShape ? { headerShape } : {}) };
  return { name: stem(file), ...claims, dtype: "f8", data };
}

function decodeText(file: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return refuseFile("file/text-encoding", file, "this is not a text file in UTF-8", {
      help: "save it as UTF-8; binary dumps end in .npy, .npz or .bin",
    });
  }
}

const refuseToken = (file: string, line: number, token: string): never =>
  refuseFile(
    "file/text-number",
    file,
    `line ${line + 1} ${token ? "holds something that is no number" : "leaves a value out"}`,
    {
      found: token ? JSON.stringify(token.slice(0, 40)) : "an empty field",
      expected: "decimal numbers, separated by commas, semicolons or spaces",
      help: "only the first line may be a header; other remarks begin with #",
    },
  );

/** `# conv0_ReLU (shape [1, 512, 4]),` gives the label and the shape; `time,ppg` neither. */
function readHeaderLine(line: string): { label?: string; shape?: readonly number[] } {
  const found = /^[#\s]*(.*?)\s*\(shape \[([\d,\s]*)\]\)/.exec(line.slice(0, 1000));
  if (!found) return {};
  const shape = found[2]!.split(",").map(Number);
  return {
    ...(found[1] ? { label: found[1] } : {}),
    ...(shape.every((d) => Number.isSafeInteger(d) && d > 0) ? { shape } : {}),
  };
}

interface Row {
  readonly line: number;
  readonly length: number;
}

/** Rows of one length are a matrix; a shorter last row means that long lines were wrapped. */
class Table {
  readonly #file: string;
  /** Doubles that grow by doubling: plain arrays of a million numbers would cost several times the memory. */
  #data = new Float64Array(1024);
  #count = 0;
  #rows = 0;
  #width = 0;
  #short: Row | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  addRow(tokens: readonly string[], line: number): void {
    for (const token of tokens) {
      if (!number.test(token)) refuseToken(this.#file, line, token);
      this.#push(Number(token));
    }
    if (this.#rows++ === 0) this.#width = tokens.length;
    if (this.#short !== undefined || tokens.length > this.#width)
      this.#refuseRow(this.#short ?? { line, length: tokens.length });
    if (tokens.length < this.#width) this.#short = { line, length: tokens.length };
  }

  #push(value: number): void {
    if (this.#count === this.#data.length) {
      const wider = new Float64Array(this.#count * 2);
      wider.set(this.#data);
      this.#data = wider;
    }
    this.#data[this.#count++] = value;
  }

  #refuseRow({ line, length }: Row): never {
    const text = `line ${line + 1} has another number of values than the lines before`;
    const help = "write one value per line, or rows of one length";
    return refuseFile("file/text-rows", this.#file, text, {
      found: `${length} values`,
      expected: `${this.#width} values in each row`,
      help,
    });
  }

  shape(): readonly number[] | undefined {
    const matrix = this.#short === undefined && this.#rows > 1 && this.#width > 1;
    return matrix ? [this.#rows, this.#width] : undefined;
  }

  /** All values in order; none are a refusal. */
  values(): Float64Array {
    if (this.#count > 0) return this.#data.slice(0, this.#count);
    const expected = "one value per line, or rows of values";
    return refuseFile("file/text-number", this.#file, "the file holds no numbers", { expected });
  }
}

/** The DORY form: a header with name and shape, then one value per line with a trailing comma. */
export function writeText({ name, label = name, data, shape = [data.length] }: RawArray): string {
  const lines = [`# ${label} (shape [${shape.join(", ")}]),`];
  for (const value of data) lines.push(`${value},`);
  return `${lines.join("\n")}\n`;
}
