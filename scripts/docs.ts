/** `npm run docs`: writes the generated pages of docs/reference. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { explanations } from "../src/explain/index.js";
import { diagnosticsPage } from "../src/explain/page.js";
import { coveragePage } from "../src/frontends/onnx/float/rows.js";
import { ops } from "../src/ir/ops/index.js";
import { irReference, opsReference } from "../src/ir/reference.js";
import { apiPage } from "./api.js";
import { kernelsPage } from "./gap8-kernels.js";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..", "..");
const folder = path.join(root, "docs", "reference");
const template = path.join(root, "docs", "tools", "ir.template.md");

/** Every generated page by its file name. */
export const pages = (): ReadonlyMap<string, string> =>
  new Map([
    ["api.md", apiPage()],
    ["gap8-kernels.md", kernelsPage()],
    ["diagnostics.md", diagnosticsPage(explanations)],
    ["onnx-coverage.md", coveragePage()],
    ["ops.md", opsReference(ops)],
    ["ir.md", irReference(readFileSync(template, "utf8"))],
  ]);

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const [name, text] of pages()) {
    writeFileSync(path.join(folder, name), text);
    console.log(`docs/reference/${name}`);
  }
