/** Numbers as text: CSV rows, columns, and the one-value-per-line dumps of DORY and PLiNIO. */
import { type RawArray, refuseFile, stem } from "./array.js";

const number = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/;
const separators = /[\s,;\\]+/;
const missing = /(?:^|[,;])[ \t]*[,;]/;

/** Throws a `Refusal`. The first line may be a header, with or without `#`, and may state a `(shape [140, 11])`. */
export function readText(file: string, bytes: Uint8Array): RawArray {
  const lines = decodeText(file, bytes).split(/\r\n|\n|\r/);
  const values = new Numbers();
  const rows = new RowShape(file);
  let header: string | undefined;
  for (const [i, line] of lines.entries()) {
    const tokens = line.split(separators).filter((t) => t !== "");
    if (tokens.length === 0) continue;
    if (
      tokens[0]!.startsWith("#") ||
      (values.length === 0 && header === undefined && !number.test(tokens[0]!))
    ) {
      header ??= line;
      continue;
    }
    if (missing.test(line)) refuseToken(file, i, "");
    for (const token of tokens) {
      if (!number.test(token)) refuseToken(file, i, token);
      values.push(Number(token));
    }
    rows.add(tokens.length, i);
  }
  if (values.length === 0)
    refuseFile("file/text-number", file, "the file holds no numbers", {
      expected: "one value per line, or rows of values",
    });
  const { label, shape } = readHeaderLine(header ?? "");
  const headerShape = shape ?? rows.shape();
  return {
    name: stem(file),
    ...(label ? { label } : {}),
    ...(headerShape ? { headerShape } : {}),
    dtype: "f8",
    data: values.take(),
  };
}

function decodeText(file: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return refuseFile("file/text-encoding", file, "this is not a text file in UTF-8", {
      help: "binary dumps end in .npy, .npz or .bin",
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

/** Rows of one length are a matrix; a shorter last row means that long lines were wrapped. */
class RowShape {
  readonly #file: string;
  #rows = 0;
  #width = 0;
  #short: number | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  add(width: number, line: number): void {
    if (this.#rows++ === 0) this.#width = width;
    if (this.#short !== undefined || width > this.#width) {
      refuseFile(
        "file/text-rows",
        this.#file,
        `line ${(this.#short ?? line) + 1} has another number of values than the lines before`,
        {
          expected: `${this.#width} values in each row`,
          help: "write one value per line, or rows of one length",
        },
      );
    }
    if (width < this.#width) this.#short = line;
  }

  shape(): readonly number[] | undefined {
    const matrix = this.#short === undefined && this.#rows > 1 && this.#width > 1;
    return matrix ? [this.#rows, this.#width] : undefined;
  }
}

/** A growing list of doubles; plain arrays of a million numbers would cost several times the memory. */
class Numbers {
  #data = new Float64Array(1024);
  length = 0;

  push(value: number): void {
    if (this.length === this.#data.length) {
      const wider = new Float64Array(this.length * 2);
      wider.set(this.#data);
      this.#data = wider;
    }
    this.#data[this.length++] = value;
  }

  take(): Float64Array {
    return this.#data.slice(0, this.length);
  }
}

/** The DORY form: a header with name and shape, then one value per line with a trailing comma. */
export function writeText({ name, label = name, data, shape = [data.length] }: RawArray): string {
  const lines = [`# ${label} (shape [${shape.join(", ")}]),`];
  for (const value of data) lines.push(`${value},`);
  return `${lines.join("\n")}\n`;
}
