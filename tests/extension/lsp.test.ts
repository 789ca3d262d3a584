/** The language server knows the ops of the project that it is started in, and does without a broken configuration. */
import path from "node:path";
import { pathToFileURL } from "node:url";
import * as assert from "uvu/assert";
import { suite } from "../harness.js";
import { startEditor } from "../lsp/client.js";
import { inProject } from "./project.js";

const test = suite("language server of a project");

const config = `import { defineConfig, defineOp } from "pulsec";
const twice = defineOp({
  name: "twice", summary: "2x", operands: { x: { storage: ["f32"] } }, attrs: {}, traits: ["elementwise"],
  infer: ({ x }) => x, float: (f, { x }) => ({ y: f.mul(x, 2) }), examples: [],
});
export default defineConfig({ version: 1, ops: [twice] });
`;
const model = "model m {\n  input x: [4]\n  output y = x |> twice |> relu\n}\n";

async function diagnosticsIn(dir: string): Promise<readonly string[]> {
  const editor = await startEditor(dir);
  const uri = pathToFileURL(path.join(dir, "m.pulse")).href;
  await editor.open(uri, model);
  const { diagnostics } = await editor.published(uri, 1);
  await editor.connection.sendRequest("shutdown");
  await editor.connection.sendNotification("exit");
  await editor.ended();
  return diagnostics.filter((d) => d.severity === 1).map((d) => String(d.code));
}

test("ops of the configuration are known; without it they are not", async () => {
  await inProject({ "pulsec.config.ts": config }, async ({ dir, write }) => {
    assert.equal(await diagnosticsIn(dir), []);
    write({ "pulsec.config.ts": "export default 4;\n" });
    assert.equal(await diagnosticsIn(dir), ["dsl/unknown-call"]);
  });
});

test.run();
