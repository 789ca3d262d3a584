/** Every message of the text frontend, as people read it: golden/text/<name>.txt holds the source, then the messages. */
import * as assert from "uvu/assert";
import { parseModule } from "../../src/frontends/text/index.js";
import { renderDiagnostic } from "../../src/ir/diagnostic.js";
import { ops } from "../../src/ir/ops/index.js";
import { matchesGolden, orphans } from "../golden.js";
import { suite } from "../harness.js";

const test = suite("text-golden");
const golden: string[] = [];

/** The name of a test says what is wrong with its text. */
function refuses(name: string, text: string): void {
  const file = `${name.replace(/[^a-z0-9]+/g, "-")}.txt`;
  golden.push(file);
  test(name, async () => {
    const result = await parseModule(text, { file: "net.pir", ops });
    assert.not(result.ok, "the text is accepted");
    const sources = new Map([["net.pir", text]]);
    const messages = result.diagnostics.map((d) => renderDiagnostic(d, sources));
    matchesGolden(`text/${file}`, `${text}\n${"-".repeat(80)}\n\n${messages.join("\n\n")}\n`);
  });
}

/** A graph with `nodes`, behind `params`. */
const graph = (nodes: string, params = ""): string => `param @add : i64[1] = [2]
param @mul : i32[1] = [3]
param @w : i8[1x3x1] = [1, 2, 3]
${params}
graph @net(%x: u8[1x5x1]) -> (%y: i32[1x3x1]) stage integer {
${nodes.trim().replace(/^ */gm, "  ")}
}
`;
const sound = "%y = conv %x, @w : i32[1x3x1]";

refuses("nothing at all", "");
refuses("a word where a statement belongs", `module net\n\n${graph(sound)}`);
refuses("a missing comma between operands", graph("%y = conv %x @w : i32[1x3x1]"));
refuses("a missing type", graph(`%a = conv %x, @w\n${sound}`));
refuses("a missing type at the end of the graph", graph("%y = conv %x, @w"));
refuses("a missing operand", graph("%y = conv %x, : i32[1x3x1]"));
refuses("a node without a name", graph(`conv %x, @w : i32[1x3x1]\n${sound}`));
refuses("an attribute without a value", graph("%y = conv %x, @w {stride} : i32[1x3x1]"));
refuses("a missing brace at the end", graph(sound).trimEnd().slice(0, -1));
refuses(
  "a missing brace before another graph",
  `${graph(sound).trimEnd().slice(0, -1)}\n${graph(sound).replace("@net", "@next")}`,
);
refuses("a broken head", graph(sound).replace("-> (", "- ("));
refuses("broken sizes", graph("%y = conv %x, @w : i32[1x3x]"));
refuses("a string that does not end", `meta producer = "me\n\n${graph(sound)}`);
refuses("an escape that is none", `meta producer = "\\q"\n\n${graph(sound)}`);
refuses("a hash that is too short", graph(sound, "param @k : i8[1x3x1] = #3f9a"));
refuses("a name that is none", graph("%1 = conv %x, @w : i32[1x3x1]"));
refuses("a character that means nothing", graph("%y = conv %x, @w ; i32[1x3x1]"));
refuses("a list that does not end", graph(sound, "param @k : i8[1x3x1] = [1, 2"));
refuses(
  "several syntax errors at once",
  graph(
    "%a = conv %x @w : i32[1x3x1]\n%b = conv %a {stride = } : i32[1x3x1]\n%c = : i32\n%y = conv %b, @w : i32[1x3x1]",
    "param @s ; f32[1] = [1]",
  ),
);

