/** The formatter loses nothing, changes nothing, and has nothing to say the second time. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import * as assert from "uvu/assert";
import { formatPulse } from "../../src/frontends/dsl/index.js";
import { renderDiagnostic } from "../../src/ir/diagnostic.js";
import { randomFrom } from "../../src/ir/random.js";
import { pick } from "../fuzz/damage.js";
import { root, suite } from "../harness.js";

const test = suite("dsl-format");

async function format(source: string): Promise<string> {
  const result = await formatPulse(source);
  assert.ok(
    result.ok,
    result.diagnostics.map((d) => renderDiagnostic(d, new Map([["model.pulse", source]]))).join("\n"),
  );
  return (result as { value: string }).value;
}

const folder = path.join(root, "examples");
const examples = readdirSync(folder).filter((f) => f.endsWith(".pulse"));
const read = (file: string) => readFileSync(path.join(folder, file), "utf8");

/** Everything but white space and semicolons: what a formatter must keep, in order. Comments stand apart. */
function substance(source: string): { tokens: string; comments: readonly string[] } {
  const comments: string[] = [];
  const tokens = source.replace(/"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|[\s;]+/g, (piece) => {
    if (piece.startsWith('"')) return piece;
    if (piece.startsWith("//")) comments.push(piece.trimEnd());
    return "";
  });
  return { tokens, comments };
}

const formatted = (name: string, from: string, to: string): void =>
  test(name, async () => {
    assert.is(await format(from), to);
    assert.is(await format(to), to);
  });

formatted(
  "spaces, operators and signs",
  "model  m{input x:[ 64,4 ]\na=x|>conv( out:2*( 3+4 ),kernel:-(-3) , pad :same)\nb=- 2- -3*-1\noutput(a-x)|>relu}",
  `model m {
  input x: [64, 4]
  a = x |> conv(out: 2 * (3 + 4), kernel: -(-3), pad: same)
  b = -2 - -3 * -1
  output (a - x) |> relu
}
`,
);
formatted(
  "one line in braces stays one, if it fits",
  'model m{input x:[4];output x|>relu}\ntrain m on "d"{phase a{lr 1e-3;epochs 3}\nphase b{\nlr 1e-3}}\ndeploy m to c{}',
  `model m { input x: [4]; output x |> relu }
train m on "d" {
  phase a { lr 1e-3; epochs 3 }
  phase b {
    lr 1e-3
  }
}
deploy m to c {}
`,
);
formatted(
  "a broken pipe has a stage per line, and so has one that is too long",
  `block a(v) = v
|> relu |> relu
block b(v) = v |> conv(out: 8, kernel: 5, pad: same) |> batchnorm |> relu |> conv(out: 16, kernel: 5) |> relu
block c(v) = v |> relu |>
  relu`,
  `block a(v) = v
  |> relu
  |> relu
block b(v) = v
  |> conv(out: 8, kernel: 5, pad: same)
  |> batchnorm
  |> relu
  |> conv(out: 16, kernel: 5)
  |> relu
block c(v) = v |> relu |> relu
`,
);
formatted(
  "comments stay above or behind what they are about, groups stay apart",
  `// head


// of the model
model m { // opens
    // the input
    input x: [4] // four


    a = x // from here
      // normal
      |> batchnorm // like so
      |> dropout(// how much
        0.5 // half
      )
    // last
    output a
    // nothing follows
} // closes
// the end`,
  `// head

// of the model
model m {  // opens
  // the input
  input x: [4]  // four

  a = x  // from here
    // normal
    |> batchnorm  // like so
    |> dropout(0.5)  // how much
  // half
  // last
  output a
  // nothing follows
}  // closes
// the end
`,
);

for (const file of examples)
  test(`examples/${file} is canonical`, async () => {
    assert.is(await format(read(file)), read(file));
  });

/** Other white space, where it means nothing: a setting's value stays on its line, a comment ends with its line. */
function shake(source: string, random: () => number, newlines: boolean): string {
  let inModel = true;
  return source.replace(/"[^"\n]*"|\/\/[^\n]*\n?|^(?:train|deploy)\b|[ \t]+|\n[ \t\n]*/gm, (piece) => {
    if (/^(train|deploy)/.test(piece)) inModel = false;
    if (/^["td]/.test(piece)) return piece;
    if (piece.startsWith("//")) return piece;
    if (piece.startsWith("\n"))
      return newlines ? pick(random, ["\n", "\n\n", "\n\n\n  ", "\n\t", " \r\n"]) : piece;
    return pick(random, newlines && inModel ? [" ", "   ", "\t", "\n", "\n\n  "] : [" ", "    ", "\t"]);
  });
}

test("other spaces give the same text", async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...examples), fc.integer(), async (file, seed) => {
      assert.is(await format(shake(read(file), randomFrom(seed), false)), read(file));
    }),
    { numRuns: 100 },
  );
});

test("any white space: nothing is lost, and the second time changes nothing", async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...examples), fc.integer(), async (file, seed) => {
      const shaken = shake(read(file), randomFrom(seed), true);
      const once = await format(shaken);
      assert.equal(substance(once), substance(shaken));
      assert.is(await format(once), once);
    }),
    { numRuns: 200 },
  );
});

/** A comment behind any token. */
function strewComments(source: string, random: () => number): string {
  let n = 0;
  return source.replace(/[,(){}[\]]|\|>|\n/g, (piece) => (random() < 0.15 ? `${piece} // c${n++}\n` : piece));
}

test("comments anywhere in a model: none is lost, and the second time changes nothing", async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...examples), fc.integer(), async (file, seed) => {
      const [model] = read(file)
        .replace(/\/\/.*/g, "")
        .split(/^(?:train|deploy)/m);
      const strewn = strewComments(model!, randomFrom(seed));
      const once = await format(strewn);
      assert.equal(substance(once), substance(strewn));
      assert.is(await format(once), once);
    }),
    { numRuns: 200 },
  );
});

test("text that cannot be read is refused with its place", async () => {
  const result = await formatPulse("model m {\n  a = \n}\n", "m.pulse");
  assert.not(result.ok);
  assert.equal(
    result.diagnostics.map((d) => d.id),
    ["dsl/syntax"],
  );
});

test.run();
