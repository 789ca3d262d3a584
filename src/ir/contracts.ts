/** What the other folders implement. Implementations are passed in by the command line and studies; nothing registers itself. */
import type { Bounds } from "./bounds.js";
import type { Diagnostic, Result } from "./diagnostic.js";
import type { Graph, Module, Node, Param, Range, Value } from "./graph.js";
import type { AttrKind, AttrsOf, Num, OpDef } from "./op.js";
import type { Data, Storage } from "./storage.js";
import type { Tensor } from "./tensor.js";

/** Executes graphs. All engines give the same bytes for the same integer graph. */
export interface Engine {
  readonly name: string;
  /** Why this engine cannot run the graph: one line per reason, none when it can. */
  refuses(graph: Graph): readonly string[];
  /** What a user should know of how this engine runs the graph: warnings and notes. */
  remarks?(graph: Graph): readonly Diagnostic[];
  prepare(graph: Graph, options?: PrepareOptions): Promise<Session>;
}
/** What an engine keeps of a run. */
export interface PrepareOptions {
  /** `all` keeps every intermediate value readable; `outputs` may reuse memory. Default `all`. */
  readonly expose?: "all" | "outputs";
}
/** A graph made ready to run by an engine. */
export interface Session {
  /** One inference. `inputs` in the graph's order; the result maps value names to tensors. */
  run(inputs: readonly Tensor[]): Promise<ReadonlyMap<string, Tensor>>;
  /** How a value was computed, where that was tile by tile. */
  tiles?(value: string): ComputedTiles | undefined;
  dispose(): Promise<void>;
}
/** From the first to the one behind the last. */
type Span = readonly [from: number, to: number];
/** A part of a value that one run of a kernel computes. */
export interface ComputedTile {
  /** 1 for the first that is computed, of how many. */
  readonly number: number;
  readonly of: number;
  readonly h: Span;
  readonly w: Span;
  readonly c: Span;
  /** The part of the value that was in near memory meanwhile, where it streams from far memory. */
  readonly section?: { readonly number: number; readonly of: number };
}
/** The tiles of a value in the order of their computation. */
export interface ComputedTiles {
  readonly tiles: readonly ComputedTile[];
  /** The index of the tile that an element (row-major) is from. */
  at(element: number): number | undefined;
}

/** An option of a pass: what an op attribute can be, or a text (a name, a file). */
export type PassOption =
  | AttrKind
  | { readonly kind: "text"; readonly default?: string; readonly optional?: true };
/** The options of a pass by name. */
export type PassOptions = Readonly<Record<string, PassOption>>;
type OptionValues<S extends PassOptions> = {
  readonly [K in keyof S]: S[K] extends AttrKind
    ? AttrsOf<{ [P in K]: S[K] }>[K]
    : S[K] extends { optional: true }
      ? string | undefined
      : string;
};

/** What a pass may look at besides its graph. */
export interface PassContext<S extends PassOptions = PassOptions> {
  /** Every option, defaults filled in. */
  readonly options: OptionValues<S>;
  /** Ranges of the graph's values, where they were observed. */
  readonly ranges: readonly Range[];
  /** Calibration data: inputs of the graph, one entry per inference; empty where nobody gave any. */
  readonly samples: readonly (readonly Tensor[])[];
  /** An engine that runs graphs of this stage. */
  engine(graph: Graph): Promise<Engine>;
  /** A remark that stops nothing: a warning or a note. */
  report(remark: Diagnostic): void;
}

/** A graph with what else came of it. */
export interface PassOutcome {
  readonly graph: Graph;
  /** Ranges that replace those the graph had. */
  readonly ranges?: readonly Range[];
  /** Graphs that were split off; they join the module behind the others. */
  readonly split?: readonly Graph[];
}

