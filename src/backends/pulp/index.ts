/** The PULP backend: firmware projects from integer graphs, and an engine that runs them on the simulator. */
export { checkFirmware, type FirmwareCheck } from "./firmware/check.js";
export { type Gap8EngineOptions, gap8simEngine } from "./firmware/engine.js";
export { type FirmwareOptions, type FirmwareProject, makeFirmware } from "./firmware/project.js";
export { remarksOn } from "./firmware/remarks.js";
export { type CrossCompiler, findCrossCompiler } from "./firmware/toolchain.js";
export { tileKernels } from "./kernels/index.js";
export type { LinkedKernel } from "./planner/units.js";
