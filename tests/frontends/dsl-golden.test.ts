/** Every message of the model frontend, as people read it: golden/dsl/<name>.txt holds the source, then the messages. */
import * as assert from "uvu/assert";
import { parsePulse } from "../../src/frontends/dsl/index.js";
import { renderDiagnostic } from "../../src/ir/diagnostic.js";
import { ops } from "../../src/ir/ops/index.js";
import { matchesGolden, orphans } from "../golden.js";
import { suite } from "../harness.js";

const test = suite("dsl-golden");
const golden: string[] = [];

async function messages(text: string): Promise<string> {
  const sources = new Map([["net.pulse", text]]);
  const { diagnostics } = await parsePulse(text, { file: "net.pulse", ops });
  return diagnostics.map((d) => renderDiagnostic(d, sources)).join("\n\n");
}

function says(name: string, text: string, accepted: boolean): void {
  const file = `${name.replace(/[^a-z0-9]+/g, "-")}.txt`;
  golden.push(file);
  test(name, async () => {
    const { ok } = await parsePulse(text, { file: "net.pulse", ops });
    assert.is(ok, accepted, accepted ? await messages(text) : "the text is accepted");
    matchesGolden(`dsl/${file}`, `${text}\n${"-".repeat(80)}\n\n${await messages(text)}\n`);
  });
}

/** The name of a test says what is wrong with its text. */
const refuses = (name: string, text: string): void => says(name, text, false);
const warns = (name: string, text: string): void => says(name, text, true);

/** A model with these statements between its input and its output y, which they define. */
const model = (statements: string, input = "input x: [64, 4]"): string =>
  `model net {\n  ${input}\n${statements.trim().replace(/^ */gm, "  ")}\n}\n`;
const conv = "conv(out: 8, kernel: 5, pad: same)";
const sound = model("output y = x |> relu");

refuses("nothing at all", "");
refuses("a line that is no section", `network net { }\n\n${sound}`);
refuses("a missing brace at the end", sound.trimEnd().slice(0, -1));
refuses(
  "a missing brace before another section",
  `${sound.trimEnd().slice(0, -1)}\ntrain net on "a.json" {\n  batch 32\n}\n`,
);
refuses("a brace too many", `${sound}}\n${sound.replace("net", "other")}`);
refuses("a pipe into nothing", model("a = x |>\noutput y = a |> relu"));
refuses("an argument without a value", model("output y = x |> conv(out: , kernel: 3)"));
refuses("a missing comma between arguments", model("output y = x |> conv(out: 8 kernel: 3)"));
refuses("an input without sizes", model("output y = x |> relu", "input x"));
refuses("a string that does not end", model('weights "net.pmod\noutput y = x |> relu'));
refuses("a character that means nothing", model("output y = x @ relu"));
refuses(
  "several syntax errors at once",
  model("a = x |>\nb = (x\nsearch = choice(1, 2)\noutput y = x |> relu"),
);
refuses("brackets that go too deep", model(`output y = ${"(".repeat(70)}x${")".repeat(70)}`));

refuses("an unknown op", model("output y = x |> convolve(8)"));
refuses("a misspelt op", model("output y = x |> batch_norm"));
refuses("a misspelt value", model(`encoded = x |> ${conv}\noutput y = encodet |> relu`));
refuses("a value that nobody defined", model("output y = concat(x, skip)"));
refuses("a value that is used before it is defined", model("output y = a |> relu\na = x |> relu"));
refuses(
  "a block that is called before it is defined",
  model("output y = x |> enc\nblock enc(v) = v |> relu"),
);
refuses("a value that is called", model("a = x |> relu\noutput y = x |> a"));
refuses("a block without its arguments", model("block enc(v) = v |> relu\noutput y = enc"));
refuses("a name that is taken", model("a = x |> relu\na = a |> relu\noutput y = a"));
refuses("a block with the name of an op", model("block conv(v) = v |> relu\noutput y = x |> conv"));
refuses("two models of one name", `${sound}\n${sound}`);

refuses("a misspelt argument", model("output y = x |> conv(out: 8, kernal: 3)"));
refuses("an argument that the op does not have", model("output y = x |> relu(slope: 1)"));
refuses("an argument that is written twice", model("output y = x |> conv(8, out: 8, kernel: 3)"));
refuses("a missing argument", model("output y = x |> conv(out: 8)"));
refuses("a missing argument of the record", model("output y = x |> maxpool"));
refuses("an argument too many", model("output y = x |> upsample(2, 3)"));
refuses("a tensor where a number belongs", model("output y = x |> conv(out: x, kernel: 3)"));
refuses("a number where a tensor belongs", model("output y = concat(3)"));
refuses("a word that the argument does not take", model("output y = x |> upsample(2, mode: cubic)"));
refuses("a misspelt size", model("search width = choice(4, 8)\noutput y = x |> conv(out: widht, kernel: 3)"));
refuses("a pad that is none", model("output y = x |> conv(out: 8, kernel: 3, pad: full)"));
refuses(
  "a causal image",
  model("output y = x |> conv(out: 8, kernel: 3, pad: causal)", "input x: [8, 8, 1]"),
);
refuses("both pad and pads", model("output y = x |> conv(out: 8, kernel: 3, pad: same, pads: [0, 2])"));
refuses("one tensor for an op of two", model("output y = add(x)"));
refuses("two tensors for an op of one", model("output y = relu(x, x)"));
refuses("a size with a unit", model("output y = x |> conv(out: 8KiB, kernel: 3)"));
refuses("an op of integer graphs", model("output y = x |> requant(shift: 3)"));

