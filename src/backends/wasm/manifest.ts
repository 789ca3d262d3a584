/** What a module says about itself, as JSON in its custom section: enough to run it without pulsec. */
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

/** A node without a kernel: the import `env.node(index)` reads its operands and writes its result. */
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
  /** Bytes: constants (they come with the module), all of memory, and the least that any placement needs. */
  readonly memory: { readonly constants: number; readonly total: number; readonly lowerBound: number };
}
