/** The formats of files that are read from strangers. */
export const formats = ["onnx", "onnxtxt", "pmod", "pulse", "pir", "npy", "npz", "elf"] as const;
export type Format = (typeof formats)[number];

/** A case of a run without end is told by its seed; a file is given as it is. */
export type Case =
  | { readonly format: Format; readonly seed: number }
  | { readonly format: Format; readonly name: string; readonly bytes: Uint8Array };

export const caseName = (c: Case): string => ("seed" in c ? `seed ${c.seed}` : c.name);

export const limits = { milliseconds: 5_000, bytes: 2 ** 30 } as const;

export type Verdict = "result" | "diagnostic";

/** What a worker says of a case when it has ended. Its start is its index alone. */
export interface Answer {
  readonly index: number;
  readonly outcome: Verdict | "fault";
  /** Of processor time: other work of the machine does not count. */
  readonly milliseconds: number;
  /** The largest resident memory of the process so far, in bytes. */
  readonly peak: number;
  /** What was thrown. */
  readonly stack?: string;
}
/** Sent when the worker has its seeds and waits for cases. */
export const ready = "ready";
