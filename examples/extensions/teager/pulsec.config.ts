import { defineConfig } from "pulsec";
import { teagerKernel } from "./kernels/teager.ts";
import { teager } from "./ops/teager.ts";

export default defineConfig({ version: 1, ops: [teager], kernels: [teagerKernel] });