refuses("a kernel that does not fit", model("output y = x |> conv(out: 8, kernel: 99)"));
refuses("groups that do not divide", model("output y = x |> conv(out: 8, kernel: 3, groups: 3)"));
refuses(
  "lengths that differ",
  model("a = x |> conv(out: 8, kernel: 3)\nu = x |> conv(out: 8, kernel: 3, pad: same)\noutput concat(a, u)"),
);
refuses("a sum of unequal channels", model(`a = x |> ${conv}\noutput y = a + x`));
refuses("an image for an op of sequences", model("output y = x |> conv(out: 4, kernel: 3)", "input x: [10]"));
refuses("more weights than a model may have", model("output y = x |> linear(100000) |> linear(100000)"));

refuses(
  "a mistake inside a block",
  model(
    "block down(v, c) = v |> conv(out: c, kernel: 5) |> maxpool(99)\nblock twice(v) = v |> down(8) |> down(16)\noutput y = x |> twice",
  ),
);
refuses(
  "a block with too few arguments",
  model("block enc(v, c) = v |> conv(out: c, kernel: 3)\noutput y = x |> enc"),
);
refuses("a block with too many arguments", model("block enc(v) = v |> relu\noutput y = x |> enc(8)"));
refuses(
  "a block with a misspelt argument",
  model("block enc(v, width = 8) = v |> conv(out: width, kernel: 3)\noutput y = x |> enc(widht: 4)"),
);
refuses("a block that calls itself", model("block enc(v) = v |> relu |> enc\noutput y = x |> enc"));
refuses("blocks that call each other", model("block a(v) = v |> b\nblock b(v) = v |> a\noutput y = x |> a"));
refuses(
  "a block with an input",
  model("block enc(v) { input z: [3]; output v |> relu }\noutput y = x |> enc"),
);
refuses("a block without an output", model("block enc(v) { a = v |> relu }\noutput y = x |> enc"));
refuses(
  "blocks that explode",
  model(
    `block b0(v) = v |> relu |> relu |> relu |> relu\n${[1, 2, 3, 4, 5, 6].map((i) => `block b${i}(v) = v |> b${i - 1} |> b${i - 1} |> b${i - 1} |> b${i - 1}`).join("\n")}\noutput y = x |> b6`,
  ),
);

refuses("a division with a rest", model("output y = x |> conv(out: 7 / 2, kernel: 3)"));
refuses("a division by zero", model("output y = x |> conv(out: 8 / (4 - 4), kernel: 3)"));
refuses("arithmetic on fractions", model("output y = x |> conv(out: 1.5 * 4, kernel: 3)"));
refuses("a number over a tensor", model("output y = 2 / x"));
refuses("a tensor over a tensor", model("output y = (x |> relu) / x"));
refuses("a tensor over zero", model("output y = x / 0"));
refuses("a remainder of a tensor", model("output y = x % 2"));
refuses("a number that f32 cannot hold", model("output y = 1e39 * x"));
refuses("a sum of numbers alone", model("output y = add(1, 2)"));
refuses("a text beside a tensor", model('output y = x + "1"'));

refuses("an input of size zero", model("output y = x |> relu", "input x: [0, 4]"));
refuses("an input with its batch", model("output y = x |> relu", "input x: [N, 64, 4]"));
refuses("a model without input", "model net {\n  output y = 3\n}\n");
refuses("a model without output", model("y = x |> relu"));
refuses("an output that is no tensor", model("search width = choice(4, 8)\noutput width"));
refuses("an output with a second name", model("a = x |> relu\noutput y = a"));
refuses("a search of one choice", model("search c = choice(4)\noutput y = x |> conv(c, 3)"));
refuses("a search of words", model("search c = choice(wide, narrow)\noutput y = x |> conv(c, 3)"));
refuses("a choice outside of a declaration", model("output y = x |> conv(out: choice(4, 8), kernel: 3)"));
refuses("a choice between ops", model("a = x |> choice(conv(8, 3), maxpool(2))\noutput y = a |> relu"));
refuses("a search of ops", model("search kind = choice(conv, maxpool)\noutput y = x |> relu"));
refuses("an escape that is none", model('weights "\\q"\noutput y = x |> relu'));
warns("weights that are not there", model('weights "net.pmod"\noutput y = x |> relu'));
warns("a value that nothing uses", model("a = x |> relu\nsearch c = choice(4, 8)\noutput y = x |> sigmoid"));

const train = (settings: string) =>
  `${sound}\ntrain net on "cohort.json" {\n${settings.replace(/^/gm, "  ")}\n}\n`;
const deploy = (settings: string) => `${sound}\ndeploy net to gap8 {\n${settings.replace(/^/gm, "  ")}\n}\n`;
refuses("a misspelt setting", train("bacth 32"));
refuses("a setting without a value", train("loss\nbatch 32"));
refuses("a setting of a phase outside of one", train("epochs 20"));
refuses("a setting that is written twice", train("batch 32\nbatch 64"));
refuses("a setting of the wrong kind", train('batch "many"\nloss rmse\nphase a { lr 0 }'));
refuses("a unit that is none", deploy("l1 44kb\nl2 400\nclock 100MiB"));
refuses("bits that no kernel has", deploy("weights [8, 3] by layer\nactivations 8 by moon"));
refuses("a target that is none", deploy("").replace("gap8", "gap9"));
refuses("a model that is none", train("").replace("train net", "train nett"));
refuses("a phase in a deployment", deploy("phase a { epochs 3 }"));

test("no golden file is left over", () => {
  assert.equal(orphans("dsl", golden), []);
});

test.run();
