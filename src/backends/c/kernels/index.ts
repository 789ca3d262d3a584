/** The portable kernels: any C11 compiler, any target. The first that takes a node wins. */
import type { Kernel } from "../../../ir/contracts.js";
import { convKernels } from "./conv.js";
import { elementwiseKernels } from "./elementwise.js";
import { linearKernels } from "./linear.js";
import { poolKernels, upsampleKernels } from "./pool.js";
import { requantKernels } from "./requant.js";
import { shapeKernels } from "./shape.js";

/** The built-in kernels in C11, in the order in which they are asked. */
export const portableKernels: readonly Kernel[] = [
  ...convKernels,
  ...linearKernels,
  ...requantKernels,
  ...elementwiseKernels,
  ...shapeKernels,
  ...poolKernels,
  ...upsampleKernels,
];
