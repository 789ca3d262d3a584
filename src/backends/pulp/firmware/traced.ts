/** Results of layers, read from the simulated memory where firmware calls the trace of a layer. */
import type { Tensor } from "../../../ir/tensor.js";
import type { Firmware } from "../../gap8sim/elf.js";
import type { Simulation } from "../../gap8sim/simulate.js";
import type { Program } from "../../schedule/program.js";
import { fromPhysical, rowsOf, spanOf } from "./physical.js";

/** Names of the functions to stop at. The linker drops what no layer calls. */
export function traceHooks({ symbols }: Firmware, prefix: string): readonly string[] {
  const known = new Set(symbols.map((s) => s.name));
  return [`${prefix}_trace`, `${prefix}_trace_l3`].filter((name) => known.has(name));
}

const [layerRegister, dataRegister] = [10, 11];

/** What the firmware shows at a breakpoint in the trace. */
export function tracedResult(
  { machine, read }: Simulation,
  program: Program,
): { readonly layer: number; readonly name: string; readonly tensor: Tensor } {
  const { x } = machine.cores[0]!;
  const layer = x[layerRegister]!;
  const { nodes, result } = program.layers[layer]!;
  const { name, type } = nodes.at(-1)!.result;
  const [from, size] = [x[dataRegister]! >>> 0, spanOf(rowsOf(result.strides, type))];
  const isFar = program.blocks.find((b) => b.name === result.at.block)!.level === "l3";
  const bytes = isFar ? machine.devices.hyper.ram.subarray(from, from + size) : read(from, size)!;
  return { layer, name, tensor: fromPhysical(result.strides, type, bytes) };
}
