/** The kernels of the PULP backend, the best for a layer before those that also know it. */
import type { TileKernel } from "../contract.js";
import { convKernel } from "./conv.js";
import { convPlain } from "./conv-plain.js";
import { copy } from "./copy.js";
import { depthwise } from "./depthwise.js";
import { elementwise } from "./elementwise.js";
import { globalSum } from "./global.js";
import { matmul } from "./matmul.js";
import { pool } from "./pool.js";
import { upsample } from "./upsample.js";

export const tileKernels: readonly TileKernel[] = [
  convKernel,
  depthwise,
  pool,
  globalSum,
  matmul,
  upsample,
  copy,
  elementwise,
  convPlain,
];
