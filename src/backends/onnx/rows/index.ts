/** How every op is written, by its name. */
import type { Lowering } from "../writer.js";
import { elementwiseRows } from "./elementwise.js";
import { quantisedRows } from "./quantised.js";
import { shapeRows } from "./shape.js";
import { sumRows } from "./sums.js";
import { windowRows } from "./window.js";

export const rows: Readonly<Record<string, Lowering>> = {
  ...elementwiseRows,
  ...quantisedRows,
  ...shapeRows,
  ...sumRows,
  ...windowRows,
};
