/** Runs the examples of explanations as a user would, in a folder of their own. */
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import {
  type BinaryFile,
  type CommandExample,
  type Example,
  isScript,
  type ScriptExample,
} from "../../src/explain/explanation.js";
import { callPulsec, type Said } from "../cli/in-process.js";

/** Words of a command line: quotes keep spaces. */
const words = (command: string): readonly string[] =>
  [...command.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map((m) => m[1] ?? m[2] ?? m[3]!);

function bytesOf(file: BinaryFile): Uint8Array {
  if ("hex" in file) return Buffer.from(file.hex.replace(/\s/g, ""), "hex");
  return "base64" in file ? Buffer.from(file.base64, "base64") : new Uint8Array();
}

function writeExampleFile(name: string, content: string | BinaryFile): void {
  mkdirSync(name.endsWith("/") ? name : path.dirname(name), { recursive: true });
  if (name.endsWith("/")) return;
  writeFileSync(name, typeof content === "string" ? content : bytesOf(content));
  if (typeof content !== "string" && "zeros" in content) truncateSync(name, content.zeros);
}

async function runCommand({ command, before = [] }: CommandExample): Promise<Said> {
  for (const earlier of before) {
    const ended = await callPulsec(...words(earlier));
    if (ended.code !== 0) throw new Error(`pulsec ${earlier} exits ${ended.code}:\n${ended.err}`);
  }
  return callPulsec(...words(command));
}

const api = new URL("../../src/index.js", import.meta.url).href;

/** `import ... from "pulsec"` means the build under test; what the script prints counts as messages. */
async function runScript({ script }: ScriptExample): Promise<Said> {
  const file = path.resolve("example.mjs");
  writeFileSync(file, script.replaceAll('from "pulsec"', `from ${JSON.stringify(api)}`));
  let err = "";
  const { log } = console;
  console.log = (...parts: unknown[]) => void (err += `${parts.join(" ")}\n`);
  try {
    await import(pathToFileURL(file).href);
    return { code: 0, out: "", err };
  } finally {
    console.log = log;
  }
}

async function withEnvironment<T>(env: Readonly<Record<string, string>>, body: () => Promise<T>): Promise<T> {
  const kept = { ...process.env };
  Object.assign(process.env, env);
  try {
    return await body();
  } finally {
    for (const name of Object.keys(env)) {
      delete process.env[name];
      if (kept[name] !== undefined) process.env[name] = kept[name];
    }
  }
}

/** Leaves nothing behind; the current folder is the example's while it runs. */
export async function runExample(example: Example): Promise<Said> {
  const home = process.cwd();
  const dir = mkdtempSync(path.join(tmpdir(), "pulsec-explain-"));
  try {
    process.chdir(dir);
    for (const [name, content] of Object.entries(example.files)) writeExampleFile(name, content);
    const ended = await withEnvironment(example.env ?? {}, () =>
      isScript(example) ? runScript(example) : runCommand(example),
    );
    return { ...ended, err: ended.err.replaceAll(`${process.cwd()}/`, "") };
  } finally {
    process.chdir(home);
    rmSync(dir, { recursive: true, force: true });
  }
}
