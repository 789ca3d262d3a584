/** The C backend: projects from integer graphs, and an engine that builds and runs them. */
export { type Compiler, findCompilers } from "./compilers.js";
export { type CEngineOptions, cEngine } from "./engine.js";
export { portableKernels } from "./kernels/index.js";
export { emitProject, type ProjectOptions } from "./project.js";
export type { Vector } from "./vectors.js";
