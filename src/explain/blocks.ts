/** An explanation's examples as titled texts: what the terminal and the page of diagnostics show. */
import { lineDiff } from "./diff.js";
import { type BinaryFile, type Example, type Explanation, isScript } from "./explanation.js";

export interface Block {
  /** A file, a command, or what the block shows. */
  readonly title: string;
  /** Of Markdown's code fences. */
  readonly language: string;
  readonly text: string;
}

/** The input that is wrong, and what pulsec prints of it. */
export const wrongBlocks = ({ wrong }: Explanation, printed: string): readonly Block[] => [
  ...shownFiles(wrong).map(([name, text]) => ({ title: name, language: languageOf(name), text: cut(text) })),
  { title: callOf(wrong), language: "text", text: cut(printed) },
];

/** What to change: files as differences, the command where it is another. */
export function rightBlocks({ wrong, right }: Explanation): readonly Block[] {
  const before = new Map(shownFiles(wrong));
  const changed = shownFiles(right).filter(([name, text]) => before.get(name) !== text);
  const call = callOf(right);
  return [
    ...changed.map(([name, text]) => changedBlock(name, before.get(name), text)),
    ...(call === callOf(wrong) ? [] : [{ title: "the call", language: "text", text: call }]),
  ];
}

function changedBlock(name: string, before: string | undefined, after: string): Block {
  const isText = before !== undefined && !before.startsWith("(");
  return isText && !isLong(before)
    ? { title: name, language: "diff", text: lineDiff(before, after) }
    : { title: name, language: languageOf(name), text: cut(after) };
}

const scriptName = "example.mjs";

/** Files that are empty say nothing. */
function shownFiles(example: Example): readonly (readonly [name: string, text: string])[] {
  const files = Object.entries(example.files)
    .filter(([, content]) => content !== "")
    .map(
      ([name, content]) =>
        [name, typeof content === "string" ? content.trimEnd() : described(content)] as const,
    );
  return isScript(example) ? [...files, [scriptName, example.script.trimEnd()]] : files;
}

/** The shell's words: variables, then the commands one after the other. */
export function callOf(example: Example): string {
  const env = Object.entries(example.env ?? {}).map(([name, value]) => `${name}=${quoted(value)} `);
  if (isScript(example)) return `${env.join("")}node ${scriptName}`;
  const before = (example.before ?? []).map((command) => `pulsec ${command} && `);
  return `${before.join("")}${env.join("")}pulsec ${example.command}`;
}

const quoted = (value: string): string => (/^[\w./-]+$/.test(value) ? value : JSON.stringify(value));

/** Bytes of a binary file that are shown. */
const shownBytes = 32;

function described(file: BinaryFile): string {
  if ("zeros" in file) return `(${file.about})`;
  const bytes =
    "hex" in file ? Buffer.from(file.hex.replace(/\s/g, ""), "hex") : Buffer.from(file.base64, "base64");
  const start = bytes
    .subarray(0, shownBytes)
    .toString("hex")
    .replace(/(.{8})(?=.)/g, "$1 ");
  const rest = bytes.length > shownBytes ? ` ... ${bytes.length} bytes in all` : "";
  return `(${file.about}:\n${start}${rest})`;
}

const languageOf = (name: string): string =>
  /\.(mjs|json)$/.exec(name)?.[1]?.replace("mjs", "js") ?? (/\.(pir|pulse)$/.exec(name)?.[1] || "text");

/** Of a long text, the beginning and the end. */
const longest = 28;
const isLong = (text: string): boolean => text.split("\n").length > longest;

/** The text, without its middle where it is long. */
export function cut(text: string): string {
  if (!isLong(text)) return text;
  const lines = text.split("\n");
  const [first, last] = [lines.slice(0, 12), lines.slice(-6)];
  return [...first, `... ${lines.length - 18} more lines`, ...last].join("\n");
}
