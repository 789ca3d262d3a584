/** Singular values by one-sided Jacobi rotations (Hestenes 1958): slow, short, accurate. */

export interface Svd {
  /** In falling order. */
  readonly sigma: readonly number[];
  /** Of each singular value: a column of U, and one of V. */
  readonly u: readonly Float64Array[];
  readonly v: readonly Float64Array[];
}

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};

function rotate(a: Float64Array, b: Float64Array, c: number, s: number): void {
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i]!, b[i]!];
    a[i] = c * x - s * y;
    b[i] = s * x + c * y;
  }
}

/** Of a row-major matrix, `rows` x `columns`: as many as it has columns. */
export function singularValues(matrix: ArrayLike<number>, rows: number, columns: number): Svd {
  const a = Array.from({ length: columns }, (_, c) =>
    Float64Array.from({ length: rows }, (_, r) => matrix[r * columns + c]!),
  );
  const v = a.map((_, c) => Float64Array.from({ length: columns }, (_, r) => (r === c ? 1 : 0)));
  // Rotates pairs of columns until all are orthogonal; what remains of each is its singular value long.
  for (let moved = true, sweep = 0; moved && sweep < 60; sweep++) {
    moved = false;
    for (let p = 0; p < columns; p++)
      for (let q = p + 1; q < columns; q++) {
        const [pp, qq, pq] = [dot(a[p]!, a[p]!), dot(a[q]!, a[q]!), dot(a[p]!, a[q]!)];
        if (Math.abs(pq) <= 1e-12 * Math.sqrt(pp * qq)) continue;
        const tau = (qq - pp) / (2 * pq);
        const t = (tau >= 0 ? 1 : -1) / (Math.abs(tau) + Math.hypot(1, tau));
        const c = 1 / Math.hypot(1, t);
        rotate(a[p]!, a[q]!, c, c * t);
        rotate(v[p]!, v[q]!, c, c * t);
        moved = true;
      }
  }
  const length = a.map((column) => Math.sqrt(dot(column, column)));
  const order = length.map((_, i) => i).sort((i, j) => length[j]! - length[i]!);
  return {
    sigma: order.map((i) => length[i]!),
    u: order.map((i) => a[i]!.map((x) => (length[i]! > 0 ? x / length[i]! : 0))),
    v: order.map((i) => v[i]!),
  };
}
