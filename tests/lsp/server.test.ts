/** The language server, as an editor meets it. */

import { writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import * as assert from "uvu/assert";
import type {
  CompletionItem,
  Hover,
  Location,
  PublishDiagnosticsParams,
  Range,
  TextEdit,
} from "vscode-languageserver/node";
import { formatPulse } from "../../src/frontends/dsl/index.js";
import { inTemporaryFolder } from "../cli/pulsec.js";
import { suite } from "../harness.js";
import { type Editor, marked, pause, startEditor } from "./client.js";

const test = suite("language server");

let editor: Editor;
let count = 0;
test.before(async () => {
  editor = await startEditor();
});
test.after(() => void editor.process.kill());

/** Opens a text under a name of its own. */
async function opened(text: string, ending = "pulse"): Promise<string> {
  const uri = `file:///nowhere/test${count++}.${ending}`;
  await editor.open(uri, text);
  return uri;
}

async function ask<T>(method: string, source: string, ending?: string): Promise<T> {
  const { text, position } = marked(source);
  const uri = await opened(text, ending);
  return editor.connection.sendRequest<T>(method, { textDocument: { uri }, position });
}

const hover = async (source: string, ending?: string): Promise<string> => {
  const found = await ask<Hover | null>("textDocument/hover", source, ending);
  return found ? (found.contents as { value: string }).value : "";
};

const labels = async (source: string): Promise<readonly string[]> =>
  (await ask<CompletionItem[]>("textDocument/completion", source)).map((item) => item.label);

/** The text that a definition points at, with its line. */
async function definition(source: string): Promise<string> {
  const found = await ask<Location | null>("textDocument/definition", source);
  return found ? `${found.range.start.line}: ${slice(marked(source).text, found.range)}` : "";
}

const slice = (text: string, { start, end }: Range): string =>
  text.split("\n")[start.line]!.slice(start.character, end.line === start.line ? end.character : undefined);

async function diagnose(text: string, ending?: string): Promise<PublishDiagnosticsParams["diagnostics"]> {
  const uri = await opened(text, ending);
  return (await editor.published(uri, 1)).diagnostics;
}

const good = `block down(v, c, k = 5) = v |> conv(out: c, kernel: k) |> relu
model net {
  input x: [64, 4]
  search width = choice(4, 8)
  a = x |> down(width)
  b = a |> down(2 * width) |> maxpool(2)
  output y = b |> conv(out: 1, kernel: 1)
}
`;

/** \`good\` with the marker before the nth occurrence of \`what\`, \`into\` characters further. */
function at(what: string, nth = 0, into = 0): string {
  let offset = good.indexOf(what);
  for (let i = 0; i < nth; i++) offset = good.indexOf(what, offset + 1);
  if (offset < 0) throw new Error(what);
  return `${good.slice(0, offset + into)}¦${good.slice(offset + into)}`;
}

test("a mistake is shown where it is, and goes when it is mended", async () => {
  const text = "model net {\n  input x: [64, 4]\n  a = x |> relu\n  output aa |> relu\n}\n";
  const uri = await opened(text);
  const { diagnostics } = await editor.published(uri, 1);
  assert.is(diagnostics.length, 1);
  const [d] = diagnostics;
  assert.is(d!.code, "dsl/unknown-name");
  assert.is(d!.severity, 1);
  assert.equal(d!.range, { start: { line: 3, character: 9 }, end: { line: 3, character: 11 } });
  assert.match(d!.message as string, /help: did you mean a\?|help: in sight here: x, a/);
  await editor.change(uri, 2, text.replace("aa", "a"));
  assert.equal((await editor.published(uri, 2)).diagnostics, []);
});

test("every mistake of a text is shown, with what was expected", async () => {
  const found = await diagnose(
    "model net { input x: [4]; output x |> relu }\ndeploy net to gap8 { l1 44kb; wieghts 8 }\n",
  );
  assert.equal(
    found.map((d) => d.code),
    ["dsl/setting", "dsl/setting"],
  );
  assert.match(found[0]!.message as string, /expected: a number with B, KiB, MiB/);
});

test("a mistake inside a block brings the call that led there", async () => {
  const text = "block down(v) = v |> maxpool(40)\nmodel net {\n  input x: [32, 4]\n  output x |> down\n}\n";
  const [d] = await diagnose(text);
  assert.is(slice(text, d!.range), "maxpool(40)");
  const [related] = d!.relatedInformation!;
  assert.is(related!.message, "in this call of down");
  assert.is(slice(text, related!.location.range), "down");
});

test("hover on a name says its type, in blocks once per call", async () => {
  assert.match(await hover(at("a = x")), "a: f32[Nx60x8]");
  assert.match(await hover(at("|> down(2", 0, -2)), "a: f32[Nx60x8]");
  assert.match(await hover(at("x |> down")), "x: f32[Nx64x4]");
  const parameter = await hover(at("v |> conv"));
  assert.match(parameter, "v: f32[Nx64x4]");
  assert.match(parameter, "\n  or f32[Nx60x8]");
  assert.match(await hover(at("width)", 1)), "width = 8");
  assert.match(await hover(at("width)", 1)), "choice(4, 8)");
});

test("hover on a call says what it does, takes and gives", async () => {
  const text = await hover(at("maxpool"));
  assert.match(text, "maxpool(x, kernel, stride");
  assert.match(text, "operand `x`");
  assert.match(text, "`kernel`: whole numbers >= 1, one per spatial dimension");
  assert.match(text, ": f32[Nx28x16]");
  assert.match(await hover(at("down(width")), "block down(v, c, k = 5): f32[Nx60x8]");
  assert.match(await hover(at("kernel: 1")), "`kernel`: whole numbers >= 1");
  assert.match(
    await hover('model n { input x: [4]; output x |> relu }\ntrain n on "d" { se¦ed 1 }'),
    "randomness",
  );
});

test("hover works in texts with mistakes, and says nothing where there is nothing to say", async () => {
  const broken = good.replace("output y = b", "output y = bb |>").replace("a = x", "¦a = x");
  assert.match(await hover(broken), "a: f32[Nx60x8]");
  assert.is(await hover(at("{")), "");
  assert.is(await hover("// comm¦ent\n"), "");
});

test("definitions of values, parameters, searches, blocks and models are found", async () => {
  assert.is(await definition(at("a |> down(2")), "4: a");
  assert.is(await definition(at("c, kernel")), "0: c");
  assert.is(await definition(at("width)", 1)), "3: width");
  assert.is(await definition(at("down(2", 0, 2)), "0: down");
  assert.is(await definition(`${good}deploy n¦et to gap8 { l1 44KiB }`), "1: net");
  assert.is(await definition(at("maxpool")), "");
});

test("a parameter hides a value of the same name", async () => {
  const text = "model n {\n  input x: [8]\n  block f(x) = ¦x |> relu\n  output x |> f\n}\n";
  assert.is(await definition(text), "2: x");
});

test("completion behind a pipe offers ops and blocks", async () => {
  const found = await labels(at("relu"));
  for (const label of ["down", "conv", "relu", "maxpool"]) assert.ok(found.includes(label), label);
  assert.not.ok(found.includes("requant"));
  assert.not.ok(found.includes("a"));
});

test("a space asks again behind a pipe, a colon or a comma, and nowhere else", async () => {
  const typed = async (source: string) => {
    const { text, position } = marked(source);
    const textDocument = { uri: await opened(text) };
    const context = { triggerKind: 2, triggerCharacter: " " };
    const asked = { textDocument, position, context };
    const items = await editor.connection.sendRequest<CompletionItem[]>("textDocument/completion", asked);
    return items.map((item) => item.label);
  };
  assert.ok((await typed(good.replace("maxpool(2)", "¦"))).includes("maxpool"));
  assert.is((await typed(good.replace("maxpool(2)", "maxpool(2, pad: ¦")))[0], "same");
  assert.ok((await typed(good.replace("maxpool(2)", "maxpool(2, ¦"))).includes("stride:"));
  assert.equal(await typed(good.replace("b = a", "b = a ¦")), []);
  assert.equal(await typed(good.replace("  b = a", " ¦ b = a")), []);
});

test("completion offers names that stand above", async () => {
  const found = await labels(at("b |> conv"));
  for (const label of ["x", "a", "b", "width", "down", "concat"]) assert.ok(found.includes(label), label);
  const early = await labels(at("x |> down"));
  assert.not.ok(early.includes("b"));
});

test("completion inside a call offers its arguments and their words", async () => {
  const open = good.replace("maxpool(2)", "maxpool(¦)");
  const found = await labels(open);
  for (const label of ["kernel:", "stride:", "pad:"]) assert.ok(found.includes(label), label);
  assert.equal((await labels(good.replace("maxpool(2)", "maxpool(2, pad: ¦)"))).slice(0, 3), [
    "same",
    "valid",
    "causal",
  ]);
  assert.equal((await labels(good.replace("maxpool(2)", "upsample(2, mode: lin¦"))).slice(0, 2), [
    "nearest",
    "linear",
  ]);
  assert.ok((await labels(good.replace("down(width)", "down(¦"))).includes("k:"));
});

test("completion in sections offers settings, words, models and targets", async () => {
  assert.ok((await labels(`${good}deploy net to gap8 {\n  ¦\n}`)).includes("l1"));
  const train = await labels(`${good}train net on "d.json" {\n  ¦\n}`);
  for (const label of ["seed", "loss", "phase"]) assert.ok(train.includes(label), label);
  assert.equal(await labels(`${good}train net on "d.json" {\n  loss ¦\n}`), [
    "mse",
    "mae",
    "huber",
    "cross_entropy",
  ]);
  assert.ok((await labels(`${good}train net on "d.json" { phase a { ¦ } }`)).includes("arch_lr"));
  assert.equal(await labels(`${good}deploy ¦`), ["net"]);
  assert.equal(await labels(`${good}deploy net to ¦`), ["gap8", "c"]);
  assert.equal(await labels("¦"), ["model", "block", "train", "deploy"]);
  assert.equal(await labels("// a ¦"), []);
});

test("formatting gives the canonical text, and nothing for text that is canonical or broken", async () => {
  const format = async (text: string, ending?: string) => {
    const uri = await opened(text, ending);
    const options = { tabSize: 2, insertSpaces: true };
    return editor.connection.sendRequest<TextEdit[]>("textDocument/formatting", {
      textDocument: { uri },
      options,
    });
  };
  const untidy = "model net{input x:[4]\n\n\noutput x|>relu}";
  const [edit] = await format(untidy);
  const canonical = await formatPulse(untidy);
  assert.is(edit!.newText, canonical.ok && canonical.value);
  assert.equal(edit!.range, { start: { line: 0, character: 0 }, end: { line: 3, character: 15 } });
  assert.equal(await format(edit!.newText), []);
  assert.equal(await format("model net { output"), []);
  const [ir] = await format(pir.replace("stage integer {", "stage integer   {"), "pir");
  assert.is(ir!.newText, pir);
});

const pir = `graph @main(%x: i8[1x4x2]) -> (%y: i8[1x4x2]) stage integer {
  %y = relu %x : i8[1x4x2]
}
`;

test("IR text has diagnostics and hover, too", async () => {
  assert.equal(await diagnose(pir, "pir"), []);
  const wrong = pir.replace("relu %x", "relu %z");
  const [d] = await diagnose(wrong, "pir");
  assert.is(d!.code, "text/unknown-value");
  assert.is(slice(wrong, d!.range), "%z");
  assert.match(await hover(pir.replace("relu %x", "relu %¦x"), "pir"), "%x : i8[1x4x2]");
  assert.match(await hover(pir.replace("= relu", "= re¦lu"), "pir"), "Rectifier");
  assert.match(await hover(pir.replace("%y = relu %x", "%¦y = relu %z"), "pir"), "%y : i8[1x4x2]");
});

test("files beside a text are read: weights that are missing, a container that is broken", async () => {
  const text = 'model n {\n  weights "w.pmod"\n  input x: [4]\n  output x |> relu\n}\n';
  const [d] = await diagnose(text);
  assert.is(d!.code, "dsl/weights");
  assert.is(slice(text, d!.range), '"w.pmod"');
  await inTemporaryFolder(async (dir) => {
    writeFileSync(path.join(dir, "net.pmod"), "no container");
    const uri = pathToFileURL(path.join(dir, "net.pir")).href;
    await editor.open(uri, pir);
    const { diagnostics } = await editor.published(uri, 1);
    assert.is(diagnostics.length, 1);
    assert.match(diagnostics[0]!.code as string, "container/");
    assert.equal(diagnostics[0]!.range.start, { line: 0, character: 0 });
  });
});

test("garbage does not end the server", async () => {
  const fails = await editor.connection.sendRequest("textDocument/nonsense", { a: 1 }).then(
    () => false,
    () => true,
  );
  assert.ok(fails, "an unknown request is refused");
  await editor.connection.sendRequest("textDocument/hover", { nothing: true }).catch(() => undefined);
  const uri = await opened('\u0000\u{1f4a9} model "\n{{{ |> ((((\n'.repeat(50));
  assert.ok((await editor.published(uri, 1)).diagnostics.length > 0);
  const body = "this is no JSON";
  editor.process.stdin.write(`Content-Length: ${body.length}\r\n\r\n${body}`);
  await pause(100);
  editor.process.stdin.write("no header at all\r\n\r\n");
  await pause(100);
  const far = "untitled:Untitled-1";
  await editor.open(far, good);
  assert.equal((await editor.published(far, 1)).diagnostics, []);
  assert.match(await hover(at("a = x")), "a: f32[Nx60x8]");
});

test("shutdown and exit end it with code 0", async () => {
  await editor.connection.sendRequest("shutdown");
  await editor.connection.sendNotification("exit");
  assert.is(await editor.ended(), 0);
});

test.run();
