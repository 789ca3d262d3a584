import { defineConfig } from "pulsec";
import { lowRank } from "./passes/low-rank.ts";

export default defineConfig({ version: 1, passes: [lowRank] });
