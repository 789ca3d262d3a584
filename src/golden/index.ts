/** Golden tests of users' own C kernels: bindings, vectors, runs, diagnoses. */
export { type Binding, chainName, roundings } from "./binding.js";
export type { GoldenCase } from "./cases.js";
export {
  doryCases,
  doryLayers,
  type Format,
  formats,
  headerOfCases,
  headersOfLayers,
  indexFile,
  npzFiles,
  writtenCases,
  writtenLayers,
} from "./export.js";
export { renderSpeeds, type Speed, speedsOf, worthTiming } from "./gap8-cycles.js";
export { type Gap8Kernel, type Gap8Profile, gap8Profiles, gap8Runner } from "./gap8-runner.js";
export { type GoldenTestReport, goldenTest } from "./golden-test.js";
export { adapterText } from "./header.js";
export { compatFolder, hostRunner } from "./host-runner.js";
export { type Layer, layerCase, layersOf } from "./layers.js";
export { type Linked, linkedKernel } from "./link.js";
export { probedSignature } from "./probe.js";
export { readBinding } from "./read-binding.js";
export { renderGoldenTest } from "./report.js";
export type { BuiltKernel, CallResult, Fault, KernelRunner, KernelSources } from "./runner.js";
export { signatureNamed, withRequant, withStorages } from "./signature-edit.js";
export { type Signature, signatures } from "./signatures.js";
export { makeVectors } from "./vectors.js";
export { bindingText } from "./write-binding.js";
