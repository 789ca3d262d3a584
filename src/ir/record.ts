/** Values as JSON and users' code bring them. */

/** Is it an object with keys, neither a list nor null? */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
