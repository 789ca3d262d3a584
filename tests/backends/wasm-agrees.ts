/** Comparing engine wasm with the specification. */
import * as assert from "uvu/assert";
import { kernels, type WasmKernel, wasmSession } from "../../src/backends/wasm/index.js";
import type { Diagnostic } from "../../src/ir/diagnostic.js";
import { interpret } from "../../src/ir/interpreter.js";
import type { Tensor } from "../../src/ir/tensor.js";
import { verifyModule } from "../../src/ir/verify.js";
import type { LayerCase } from "./random-layers.js";

const plain = (values: ReadonlyMap<string, Tensor>) =>
  [...values].map(([name, { data }]) => `${name} = ${data.join(" ")}`);

/** Two runs of one session give every value of the specification, and every output where memory is reused. */
export async function agrees(
  { graph, inputs, again }: LayerCase,
  some: readonly WasmKernel[] = kernels,
): Promise<void> {
  const complaints: readonly Diagnostic[] = verifyModule({ graphs: [graph], meta: {} });
  assert.equal(complaints, []);
  for (const expose of ["all", "outputs"] as const) {
    const [spec, wasm] = [interpret(graph), await wasmSession(graph, { expose, kernels: some })];
    for (const given of [inputs, again]) {
      const [expected, found] = [await spec.run(given), await wasm.run(given)];
      const compared =
        expose === "all" ? expected : new Map([...expected].filter(([name]) => found.has(name)));
      assert.equal(plain(found), plain(compared));
    }
  }
}
