/** What runs a kernel under test: a host today, other machines by the same interface. */
import type { CompiledCall } from "./calls.js";

/** What went wrong beside the numbers: who saw it, and where. */
export interface Fault {
  /**
   * `access`: read or written outside a buffer; `guard`: written there, seen afterwards; `undefined`: undefined behaviour of C;
   * `written`: an input was changed; `crash`, `timeout`: the kernel did not come back.
   */
  readonly kind: "access" | "guard" | "undefined" | "written" | "crash" | "timeout";
  /** In words: `reads 1 byte, 2 bytes behind the end of x (18 bytes)`. */
  readonly text: string;
  /** The argument concerned. */
  readonly argument?: number;
  /** `kernel.c:31`, where it is known. */
  readonly line?: string;
}

export interface CallResult {
  /** Bytes of the result, twice: what the kernel does not write differs. Absent where it did not come back. */
  readonly bytes?: readonly [Uint8Array, Uint8Array];
  readonly faults: readonly Fault[];
}

export interface RunOptions {
  /** A process per call: sanitizers report each line of a program once. */
  readonly apart?: boolean;
}

export interface BuiltKernel {
  /** In the order of `calls`. */
  run(calls: readonly CompiledCall[], options?: RunOptions): Promise<readonly CallResult[]>;
  dispose(): Promise<void>;
}

export interface KernelSources {
  /** The C file that calls the kernel for one vector. */
  readonly adapter: string;
  /** The kernel and what it needs. */
  readonly sources: readonly string[];
  /** The text of `pulsec_golden.h`, which the adapter includes. */
  readonly header: string;
  readonly flags: readonly string[];
  /** Names of the arguments, for messages. */
  readonly argumentNames: readonly string[];
}

export interface KernelRunner {
  readonly name: string;
  /** Throws a `Refusal` where the sources do not compile. */
  build(kernel: KernelSources): Promise<BuiltKernel>;
}
