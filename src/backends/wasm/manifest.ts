/** What a module says about itself, as JSON in its custom section "pulsec": enough to run it without pulsec. */
import type { IntStorage } from "../../ir/storage.js";

export const sectionName = "pulsec";

/** Row-major elements, one per slot (sub-byte types: a byte each), little endian. */
export interface Located {
  readonly name: string;
  readonly storage: IntStorage;
  readonly shape: readonly number[];
  /** First byte in the exported memory. */
  readonly offset: number;
  readonly bytes: number;
}

/** A node without a kernel: the module calls the import `env.node(index)`, which reads operands and writes the result. */
export interface HostNode {
  readonly index: number;
  readonly op: string;
  /** Operands that are no params. */
  readonly operands: readonly Located[];
  readonly result: Located;
}

export interface Manifest {
  readonly format: 1;
  readonly graph: string;
  /** `outputs`: memory is reused, so inputs must be written anew before every run. */
  readonly expose: "all" | "outputs";
  /** Names, in the graph's order. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** What can be written before or read after a run. */
  readonly values: readonly Located[];
  readonly host: readonly HostNode[];
  /** Bytes: constants (loaded with the module), the whole memory, and the least any placement of values could need. */
  readonly memory: { readonly constants: number; readonly total: number; readonly lowerBound: number };
}
