import * as assert from "uvu/assert";
import { definePass } from "../../src/ir/contracts.js";
import { renderDiagnostic, unwrap } from "../../src/ir/diagnostic.js";
import { parsePipeline, pipelineFile, printPipeline } from "../../src/passes/pipeline.js";
import { suite } from "../harness.js";

const test = suite("pipelines");

const fold = definePass({ name: "fold", summary: "", run: (graph) => graph });
const quantise = definePass({
  name: "quantise",
  summary: "",
  options: {
    bits: { kind: "int", default: 8, min: 2, max: 8 },
    per_channel: { kind: "bool", default: true },
    mix: { kind: "ints", optional: true },
    file: { kind: "text", optional: true },
  },
  run: (graph) => graph,
});
const passes = [fold, quantise];
const named = { both: "fold,quantise{bits=4}" };
const read = (text: string) => parsePipeline(text, passes, named);

for (const [text, printed] of [
  ["fold", "fold"],
  [" fold , quantise { bits = 4, per_channel=false } ", "fold,quantise{bits=4 per_channel=false}"],
  ["quantise{bits=8}", "quantise"],
  ["quantise{mix=[8 4,2]}", "quantise{mix=[8, 4, 2]}"],
  ['quantise{file="a, b}"}', 'quantise{file="a, b}"}'],
  ["quantise{file=bits.json}", "quantise{file=bits.json}"],
  ['quantise{file="true"}', 'quantise{file="true"}'],
  ["both,fold", "fold,quantise{bits=4},fold"],
] as const)
  test(`${text} is ${printed}`, () => {
    const steps = read(text);
    assert.ok(steps.ok, steps.diagnostics[0]?.text);
    assert.is(steps.ok && printPipeline(steps.value), printed);
    assert.is(printPipeline(unwrap(read(printed))), printed);
  });

for (const [text, message] of [
  [
    "fold,quantize",
    `error[pass/unknown]: there is no pass quantize
  --> --passes:1:6
  1 | fold,quantize
    |      ^^^^^^^^
  help: did you mean quantise?`,
  ],
  [
    "quantise{bit=4}",
    `error[pass/option]: quantise has no option bit
  --> --passes:1:1
  1 | quantise{bit=4}
    | ^^^^^^^^^^^^^^^
  help: did you mean bits?`,
  ],
  [
    "quantise{bits=9}",
    `error[pass/option]: quantise: bits = 9 lies outside [2, 8]
  --> --passes:1:1
  1 | quantise{bits=9}
    | ^^^^^^^^^^^^^^^^`,
  ],
  [
    "fold quantise",
    `error[pass/syntax]: this is no list of passes
  --> --passes:1:6
  1 | fold quantise
    |      ^ found quantise
  expected: a comma between passes, or options in braces behind a pass
  help: write passes as a,b{option=1}`,
  ],
  [
    "quantise{bits",
    `error[pass/syntax]: this is no list of passes
  --> --passes:1:14
  1 | quantise{bits
    |              ^ found the end
  expected: = and a value
  help: write passes as a,b{option=1}`,
  ],
  [
    "",
    `error[pass/syntax]: this is no list of passes
  --> --passes:1:1
  1 |${" "}
    | ^ found the end
  expected: the name of a pass
  help: write passes as a,b{option=1}`,
  ],
] as const)
  test(`${JSON.stringify(text)} is refused`, () => {
    const steps = read(text);
    assert.not(steps.ok);
    assert.is(renderDiagnostic(steps.diagnostics[0]!, new Map([[pipelineFile, text]])), message);
  });

test.run();
