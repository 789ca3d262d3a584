/** The VS Code folder: grammars that match what the languages are, snippets that parse, a client that starts. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import * as assert from "uvu/assert";
import { vocabulary as pulseVocabulary } from "../../grammar/dsl-tokens.js";
import { vocabulary as pirVocabulary } from "../../grammar/tokens.js";
import {
  deploySettings,
  formatPulse,
  parsePulse,
  phaseSettings,
  trainSettings,
} from "../../src/frontends/dsl/index.js";
import { units } from "../../src/frontends/dsl/settings.js";
import { stages } from "../../src/ir/graph.js";
import { ops } from "../../src/ir/ops/index.js";
import { storages } from "../../src/ir/storage.js";
import { root, suite } from "../harness.js";

const folder = path.join(root, "editors", "vscode");
const read = (file: string) => readFileSync(path.join(folder, file), "utf8");
const json = (file: string) => JSON.parse(read(file));

interface Rule {
  readonly match?: string;
  readonly begin?: string;
  readonly end?: string;
  readonly include?: string;
  readonly captures?: Readonly<Record<string, { readonly name: string }>>;
  readonly patterns?: readonly Rule[];
}
type Grammar = { readonly patterns: readonly Rule[]; readonly repository: Readonly<Record<string, Rule>> };

const grammars = ["pulse", "pir"].map(
  (name) => [name, json(`syntaxes/${name}.tmLanguage.json`) as Grammar] as const,
);
const grammar = new Map(grammars);

const rulesOf = (rule: Rule): readonly Rule[] => [rule, ...(rule.patterns ?? []).flatMap(rulesOf)];
const allRules = ({ patterns, repository }: Grammar): readonly Rule[] =>
  [...patterns, ...Object.values(repository)].flatMap(rulesOf);

const test = suite("VS Code folder");

test("every regular expression of the grammars compiles, has its captures and matches something", () => {
  for (const [name, g] of grammars)
    for (const { match, begin, end, captures = {} } of allRules(g))
      for (const source of [match, begin, end].filter((s) => s !== undefined)) {
        const groups = new RegExp(`${source}|`).exec("")!.length - 1;
        for (const index of Object.keys(captures)) assert.ok(Number(index) <= groups, `${name}: ${source}`);
        if (source === match)
          assert.not.ok(new RegExp(`^(?:${source})$`).test(""), `${source} matches nothing`);
      }
});

test("every include names a rule, and every rule is included", () => {
  for (const [name, g] of grammars) {
    const included = new Set(allRules(g).flatMap((r) => (r.include ? [r.include.slice(1)] : [])));
    assert.equal([...included].sort(), Object.keys(g.repository).sort(), name);
  }
});

/** Words that the lexers know as their own. */
const keywords = (vocabulary: readonly { readonly PATTERN?: unknown }[]): readonly string[] =>
  vocabulary.flatMap(({ PATTERN }) =>
    typeof PATTERN === "string" && /^[a-z]+$/.test(PATTERN) ? [PATTERN] : [],
  );

/** A word as an alternative or literal of its own in some regular expression. */
const mentions = (g: Grammar, word: string): boolean =>
  allRules(g).some(
    ({ match }) => match && new RegExp(`(?<![A-Za-z_0-9])b?${word}(?![A-Za-z_0-9])`).test(match),
  );

test("keywords, settings and units of models are in their grammar", () => {
  const found = keywords(pulseVocabulary);
  assert.ok(found.includes("model") && found.length >= 12);
  const settings = [trainSettings, phaseSettings, deploySettings].flatMap((t) => Object.keys(t));
  const names = Object.values(units).flatMap((u) => Object.keys(u));
  for (const word of [...found, ...settings, ...names])
    assert.ok(mentions(grammar.get("pulse")!, word), word);
});

test("keywords, stages and storages of IR text are in its grammar", () => {
  const found = keywords(pirVocabulary);
  assert.ok(found.includes("graph") && found.length >= 9);
  for (const word of [...found, ...stages, ...Object.keys(storages)])
    assert.ok(mentions(grammar.get("pir")!, word), word);
});