/** A pass over one graph: gets valid IR, leaves valid IR. */
export interface Pass<S extends PassOptions = PassOptions> {
  readonly name: string;
  readonly summary: string;
  /** By name, as in `to-integer{weights=4}`. */
  readonly options?: S;
  /** Of a pass after which the graph computes something else: what is different, for the warning that says so. */
  readonly changesFunction?: string;
  /** The same graph where there is nothing to do. Throws `Refusal` where it cannot do its work. */
  run(graph: Graph, cx: PassContext<S>): Graph | PassOutcome | Promise<Graph | PassOutcome>;
}
/** A pass that needs nothing but its graph, and can be called with nothing else. */
export interface PlainPass extends Pass {
  run(graph: Graph): Graph;
}
/** Gives `run` the types of the options. */
export const definePass = <const S extends PassOptions>(pass: Pass<S>): Pass => pass as unknown as Pass;

/** Moves trainable params of a float, relaxed or quantised graph. */
export interface Trainer {
  readonly name: string;
  train(graph: Graph, job: TrainingJob): Promise<Result<ReadonlyMap<string, Param>>>;
}
/** What a trainer trains on, and how long. */
export interface TrainingJob {
  readonly seed: number;
  readonly batch: number;
  readonly epochs: number;
  /** Batches of one epoch: graph inputs in order, then targets in output order. */
  batches(
    epoch: number,
  ): AsyncIterable<{ readonly inputs: readonly Tensor[]; readonly targets: readonly Tensor[] }>;
  onProgress?(epoch: number, loss: number): void;
}

/** What a graph costs on some hardware. One formula serves numbers and differentiable scalars. */
export interface CostModel {
  readonly name: string;
  readonly unit: "cycles" | "bytes" | "macs" | "joules";
  cost<N>(k: Num<N>, node: Node, dim: (of: string, axis: number) => N): N;
}

/** One memory of a target. */
export interface Memory {
  readonly name: string;
  readonly bytes: number;
  /** Kept back for stacks, code and runtime. */
  readonly reserved: number;
}
/** Hardware as data. */
export interface Target {
  readonly name: string;
  readonly cores: number;
  readonly memories: readonly Memory[];
  readonly kernels: readonly Kernel[];
}
/** C code for one op; attaches from outside, the op never hears of it. The first of a list that does not refuse wins. */
export interface Kernel {
  readonly name: string;
  readonly op: OpDef;
  /** The C header that declares what `emit` calls: one of `files`, or of the runtime of the backend. */
  readonly header: string;
  /** What the kernel brings along: headers, and sources that are compiled with the network. */
  readonly files?: readonly KernelFile[];
  /** On a cluster all cores call it, and share the work among them; otherwise one does. */
  readonly team?: true;
  /** Why this kernel cannot do this node; shown to the user when no other can. Absent: it takes every node of its op. */
  refuses?(node: Node, facts: KernelFacts): string | undefined;
  /** How the param at `operand` lies in memory for this kernel, where that is not its form in the IR. */
  pack?(node: Node, operand: number): Packed | undefined;
  /** The C of one layer with all constants folded in. */
  emit(node: Node, names: KernelNames): string;
}
/** A C header or source, under the name by which others include it. It is given as text, or lies in a file: `new URL("conv.h", import.meta.url)`. */
export interface KernelFile {
  readonly name: string;
  readonly from: string | URL;
}
/** What is proven of the graph that a kernel's node stands in. */
export interface KernelFacts {
  readonly bounds: ReadonlyMap<Value, Bounds>;
}
/** A param in another form; kernels that name the same form of a param share it. */
export interface Packed {
  readonly form: string;
  readonly storage: Storage;
  readonly data: Data;
}
/** What generated C calls the buffers of a node. */
export interface KernelNames {
  /** C expressions for the buffers of operands (in order) and result. */
  readonly operands: readonly string[];
  readonly result: string;
}

/** Reads a model from bytes. */
export interface Frontend {
  readonly name: string;
  read(file: string, bytes: Uint8Array): Promise<Result<Module>>;
}
