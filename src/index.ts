/**
 * The public interface of pulsec. Everything here is documented where it is defined; nothing else is meant for import.
 * Heavy packages (binaryen, chevrotain, onnx-proto, flatbuffers) load when a function first needs them.
 * @packageDocumentation
 */

// Backends.
export {
  type CEngineOptions,
  cEngine,
  emitProject,
  type ProjectOptions,
  portableKernels,
  type Vector,
} from "./backends/c/index.js";
export { cType, kernelType } from "./backends/c/text.js";
export { floatEngine } from "./backends/float/index.js";
export type { Watch, Watched } from "./backends/gap8sim/debug.js";
export type { FileStore } from "./backends/gap8sim/devices/open-files.js";
// The GAP8 simulator.
export { disassemble, disassembleFirmware } from "./backends/gap8sim/disassemble.js";
export { type Firmware, type FirmwareSymbol, loadElf as loadFirmware } from "./backends/gap8sim/elf.js";
export { filesInFolder } from "./backends/gap8sim/folder.js";
export type { CoreProfile, FunctionProfile, Profile } from "./backends/gap8sim/insight/profile.js";
export type { RegionProfile } from "./backends/gap8sim/insight/regions.js";
export type { RunReport } from "./backends/gap8sim/insight/report.js";
export { createTrace, type TraceRecorder } from "./backends/gap8sim/insight/trace.js";
export { type FirmwareResult, type FirmwareRun, runFirmware } from "./backends/gap8sim/run-firmware.js";
export {
  createSimulation,
  type RunEnd,
  type Simulation,
  type SimulationOptions,
  type TrapReport,
} from "./backends/gap8sim/simulate.js";
export { exportOnnx, type OnnxExportOptions } from "./backends/onnx/index.js";
export {
  checkFirmware,
  type FirmwareCheck,
  type FirmwareOptions,
  type FirmwareProject,
  type Gap8EngineOptions,
  gap8simEngine,
  makeFirmware,
} from "./backends/pulp/index.js";
export {
  type FirmwareReport,
  firmwareReport,
  type LayerReport,
  type Measured,
  type MeasureOptions,
  measureFirmware,
  type ReportOptions,
} from "./backends/pulp/report/index.js";
export type { Program } from "./backends/schedule/program.js";
export { verifyProgram } from "./backends/schedule/verify.js";
export {
  type BatchOptions,
  type CompiledWasm,
  compileWasm,
  evaluateBatch,
  type WasmOptions,
  wasmEngine,
} from "./backends/wasm/index.js";
// Tensor files, test inputs and verification.
export { type InputSet, randomTensor, testInputs } from "./data/random-tensor.js";
export {
  type RawArray,
  readTensorFile,
  toRawArray,
  toTensor,
  writeNpy,
  writeNpz,
  writeText,
} from "./data/tensor-files/index.js";
// A project's own passes, ops and kernels.
export { type Config, defineConfig } from "./extension/config.js";
// Frontends.
export { containerParams, readContainer, writeContainer } from "./frontends/container/index.js";
export {
  formatPulse,
  type PulseFile,
  type PulseOptions,
  parsePulse,
  printPulse,
} from "./frontends/dsl/index.js";
export { type ImportedModel, type ImportOptions, importOnnx } from "./frontends/onnx/index.js";
export { type ParamSource, parseModule, type TextOptions } from "./frontends/text/index.js";
// The IR: types, graphs, ops, verification, text.
export { type Bounds, boundsOf, type Known } from "./ir/bounds.js";
export { GraphBuilder, makeNode, makeParam, type NodeOptions, type ParamOptions } from "./ir/build.js";
export {
  type ComputedTile,
  type ComputedTiles,
  type CostModel,
  definePass,
  type Engine,
  type Frontend,
  type Kernel,
  type KernelFacts,
  type KernelFile,
  type KernelNames,
  type Memory,
  type Packed,
  type Pass,
  type PassContext,
  type PassOption,
  type PassOptions,
  type PassOutcome,
  type PrepareOptions,
  type Session,
  type Target,
  type Trainer,
  type TrainingJob,
} from "./ir/contracts.js";
export { costOf, macs, weightBytes } from "./ir/cost.js";
export {
  attempt,
  type Diagnostic,
  error,
  type NodePlace,
  type Place,
  Refusal,
  type Result,
  renderDiagnostic,
  type Span,
  unwrap,
  warning,
} from "./ir/diagnostic.js";
export {
  type Graph,
  isParam,
  type Module,
  mainGraph,
  type Node,
  type Param,
  paramsOf,
  producersOf,
  type Stage,
  unionPlaces,
  usersOf,
  type Value,
} from "./ir/graph.js";
export { contentHash } from "./ir/hash.js";
export { intEngine } from "./ir/interpreter.js";
export { moduleHash } from "./ir/module-hash.js";
export {
  type AttrKind,
  type AttrSpec,
  type Attrs,
  type AttrsOf,
  type AttrValue,
  defineOp,
  type Example,
  type FloatResult,
  type FloatRun,
  type Num,
  type OpDef,
  type OperandSpec,
  type Per,
  type Quantise,
} from "./ir/op.js";
export { opNamed, ops } from "./ir/ops/index.js";
export { type PrintOptions, printGraph, printModule } from "./ir/print.js";
export { type RewriteContext, type Rule, removeDead, rewrite } from "./ir/rewrite.js";
export { type Data, type IntStorage, type Storage, storages } from "./ir/storage.js";
export { allocate, type Tensor, tensor } from "./ir/tensor.js";
export {
  activation,
  type Dim,
  elements,
  printType,
  type Quant,
  type Shape,
  sizes,
  type TensorType,
  tensorType,
  zeroPoint,
} from "./ir/type.js";
export { verifyModule } from "./ir/verify.js";
// Passes.
export {
  allPasses,
  type PassRun,
  parsePipeline,
  pipelines,
  printPipeline,
  type RunOptions,
  runPasses,
  type Step,
  valueCheck,
} from "./passes/index.js";
export {
  compareEngines,
  type EngineReport,
  type GoldenReport,
  type GoldenSet,
  type Goldens,
  goldenSets,
  matchGoldens,
  namedValues,
  renderEngineReport,
  renderGoldenReport,
} from "./verify/index.js";
