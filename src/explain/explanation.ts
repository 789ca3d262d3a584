/** What `pulsec explain` knows of a diagnostic: its meaning, an input that gives it, and the same input put right. */
import type { Diagnostic } from "../ir/diagnostic.js";

/** A file that is no text: its bytes in hexadecimal (white space is skipped), in base64, or as many zeros. */
export type BinaryFile = { readonly about: string } & (
  | { readonly hex: string }
  | { readonly base64: string }
  | { readonly zeros: number }
);

/** Relative paths with the texts in them; a path that ends in "/" is an empty folder. */
export type ExampleFiles = Readonly<Record<string, string | BinaryFile>>;

/** Arguments of `pulsec` as one writes them in a shell, run in a folder that holds the files. */
export interface CommandExample {
  readonly files: ExampleFiles;
  /** Words are separated by spaces; quotes ('...' or "...") keep them together: `check model.pulse`. */
  readonly command: string;
  /** Commands that go before and exit with 0: they write what the command reads. */
  readonly before?: readonly string[];
  /** Environment variables that the command is run with. */
  readonly env?: Readonly<Record<string, string>>;
}

/** For what no command reaches: an ES module that imports "pulsec" and prints diagnostics with `renderDiagnostic`. */
export interface ScriptExample {
  readonly files: ExampleFiles;
  readonly script: string;
  readonly env?: Readonly<Record<string, string>>;
}

export type Example = CommandExample | ScriptExample;
export const isScript = (example: Example): example is ScriptExample => "script" in example;

export interface Explanation {
  readonly id: Diagnostic["id"];
  /** One sentence without a full stop: what the diagnostic means. */
  readonly title: string;
  /** Two to four sentences: why pulsec refuses (or warns), and what to do. */
  readonly why: string;
  /** Gives the diagnostic. */
  readonly wrong: Example;
  /** Does not give it, and exits with 0. */
  readonly right: Example;
}

/** Both examples differ in one file: the usual case. */
export const fixedIn = (
  file: string,
  command: string,
  wrong: string,
  right: string,
  others: ExampleFiles = {},
): Pick<Explanation, "wrong" | "right"> => ({
  wrong: { files: { [file]: wrong, ...others }, command },
  right: { files: { [file]: right, ...others }, command },
});

/** Both examples differ in the command: the files are right. */
export const calledBetter = (
  files: ExampleFiles,
  wrong: string,
  right: string,
): Pick<Explanation, "wrong" | "right"> => ({
  wrong: { files, command: wrong },
  right: { files, command: right },
});
