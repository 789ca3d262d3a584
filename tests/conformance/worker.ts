/** Runs the cases of the suite `onnx` that it is sent. */
import type { CaseFolder } from "./cases.js";
import { suites } from "./suites.js";

process.on("message", async (c: CaseFolder) => process.send?.(await suites.onnx(c)));
process.on("disconnect", () => process.exit());
