/** Every kernel, one line per family. */
import type { WasmKernel } from "../kernel.js";
import { convKernel } from "./conv.js";
import { convTransposeKernel } from "./conv_transpose.js";
import { elementwiseKernels } from "./elementwise.js";
import { linearKernel, matmulKernel } from "./linear.js";
import { moveKernels } from "./move.js";
import { poolKernels } from "./pool.js";
import { reduceKernels } from "./reduce.js";
import { requantKernel } from "./requant.js";
import { upsampleKernel } from "./upsample.js";

export const kernels: readonly WasmKernel[] = [
  convKernel,
  convTransposeKernel,
  linearKernel,
  matmulKernel,
  requantKernel,
  upsampleKernel,
  ...elementwiseKernels,
  ...moveKernels,
  ...poolKernels,
  ...reduceKernels,
];
