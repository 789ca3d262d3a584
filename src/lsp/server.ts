/** The language server: keeps texts, answers from the last one. Loaded only by `pulsec lsp`. */
import path from "node:path";
import { fileURLToPath } from "node:url";
import {
  CompletionItemKind,
  type Connection,
  createConnection,
  type InitializeResult,
  MarkupKind,
  TextDocumentSyncKind,
  TextDocuments,
} from "vscode-languageserver/node";
import { TextDocument } from "vscode-languageserver-textdocument";
import { canonicalText, type PirView, type PulseView, readPirView, readPulseView } from "./analysis.js";
import { completePulse, type Proposal } from "./completion.js";
import { editorDiagnostic, rangeOf } from "./diagnostics.js";
import type { Host } from "./host.js";
import { definitionPulse, hoverPulse } from "./hover.js";
import { hoverPir } from "./pir.js";

/** Milliseconds without a change after which a text is judged. */
const pause = 120;

type View = PulseView | PirView;

interface Server {
  readonly host: Host;
  readonly connection: Connection;
  readonly documents: TextDocuments<TextDocument>;
  /** The reading of the last version that was asked for. */
  readonly views: Map<string, { readonly version: number; readonly view: Promise<View> }>;
  readonly timers: Map<string, NodeJS.Timeout>;
}

/** Serves until the editor says `exit` or its end of the pipe closes. */
export function serve(
  host: Host,
  streams: { readonly input: NodeJS.ReadableStream; readonly output: NodeJS.WritableStream },
  version: string,
): Promise<void> {
  const connection = createConnection(streams.input, streams.output);
  const documents = new TextDocuments(TextDocument);
  const server: Server = { host, connection, documents, views: new Map(), timers: new Map() };
  connection.onInitialize(() => abilities(version));
  documents.onDidChangeContent(({ document }) => judgeSoon(server, document.uri));
  documents.onDidClose(({ document }) => forget(server, document.uri));
  answerRequests(server);
  documents.listen(connection);
  return new Promise((resolve) => {
    connection.onExit(() => resolve());
    connection.listen();
  });
}

const abilities = (version: string): InitializeResult => ({
  serverInfo: { name: "pulsec", version },
  capabilities: {
    textDocumentSync: TextDocumentSyncKind.Incremental,
    hoverProvider: true,
    definitionProvider: true,
    documentFormattingProvider: true,
    completionProvider: { triggerCharacters: [">", "(", ",", ":", " "] },
  },
});

/** A text that is on no disk of this machine is called by its address. */
function fileOf(uri: string): string {
  try {
    return fileURLToPath(uri);
  } catch {
    return uri;
  }
}

const kindOf = ({ languageId, uri }: TextDocument): View["kind"] =>
  languageId === "pir" || path.extname(uri) === ".pir" ? "pir" : "pulse";

function viewOf({ host, views }: Server, document: TextDocument): Promise<View> {
  const { uri, version } = document;
  const known = views.get(uri);
  if (known?.version === version) return known.view;
  const read = kindOf(document) === "pir" ? readPirView : readPulseView;
  const view: Promise<View> = read(host, document.getText(), fileOf(uri));
  views.set(uri, { version, view });
  return view;
}

function judgeSoon(server: Server, uri: string): void {
  clearTimeout(server.timers.get(uri));
  const report = (e: unknown) => server.connection.console.error(`pulsec: ${(e as Error).stack ?? e}`);
  server.timers.set(
    uri,
    setTimeout(() => void judge(server, uri).catch(report), pause),
  );
}

async function judge(server: Server, uri: string): Promise<void> {
  const document = server.documents.get(uri);
  if (!document) return;
  const { version } = document;
  const { diagnostics } = await viewOf(server, document);
  if (server.documents.get(uri)?.version !== version) return;
  await server.connection.sendDiagnostics({
    uri,
    version,
    diagnostics: diagnostics.map((d) => editorDiagnostic(document, fileOf(uri), d)),
  });
}

function forget({ timers, views, connection }: Server, uri: string): void {
  clearTimeout(timers.get(uri));
  timers.delete(uri);
  views.delete(uri);
  void connection.sendDiagnostics({ uri, diagnostics: [] });
}

interface Asked {
  readonly textDocument: { readonly uri: string };
  readonly position: { readonly line: number; readonly character: number };
}

/** A text that is not open has no answer; a failure is the answer to one request only. */
function answerRequests(server: Server): void {
  const { connection, documents, host } = server;
  const asked = async <T>(
    { textDocument, position }: Asked,
    answer: (view: View, offset: number, document: TextDocument) => T | undefined,
  ): Promise<T | null> => {
    const document = documents.get(textDocument.uri);
    if (!document) return null;
    return answer(await viewOf(server, document), document.offsetAt(position), document) ?? null;
  };
  connection.onHover((params) =>
    asked(params, (view, offset, document) => {
      const hover = (view.kind === "pulse" ? hoverPulse : hoverPir)(view as never, host.ops, offset);
      if (!hover) return undefined;
      return {
        range: rangeOf(document, hover.at),
        contents: { kind: MarkupKind.Markdown, value: hover.text },
      };
    }),
  );
  connection.onDefinition((params) =>
    asked(params, (view, offset, document) => {
      const at = view.kind === "pulse" ? definitionPulse(view, offset) : undefined;
      return at && { uri: document.uri, range: rangeOf(document, at) };
    }),
  );
  connection.onCompletion((params) =>
    asked(params, (view, offset, document) => {
      if (view.kind !== "pulse") return [];
      const typed = params.context?.triggerCharacter;
      if (typed === " " && !asksMore(document, offset)) return [];
      return completePulse(view, host.ops, offset).map(completionItem);
    }),
  );
  connection.onDocumentFormatting(async ({ textDocument }) => {
    const document = documents.get(textDocument.uri);
    if (!document) return [];
    const source = document.getText();
    const text = await canonicalText(host, kindOf(document), source, fileOf(document.uri));
    if (text === undefined || text === source) return [];
    return [{ range: rangeOf(document, { start: 0, end: source.length }), newText: text }];
  });
}

/** A space closes what an editor proposed after `|>`, `:` or `,`; there, and nowhere else, it asks again. */
const asksMore = (document: TextDocument, offset: number): boolean =>
  /(\|>|[:,]) $/.test(document.getText().slice(Math.max(0, offset - 3), offset));

const itemKinds: Readonly<Record<Proposal["kind"], CompletionItemKind>> = {
  op: CompletionItemKind.Function,
  block: CompletionItemKind.Class,
  value: CompletionItemKind.Variable,
  argument: CompletionItemKind.Field,
  word: CompletionItemKind.EnumMember,
  keyword: CompletionItemKind.Keyword,
  setting: CompletionItemKind.Property,
};

/** Proposals come in the order of their use; editors sort by `sortText`. */
const completionItem = ({ label, kind, detail, documentation, insert }: Proposal, index: number) => ({
  label,
  kind: itemKinds[kind],
  sortText: String(index).padStart(4, "0"),
  ...(detail === undefined ? {} : { detail }),
  ...(documentation === undefined
    ? {}
    : { documentation: { kind: MarkupKind.Markdown, value: documentation } }),
  ...(insert === undefined ? {} : { insertText: insert }),
});
