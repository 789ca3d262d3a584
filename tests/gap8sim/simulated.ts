/** A program's run for tests: how it ended and what it printed. */
export interface Simulated {
  readonly console: string;
  readonly code: number | undefined;
  readonly end: "exit" | "trap" | "deadlock" | "budget";
}
