import { defineConfig } from "pulsec";
import { pointwise } from "./kernels/pointwise.ts";

export default defineConfig({ version: 1, kernels: [pointwise] });
