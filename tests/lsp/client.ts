/** An editor as tests need it: starts the built `pulsec lsp` and speaks the protocol over its pipes. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { fileURLToPath } from "node:url";
import {
  createProtocolConnection,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-languageserver/node";
import { root } from "../harness.js";

const cli = path.join(path.dirname(fileURLToPath(import.meta.url)), "..", "..", "src", "cli", "main.js");

/** Milliseconds that an answer may take on a busy machine. */
const patience = 30_000;

export interface Editor {
  readonly process: ChildProcessWithoutNullStreams;
  readonly connection: ProtocolConnection;
  /** The next diagnostics that the server publishes for this version of the text. */
  published(uri: string, version: number): Promise<PublishDiagnosticsParams>;
  open(uri: string, text: string): Promise<void>;
  change(uri: string, version: number, text: string): Promise<void>;
  /** The exit code. */
  ended(): Promise<number | null>;
}

/** `folder`: where the server is started, as an editor does in the folder that is open. */
export async function startEditor(folder = root): Promise<Editor> {
  const process_ = spawn(process.execPath, [cli, "lsp", "--stdio"], { cwd: folder });
  const connection = createProtocolConnection(
    new StreamMessageReader(process_.stdout),
    new StreamMessageWriter(process_.stdin),
  );
  const seen: PublishDiagnosticsParams[] = [];
  let wake: (() => void)[] = [];
  connection.onNotification("textDocument/publishDiagnostics", (params: PublishDiagnosticsParams) => {
    seen.push(params);
    for (const go of wake) go();
    wake = [];
  });
  connection.listen();
  await connection.sendRequest("initialize", { processId: null, rootUri: null, capabilities: {} });
  await connection.sendNotification("initialized", {});
  const code = once(process_, "exit").then(([status]) => status as number | null);
  return {
    process: process_,
    connection,
    async published(uri, version) {
      const end = Date.now() + patience;
      for (;;) {
        const found = seen.find((p) => p.uri === uri && p.version === version);
        if (found) return found;
        if (Date.now() > end) throw new Error(`no diagnostics of ${uri} version ${version}`);
        await Promise.race([new Promise<void>((go) => wake.push(go)), pause(500)]);
      }
    },
    async open(uri, text) {
      const languageId = uri.endsWith(".pir") ? "pir" : "pulse";
      const textDocument = { uri, languageId, version: 1, text };
      await connection.sendNotification("textDocument/didOpen", { textDocument });
    },
    async change(uri, version, text) {
      const params = { textDocument: { uri, version }, contentChanges: [{ text }] };
      await connection.sendNotification("textDocument/didChange", params);
    },
    ended: () => code,
  };
}

export const pause = (milliseconds: number) => new Promise<void>((go) => setTimeout(go, milliseconds));

/** The text without its `¦` marker, and where the marker stood. */
export function marked(source: string): { text: string; position: { line: number; character: number } } {
  const offset = source.indexOf("¦");
  const before = source.slice(0, offset);
  const line = before.split("\n").length - 1;
  const character = offset - (before.lastIndexOf("\n") + 1);
  return { text: before + source.slice(offset + 1), position: { line, character } };
}
