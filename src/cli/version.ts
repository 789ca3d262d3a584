import { readFileSync } from "node:fs";

/** From package.json, which stands two folders above `dist/src`. */
export const version: string = JSON.parse(
  readFileSync(new URL("../../../package.json", import.meta.url), "utf8"),
).version;
