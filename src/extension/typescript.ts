/** TypeScript without its types: each becomes blanks, so that every line and column stays where it was. */
import type { Options, TransformOutput } from "@swc/wasm-typescript";

/** TypeScript that cannot be read, or that types alone do not make: `enum`, `namespace`, parameter properties. */
export class TypeScriptError extends Error {
  override readonly name = "TypeScriptError";
  constructor(
    /** Path of the file. */
    readonly file: string,
    readonly line: number,
    readonly column: number,
    readonly reason: string,
  ) {
    super(`${file}:${line}:${column}: ${reason}`);
  }
}

export type Strip = (source: string, file: string) => string;

/** What the parser throws. */
interface Fault {
  readonly message: string;
  readonly startLine: number;
  readonly startColumn: number;
}

/** Loads the parser: 0.1 s. */
export async function loadStrip(): Promise<Strip> {
  const { default: swc } = (await import("@swc/wasm-typescript")) as unknown as {
    default: { transformSync(source: string, options: Options): TransformOutput };
  };
  return (source, file) => {
    try {
      return swc.transformSync(source, { mode: "strip-only", module: true, filename: file }).code;
    } catch (e) {
      const { message, startLine, startColumn } = e as Fault;
      throw new TypeScriptError(file, startLine, startColumn + 1, message);
    }
  };
}
