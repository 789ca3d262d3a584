/** Rectifiers with slopes on unrounded sums: integers again, as they were before the export or by rounding in parts. */
import * as assert from "uvu/assert";
import { exportOnnx } from "../../src/backends/onnx/index.js";
import { checkRule, type ImportedModel, importOnnx } from "../../src/frontends/onnx/index.js";
import { parseModule } from "../../src/frontends/text/index.js";
import { renderDiagnostic, unwrap } from "../../src/ir/diagnostic.js";
import { mainGraph } from "../../src/ir/graph.js";
import { interpret } from "../../src/ir/interpreter.js";
import { ops } from "../../src/ir/ops/index.js";
import { tensor } from "../../src/ir/tensor.js";
import { verifyModule } from "../../src/ir/verify.js";
import { suite } from "../harness.js";

const test = suite("onnx bend");

/** An 8-bit layer whose PRelu has slopes in units of 1 / positive, in our own QDQ, read back. */
async function readBack(alpha: readonly number[], positive: number, clip = "") {
  const source = unwrap(
    await parseModule(
      `param @add : i64[1] = [${2 ** 33}]
param @alpha : i32[2] = [${alpha.join(", ")}]
param @b : i32[2] = [70, -300]
param @mul : i32[1] = [${Math.round((2 ** 34 * 0.025) / 4 / positive)}]
param @w : i8[2x3x2] * 0.05 = [100, -90, 80, 70, -60, 50, 40, -30, 20, 127, -127, 5]

graph @main(%x: (u8[1x64x2] - 100) * 0.5) -> (%y: (i8[1x64x2] + 7) * 4) stage integer {
  %sum = conv %x, @w, @b {pads = [1, 1]} : i32[1x64x2] * 0.025
  %bent = prelu %sum, @alpha {positive = ${positive}} : i32[1x64x2] * ${0.025 / positive}
  %y = requant %bent, @mul, @add {shift = 34${clip}} : (i8[1x64x2] + 7) * 4
}
`,
      { file: "net.pir", ops },
    ),
  );
  const bytes = unwrap(await exportOnnx(source, { dialect: "qdq" }));
  const found = unwrap(await importOnnx(bytes, { file: "net.onnx" }));
  const complaints = [...verifyModule(found.module), ...found.notes];
  assert.is(complaints.map((d) => renderDiagnostic(d)).join("\n"), "");
  const x = Uint8Array.from({ length: 128 }, (_, i) => (i * 97) % 256);
  const [was, now] = [mainGraph(source), mainGraph(found.module)];
  const run = (graph: typeof was) => interpret(graph).run([tensor(graph.inputs[0]!.type, x)]);
  const values = await run(now);
  const report = checkRule(found.roundings!, values);
  assert.equal([report.firstWrong, report.elements > 0], [[], true]);
  const y = [...(await run(was)).get("y")!.data].map(Number);
  return { found, y, back: [...values.get(now.outputs[0]!.name)!.data].map(Number) };
}

const opsOf = ({ module }: ImportedModel) => mainGraph(module).nodes.map((n) => n.op.name);
const apart = (a: readonly number[], b: readonly number[]) =>
  Math.max(...a.map((v, i) => Math.abs(v - b[i]!)));

test("whole slopes: the graph that was exported", async () => {
  for (const [alpha, positive] of [
    [[1, -3], 4],
    [[10, 102], 1024],
    [[0, 16], 8],
  ] as const) {
    const { found, y, back } = await readBack(alpha, positive);
    assert.equal(opsOf(found), ["conv", "prelu", "requant"], `${alpha}`);
    assert.ok(apart(y, back) <= 1, `${alpha}`);
    assert.ok(new Set(y).size > 20 && y.some((v) => v < 7) && y.some((v) => v > 7), `${alpha}`);
  }
});

test("slopes that no small unit holds: one rounding above zero, one for slopes that rise, one for those that fall", async () => {
  for (const [alpha, requants] of [
    [[8191, 4099], 3],
    [[-8191, -4099], 3],
    [[8191, -4099], 4],
  ] as const) {
    const { found, y, back } = await readBack(alpha, 16411);
    assert.is(opsOf(found).filter((op) => op === "requant").length, requants, `${alpha}`);
    assert.not.ok(opsOf(found).includes("prelu"));
    assert.ok(apart(y, back) <= 1, `${alpha}`);
  }
});

test("limits behind the slopes hold in both forms", async () => {
  for (const positive of [4, 16411]) {
    const { y, back } = await readBack([positive - 1, 1], positive, ", lo = -2, hi = 30");
    assert.ok(apart(y, back) <= 1, `${positive}`);
    assert.equal([Math.min(...back), Math.max(...back)], [-2, 30]);
  }
});

test("linear interpolation by two along one axis: the graph that was exported; along two it stays float", async () => {
  const again = async (shape: string, size: string, to: string) => {
    const text = `graph @main(%x: (u8[${shape}] - 9) * 0.5) -> (%y: (u8[${to}] - 9) * 0.5) stage integer {
  %y = upsample %x {size = ${size}, mode = linear} : (u8[${to}] - 9) * 0.5
}
`;
    const source = unwrap(await parseModule(text, { file: "net.pir", ops }));
    const bytes = unwrap(await exportOnnx(source, { dialect: "qdq" }));
    return { source, found: unwrap(await importOnnx(bytes, { file: "net.onnx" })) };
  };
  const { source, found } = await again("1x8x2", "16", "1x16x2");
  assert.equal([opsOf(found), found.notes], [["upsample"], []]);
  const now = mainGraph(found.module);
  const x = tensor(now.inputs[0]!.type, [0, 255, 3, 1, 255, 0, 7, 7, 9, 8, 1, 2, 3, 5, 8, 13]);
  const values = await interpret(now).run([x]);
  assert.equal(
    values.get(now.outputs[0]!.name)!.data,
    (await interpret(mainGraph(source)).run([x])).get("y")!.data,
  );
  const report = checkRule(found.roundings!, values);
  assert.equal([report.elements, report.firstWrong], [32, []]);
  const wide = await again("1x4x4x1", "[8, 8]", "1x8x8x1");
  assert.equal(
    wide.found.notes.map((d) => d.id),
    ["onnx/stays-float"],
  );
});

test.run();
