/** Costs of kinds of work from measured tiles: least squares of relative errors. */

/** Solves the normal equations by elimination; a column of zeros gets 0. */
function solve(a: readonly (readonly number[])[], b: readonly number[]): number[] {
  const n = a[0]!.length;
  const product = (i: number, j: number) => a.reduce((s, r) => s + r[i]! * r[j]!, 0);
  const m = Array.from({ length: n }, (_, i) => [
    ...Array.from({ length: n }, (_, j) => product(i, j) * (i === j ? 1 + 1e-9 : 1)),
    a.reduce((s, r, k) => s + r[i]! * b[k]!, 0),
  ]);
  for (let i = 0; i < n; i++) {
    const below = m.slice(i).map((r) => Math.abs(r[i]!));
    const pivot = i + below.indexOf(Math.max(...below));
    [m[i], m[pivot]] = [m[pivot]!, m[i]!];
    for (let j = 0; j < n; j++) {
      if (j === i || m[i]![i] === 0) continue;
      const f = m[j]![i]! / m[i]![i]!;
      for (let k = i; k <= n; k++) m[j]![k]! -= f * m[i]![k]!;
    }
  }
  return m.map((r, i) => (r[i] === 0 ? 0 : r[n]! / r[i]!));
}

/** A cost for each column of `rows`, none below zero, so that their sums are as near to `cycles` as can be, in per cent. */
export function fit(rows: readonly (readonly number[])[], cycles: readonly number[]): readonly number[] {
  let live = rows[0]!.map((_, i) => i).filter((i) => rows.some((r) => r[i] !== 0));
  for (;;) {
    const scaled = rows.map((r, k) => live.map((i) => r[i]! / cycles[k]!));
    const found = solve(
      scaled,
      rows.map(() => 1),
    );
    const least = Math.min(...found);
    if (least >= 0 || live.length === 1)
      return rows[0]!.map((_, i) =>
        live.includes(i) ? Math.round(found[live.indexOf(i)]! * 1000) / 1000 : 0,
      );
    live = live.filter((_, k) => found[k] !== least);
  }
}
