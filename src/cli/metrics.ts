/** How good a network's outputs are, added up sample by sample. */

export interface Regression {
  readonly kind: "regression";
  readonly elements: number;
  readonly mse: number;
  readonly mae: number;
  readonly maxError: number;
  /** Pearson's; null where one side is constant. */
  readonly correlation: number | null;
}
export interface Classification {
  readonly kind: "classes";
  readonly samples: number;
  readonly accuracy: number;
  /** `confusion[target][found]`: how many samples. */
  readonly confusion: readonly (readonly number[])[];
}

export interface Meter<M> {
  add(target: ArrayLike<number | bigint>, found: ArrayLike<number>): void;
  result(): M;
}

export function regression(): Meter<Regression> {
  let [n, squares, magnitudes, most] = [0, 0, 0, 0];
  // Means and products around them, updated one by one: sums of squares would cancel.
  let [meanT, meanF, tt, ff, tf] = [0, 0, 0, 0, 0];
  return {
    add(target, found) {
      for (let i = 0; i < found.length; i++) {
        const [t, f] = [Number(target[i]), found[i]!];
        const d = Math.abs(f - t);
        squares += d * d;
        magnitudes += d;
        most = Math.max(most, d);
        n++;
        const [dt, df] = [t - meanT, f - meanF];
        meanT += dt / n;
        meanF += df / n;
        tt += dt * (t - meanT);
        ff += df * (f - meanF);
        tf += dt * (f - meanF);
      }
    },
    result: () => ({
      kind: "regression",
      elements: n,
      mse: squares / n,
      mae: magnitudes / n,
      maxError: most,
      correlation: tt > 0 && ff > 0 ? tf / Math.sqrt(tt * ff) : null,
    }),
  };
}

/** Targets are class indices; the class found is that of the largest output, the first of equal ones. */
export function classification(classes: number): Meter<Classification> {
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  return {
    add(target, found) {
      let best = 0;
      for (let i = 1; i < found.length; i++) if (found[i]! > found[best]!) best = i;
      confusion[Number(target[0])]![best]!++;
    },
    result() {
      const samples = confusion.flat().reduce((a, b) => a + b, 0);
      const right = confusion.reduce((sum, row, i) => sum + row[i]!, 0);
      return { kind: "classes", samples, accuracy: right / samples, confusion };
    },
  };
}

/** A few lines for the terminal. */
export function metricText(m: Regression | Classification): string {
  const short = (x: number) => String(Number(x.toPrecision(4)));
  if (m.kind === "regression") {
    const correlation = m.correlation === null ? "" : `, correlation ${m.correlation.toFixed(4)}`;
    return `mse ${short(m.mse)}, mae ${short(m.mae)}, largest error ${short(m.maxError)}${correlation}`;
  }
  const head = `accuracy ${(100 * m.accuracy).toFixed(2)} % of ${m.samples} samples`;
  return m.confusion.length > mostShown ? head : `${head}\n${confusionText(m.confusion)}`;
}

/** A larger confusion table is left to --json. */
const mostShown = 16;

function confusionText(confusion: Classification["confusion"]): string {
  const width =
    Math.max(...confusion.flat().map((n) => String(n).length), String(confusion.length).length) + 1;
  const line = (head: string, cells: readonly (number | string)[]) =>
    `${head.padStart(8)} ${cells.map((c) => String(c).padStart(width)).join("")}`;
  return [
    line(
      "target",
      confusion.map((_, i) => i),
    ),
    ...confusion.map((row, i) => line(String(i), row)),
  ].join("\n");
}