/** The scope that the rules of the file give to `what` at its first place in `line`: the earliest match wins. */
function scopeOf(language: string, line: string, what: string): string | undefined {
  const { repository } = grammar.get(language)!;
  const order = repository.all!.patterns!.map((r) => repository[r.include!.slice(1)]!).flatMap(rulesOf);
  const target = line.indexOf(what);
  for (let offset = 0; offset <= target; ) {
    let best: { rule: Rule; found: RegExpExecArray } | undefined;
    for (const rule of order) {
      const regex = new RegExp(rule.match ?? rule.begin ?? "(?!)", "gd");
      regex.lastIndex = offset;
      const found = regex.exec(line);
      if (found && (!best || found.index < best.found.index)) best = { rule, found };
    }
    if (!best) return undefined;
    const { rule, found } = best;
    const [start, end] = [found.index, found.index + Math.max(1, found[0].length)];
    if (start <= target && target < end) {
      const groups = Object.entries(rule.captures ?? {});
      const group = groups.find(([i]) => found.indices?.[Number(i)]?.[0] === target);
      return group?.[1].name ?? (rule as { name?: string }).name;
    }
    offset = end;
  }
  return undefined;
}

const scopes: readonly (readonly [language: string, line: string, what: string, scope: string])[] = [
  ["pulse", "model net {", "model", "keyword.control.section.pulse"],
  ["pulse", "model net {", "net", "entity.name.type.pulse"],
  ["pulse", "  input x: [64, 4]", "input", "keyword.other.declaration.pulse"],
  ["pulse", "  input x: [64, 4]", "64", "constant.numeric.pulse"],
  ["pulse", "  a = x |> conv(out: 8) // eight", "conv", "entity.name.function.pulse"],
  ["pulse", "  a = x |> conv(out: 8) // eight", "out", "variable.parameter.pulse"],
  ["pulse", "  a = x |> conv(out: 8) // eight", "//", "comment.line.double-slash.pulse"],
  ["pulse", "  a = x |> conv(pad: same)", "same", "constant.language.pulse"],
  ["pulse", "  l1 44KiB", "l1", "variable.other.property.pulse"],
  ["pulse", "  l1 44KiB", "KiB", "keyword.other.unit.pulse"],
  ["pulse", "  phase warmup { epochs 20; lr 1e-3 }", "1e-3", "constant.numeric.pulse"],
  ["pulse", "  phase warmup { epochs 20; lr 1e-3 }", "lr", "variable.other.property.pulse"],
  ["pulse", 'train net on "d.json" {', '"d', "string.quoted.double.pulse"],
  ["pulse", "  weights [8, 4, 2] by layer", "by", "keyword.other.pulse"],
  ["pulse", "  output y = x |> relu", "output", "keyword.other.declaration.pulse"],
  ["pir", "  %y = conv %x, @w {stride = 2} : i32[1x30x8] * 0.5", "%y", "variable.other.value.pir"],
  ["pir", "  %y = conv %x, @w {stride = 2} : i32[1x30x8] * 0.5", "conv", "entity.name.function.pir"],
  ["pir", "  %y = conv %x, @w {stride = 2} : i32[1x30x8] * 0.5", "@w", "variable.other.constant.param.pir"],
  ["pir", "  %y = conv %x, @w {stride = 2} : i32[1x30x8] * 0.5", "stride", "variable.parameter.pir"],
  ["pir", "  %y = conv %x, @w {stride = 2} : i32[1x30x8] * 0.5", "i32", "storage.type.pir"],
  ["pir", "  %y = conv %x, @w {stride = 2} : i32[1x30x8] * 0.5", "0.5", "constant.numeric.pir"],
  ["pir", "graph @main(%x: i8[2]) -> (%y: i8[2]) stage integer {", "integer", "constant.language.stage.pir"],
];

test("the grammars give words the scopes that themes colour", () => {
  for (const [language, line, what, scope] of scopes)
    assert.is(scopeOf(language, line, what), scope, `${what} in ${line}`);
});

