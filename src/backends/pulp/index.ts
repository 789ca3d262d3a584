/** The PULP backend: firmware projects from integer graphs, and an engine that runs them on the simulator. */
export { checkFirmware, type FirmwareCheck } from "./check.js";
export { type Gap8EngineOptions, gap8simEngine } from "./engine.js";
export { tileKernels } from "./kernels/index.js";
export { type FirmwareOptions, type FirmwareProject, makeFirmware } from "./project.js";
export { remarksOn } from "./remarks.js";
export { type CrossCompiler, findCrossCompiler } from "./toolchain.js";
export type { LinkedKernel } from "./units.js";