refuses("an unknown op", graph("%y = convolution %x, @w : i32[1x3x1]\n%z = cnov %x, @w : i32[1x3x1]"));
refuses(
  "an unknown value",
  graph("%acc = conv %x, @w : i32[1x3x1]\n%y = requant %ac, @mul, @add {shift = 0} : i8[1x3x1]"),
);
refuses("an unknown param", graph("%y = requant %x, @mull, @add {shift = 0} : i32[1x5x1]"));
refuses("a value where a param is meant", graph("%y = conv %x, %w : i32[1x3x1]"));
refuses("a param where a value is meant", graph("%y = conv @x, @w : i32[1x3x1]"));
refuses(
  "a value that is read before it is defined",
  graph("%y = requant %a, @mul, @add {shift = 0} : i32[1x3x1]\n%a = conv %x, @w : i32[1x3x1]"),
);
refuses("an unknown attribute", graph("%y = conv %x, @w {strides = 2} : i32[1x2x1]"));
refuses(
  "an attribute that is written twice",
  graph("%y = conv %x, @w {stride = 1, stride = 2} : i32[1x3x1]"),
);
refuses("an attribute of another kind", graph("%y = conv %x, @w {stride = wide} : i32[1x3x1]"));
refuses("an attribute of another length", graph("%y = conv %x, @w {pads = [1, 1, 1]} : i32[1x5x1]"));
refuses("an attribute outside its range", graph("%y = conv %x, @w {groups = 0} : i32[1x3x1]"));
refuses("a word that is none of the attribute", graph("%y = conv %x, @w {pad_mode = mirror} : i32[1x3x1]"));
refuses(
  "a missing attribute",
  graph("%a = conv %x, @w : i32[1x3x1]\n%y = requant %a, @mul, @add : i8[1x3x1]"),
);
refuses("too few operands", graph("%y = conv %x : i32[1x3x1]"));
refuses("an operand of a wrong storage", graph("%y = conv %x, @mul : i32[1x3x1]"));
refuses("an operand of a wrong rank", graph("%y = conv %x, @k : i32[1x3x1]", "param @k : i8[3] = [1, 2, 3]"));
refuses(
  "an operand that must be a param",
  graph("%y = conv %x, %v : i32[1x3x1]").replace("%x: u8[1x5x1]", "%x: u8[1x5x1], %v: i8[1x3x1]"),
);
refuses(
  "operands that do not fit together",
  graph("%y = conv %x, @k : i32[1x3x1]", "param @k : i8[1x3x2] = [1, 2, 3, 4, 5, 6]"),
);
refuses("a result type that is not the inferred one", graph("%y = conv %x, @w : i32[1x5x1]"));
refuses(
  "an output of another type",
  graph("%y = conv %x, @w : i32[1x3x1]").replace("(%y: i32[1x3x1])", "(%y: i32[1x3x1] * 0.5)"),
);
refuses("an output that is not there", graph("%z = conv %x, @w : i32[1x3x1]"));

refuses("an unknown storage", graph("%y = conv %x, @w : int32[1x3x1]"));
refuses("an unknown stage", graph(sound).replace("stage integer", "stage integers"));
refuses("a size of zero", graph(sound).replace("u8[1x5x1]", "u8[1x0x1]"));
refuses("a symbolic batch that does not lead", graph(sound).replace("u8[1x5x1]", "u8[1xNx1]"));
refuses("a symbolic batch in a param", graph(sound, "param @k : f32[N] = [1]"));
refuses("too many dimensions", graph(sound).replace("u8[1x5x1]", "u8[1x1x1x1x1x1x1x1x1]"));
refuses("too many elements", graph(sound, "param @k : i8[65536x65536] = [0]"));
refuses("a scale of zero", graph(sound).replace("%x: u8[1x5x1]", "%x: u8[1x5x1] * 0"));
refuses("a scale of a float", graph(sound).replace("%x: u8[1x5x1]", "%x: f32[1x5x1] * 0.5"));
refuses(
  "a zero point outside the storage",
  graph(sound).replace("%x: u8[1x5x1]", "%x: (u8[1x5x1] - 256) * 0.5"),
);
refuses("a zero point without a scale", graph(sound).replace("%x: u8[1x5x1]", "%x: (u8[1x5x1] - 128)"));
refuses(
  "scales that do not fit their axis",
  graph(sound, "param @k : i8[2x1x1] * @s axis 0 = [1, 2]\nparam @s : f32[3] = [1, 2, 3]"),
);
refuses("scales that are no floats", graph(sound, "param @k : i8[1x1x1] * @mul axis 0 = [1]"));
refuses("scales that have scales", graph(sound, "param @k : i8[1] * @k axis 0 = [1]"));
refuses(
  "scales that nobody declares",
  graph(sound, "param @k : i8[1x1x1] * @weight_scales axis 0 = [1]\nparam @weight_scale : f32[1] = [1]"),
);

refuses("too few elements", graph(sound, "param @k : i8[1x3x1] = [1, 2]"));
refuses("too many elements in a list", graph(sound, "param @k : i8[1x3x1] = [1, 2, 3, 4]"));
refuses("an element outside the storage", graph(sound, "param @k : i4[3] = [7, 8, 9]"));
refuses("an element that is not whole", graph(sound, "param @k : i8[3] = [1, 2.5, 3]"));
refuses("an element beyond 64 bits", graph(sound, "param @k : i64[1] = [9223372036854775808]"));
refuses("an element beyond a float", graph(sound, "param @k : f32[1] = [1e39]"));
refuses("values that are elsewhere", graph(sound, `param @k : i8[1x3x1] = #${"3f9a".repeat(16)}`));
refuses("an origin that is none", graph(sound, 'param @k : i8[1] from {"parameter": "w"} = [1]'));
refuses("a place that is none", graph('%y = conv %x, @w : i32[1x3x1] loc("somewhere")'));
refuses(
  "names that are taken",
  `${graph(`${sound}\n${sound}\n%x = conv %x, @w : i32[1x3x1]`, "param @w : i8[1] = [1]")}\n${graph(sound)}`,
);
refuses("a meta key that is taken", `meta a = "1"\nmeta a = "2"\n\n${graph(sound)}`);
refuses(
  "a range of nothing",
  `range @nett %x = [0, 1]\nrange @net %z = [0, 1]\nrange @net %y = [1, 0]\n\n${graph(sound)}`,
);

test("no golden file is left over", () => {
  assert.equal(orphans("text", golden), []);
});

test.run();