interface Snippet {
  readonly prefix: string;
  readonly body: readonly string[];
}

/** The text that a snippet gives when every placeholder keeps its default. */
function filled({ body }: Snippet): string {
  const text = body.join("\n");
  const chosen = text.replace(/\$\{(\d+)\|([^,|]*)[^|]*\|\}/g, (_, index, first) => `\${${index}:${first}}`);
  const defaults = new Map([...chosen.matchAll(/\$\{(\d+):([^}]*)\}/g)].map((m) => [m[1]!, m[2]!]));
  return `${chosen.replace(/\$\{(\d+):([^}]*)\}/g, "$2").replace(/\$(\d+)/g, (_, i) => defaults.get(i) ?? "")}\n`;
}

const net = "\nmodel net {\n  input x: [64, 4]\n  output x |> relu\n}\n";

test("snippets with their defaults are canonical and parse without a word", async () => {
  const snippets = Object.values(json("snippets/pulse.json") as Record<string, Snippet>);
  assert.equal(
    snippets.map((s) => s.prefix),
    ["model", "block", "train", "deploy", "unet"],
  );
  for (const snippet of snippets) {
    const text = filled(snippet);
    const formatted = await formatPulse(text);
    assert.is(formatted.ok && formatted.value, text, snippet.prefix);
    const whole = text.includes("model ") ? text : text + net;
    const { diagnostics } = await parsePulse(whole, { file: "snippet.pulse", ops });
    assert.equal(diagnostics, [], snippet.prefix);
  }
});

test("the manifest names files that exist and the languages' endings", () => {
  const { main, contributes } = json("package.json");
  const named = [...contributes.grammars, ...contributes.snippets].map((entry) => entry.path);
  const configurations = contributes.languages.map((l: { configuration: string }) => l.configuration);
  for (const file of [main, ...named, ...configurations])
    assert.ok(existsSync(path.join(folder, file)), file);
  json("language-configuration.json");
  assert.equal(
    contributes.languages.flatMap((l: { extensions: string[] }) => l.extensions),
    [".pulse", ".pir"],
  );
});

/** Runs extension.js with stand-ins for what VS Code gives it; `failure` is what starting the command ends in. */
function extension(client: unknown, shown: string[], failure?: Error) {
  const show = (text: string) => void shown.push(text);
  const vscode = {
    window: { showInformationMessage: show, showErrorMessage: show },
    workspace: { getConfiguration: () => ({ get: () => "pulsec" }) },
  };
  const execFile = (_file: string, _args: unknown, _options: unknown, done: (e?: Error) => void) =>
    done(failure);
  const require = (name: string) => {
    if (name === "vscode") return vscode;
    if (name === "node:child_process") return { execFile };
    if (client) return { LanguageClient: client };
    throw Object.assign(new Error(`no ${name}`), { code: "MODULE_NOT_FOUND" });
  };
  const exports: { activate?: () => Promise<void>; deactivate?: () => unknown } = {};
  new Function("require", "exports", read("extension.js"))(require, exports);
  return exports;
}

test("the client starts `pulsec lsp`, and says what is missing where its library is", async () => {
  const shown: string[] = [];
  const calls: string[] = [];
  function Client(_id: string, _name: string, server: { command: string; args: string[] }) {
    calls.push([server.command, ...server.args].join(" "));
    return { start: async () => calls.push("start"), stop: () => calls.push("stop") };
  }
  const running = extension(Client, shown);
  await running.activate!();
  running.deactivate!();
  assert.equal(calls, ["pulsec lsp", "start", "stop"]);
  assert.equal(shown, []);
  await extension(undefined, shown).activate!();
  assert.match(shown[0]!, "npm install");
});

test("a command that does not start is told once, with the way out", async () => {
  const shown: string[] = [];
  const never = () => assert.unreachable("the client is made");
  await extension(never, shown, new Error("spawn pulsec ENOENT")).activate!();
  assert.is(shown.length, 1);
  assert.match(shown[0]!, /^pulsec: `pulsec` does not start; .* pulsec\.path .*\(spawn pulsec ENOENT\)/);
});

test.run();
