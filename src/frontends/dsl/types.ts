/** What a `.pulse` file says, as plain data: float graphs, and what is declared beside them. */
import type { Span } from "../../ir/diagnostic.js";
import type { Module } from "../../ir/graph.js";

export interface ModelFacts {
  /** Also the name of its graph. */
  readonly name: string;
  /** The file that the model names its weights in; without one they are seeded random numbers. */
  readonly weights?: string;
  readonly place: Span;
}

/** `search NAME = choice(...)`: the float graph takes the largest choice, the widest network. */
export interface SearchSpace {
  readonly model: string;
  readonly name: string;
  readonly choices: readonly number[];
  readonly chosen: number;
  readonly place: Span;
}

export interface Setting {
  /** Bytes, hertz and plain numbers; words and file names; several numbers. */
  readonly value: number | string | readonly number[];
  /** What the value is chosen by, such as `layer`. */
  readonly by?: string;
  readonly place: Span;
}
export type Settings = ReadonlyMap<string, Setting>;

export interface TrainSection {
  readonly model: string;
  /** The data set's file, as written. */
  readonly data: string;
  readonly settings: Settings;
  /** In the order in which they run. */
  readonly phases: readonly { readonly name: string; readonly settings: Settings; readonly place: Span }[];
  readonly place: Span;
}

export interface DeploySection {
  readonly model: string;
  readonly target: string;
  readonly settings: Settings;
  readonly place: Span;
}

/** A `.pulse` text, read: graphs, and its other sections as data. */
export interface PulseFile {
  /** One graph per model: stage float, leading dimension N. */
  readonly module: Module;
  readonly models: readonly ModelFacts[];
  readonly searches: readonly SearchSpace[];
  readonly trains: readonly TrainSection[];
  readonly deploys: readonly DeploySection[];
}
