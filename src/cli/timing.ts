/** Where the time of a command goes, from process start. */

export interface Stopwatch {
  phase<T>(name: string, body: () => Promise<T>): Promise<T>;
  /** Milliseconds by phase, in order; `start` is Node itself and loading our modules. */
  milliseconds(): Readonly<Record<string, number>>;
}

const round = (ms: number): number => Math.round(ms * 10) / 10;

export function stopwatch(): Stopwatch {
  const phases: Record<string, number> = { start: round(performance.now()) };
  return {
    async phase(name, body) {
      const began = performance.now();
      try {
        return await body();
      } finally {
        phases[name] = round((phases[name] ?? 0) + performance.now() - began);
      }
    },
    milliseconds: () => ({ ...phases, total: round(performance.now()) }),
  };
}
