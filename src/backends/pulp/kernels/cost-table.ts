/** Costs in cycles, by variant and kind of work: made by tests/backends/pulp/kernels/calibrate.ts. */
export const costTable: Readonly<Record<string, readonly number[]>> = {};
