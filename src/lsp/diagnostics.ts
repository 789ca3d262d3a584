/** Diagnostics as editors take them. */

import type * as lsp from "vscode-languageserver/node";
import {
  type DiagnosticRelatedInformation,
  DiagnosticSeverity,
  type Range,
} from "vscode-languageserver/node";
import type { TextDocument } from "vscode-languageserver-textdocument";
import type { Extent } from "../../grammar/ir-syntax.js";
import { type Diagnostic, isSpan, type Place } from "../ir/diagnostic.js";

const severities = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  note: DiagnosticSeverity.Information,
};

export const rangeOf = (document: TextDocument, { start, end }: Extent): Range => ({
  start: document.positionAt(start),
  end: document.positionAt(end),
});

/** What is wrong with no place of this text, such as a container beside it, stands at its beginning. */
function placeOf(document: TextDocument, file: string, place: Place | undefined): Range {
  const here = place && isSpan(place) && place.file === file;
  return rangeOf(document, here ? place : { start: 0, end: 0 });
}

export function editorDiagnostic(document: TextDocument, file: string, d: Diagnostic): lsp.Diagnostic {
  const lines = [
    d.text,
    d.found === undefined ? "" : `found: ${d.found}`,
    d.expected === undefined ? "" : `expected: ${d.expected}`,
    d.help === undefined ? "" : `help: ${d.help}`,
  ];
  const related = (d.notes ?? []).map(
    ({ place, text }): DiagnosticRelatedInformation => ({
      location: { uri: document.uri, range: placeOf(document, file, place) },
      message: text,
    }),
  );
  return {
    range: placeOf(document, file, d.place),
    severity: severities[d.severity],
    code: d.id,
    source: "pulsec",
    message: lines.filter(Boolean).join("\n"),
    ...(related.length > 0 ? { relatedInformation: related } : {}),
  };
}
