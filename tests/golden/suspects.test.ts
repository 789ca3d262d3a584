/** Every mistake that the diagnosis knows is found when a kernel makes it, whatever other explanations there are. */
import { readFileSync } from "node:fs";
import path from "node:path";
import * as assert from "uvu/assert";
import { resultName } from "../../src/golden/binding.js";
import type { GoldenCase } from "../../src/golden/cases.js";
import { diagnose, type Outcome, suspects } from "../../src/golden/diagnose.js";
import { makeVectors, readBinding } from "../../src/golden/index.js";
import { numbersOf } from "../../src/golden/memory.js";
import { weight } from "../../src/golden/shrink.js";
import { ops } from "../../src/ir/ops/index.js";
import { suite } from "../harness.js";
import { kernels } from "./kernels.js";

const test = suite("suspects");

const load = (name: string) =>
  readBinding(readFileSync(path.join(kernels, name), "utf8"), { file: name, ops });

/** What a kernel would have given that makes the mistake. */
function outcomeOf(golden: GoldenCase, got: ArrayLike<number | bigint>): Outcome {
  const { data } = golden.tensors.get(resultName)!;
  const equal = Array.from({ length: data.length }, (_, i) => Number(got[i]) === Number(data[i])).every(
    Boolean,
  );
  return { golden, got, unwritten: [], accumulated: false, faults: [], equal };
}

for (const name of ["conv.golden.json", "pulp_conv.golden.json", "pulp_linear.golden.json"])
  test(`${name}: the cause, or another that gives the same numbers`, () => {
    const binding = load(name);
    const all = makeVectors(binding, { seed: 3, random: 12 });
    const vectors = all.toSorted((a, b) => weight(a) - weight(b)).slice(0, 14);
    const named = new Set<string>();
    for (const h of suspects(binding)) {
      const outcomes = vectors.map((v) => outcomeOf(v, h.expected(v) ?? v.tensors.get(resultName)!.data));
      if (outcomes.every((o) => o.equal)) continue;
      const found = diagnose(binding, outcomes);
      assert.ok(found, `${h.cause}: ${h.text}`);
      assert.is(found!.explains, found!.failing, `${h.cause}: ${h.text} was taken for ${found!.text}`);
      if (found!.cause === h.cause) named.add(h.cause);
    }
    const wanted = [
      "rounding",
      "missing clamp",
      "channel order",
      "off-by-one border",
      "unsigned read as signed",
    ];
    for (const cause of wanted) assert.ok(named.has(cause), `${cause} is always taken for another cause`);
  });

test("numbers that no known mistake gives are not given a cause", () => {
  const binding = load("conv.golden.json");
  const vectors = makeVectors(binding, { seed: 3, random: 4 });
  const noise = vectors.map((v) => {
    const { data } = v.tensors.get(resultName)!;
    return outcomeOf(
      v,
      numbersOf(data).map((d, i) => (d * 31 + i * 57 + 11) & 255),
    );
  });
  const found = diagnose(binding, noise);
  assert.ok(found === undefined || found.cause === "unknown", found?.text);
});

test.run();
