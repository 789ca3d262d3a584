/** Element by element, eight at a time: rows of a fixed width, whose last eight may overlap those before. */
import type { Storage } from "../../ir/storage.js";
import { slotBytes, storages } from "../../ir/storage.js";
import type { Code } from "./code.js";
import { add, constant, type Expr, type Place } from "./expr.js";
import { type Finish, plain, saturated } from "./finish.js";
import type { Emission } from "./kernel.js";
import { steps } from "./turns.js";
import { byteAt, further, lanes, loadLanes, storeLanes } from "./vector.js";

export const eight = 8;

/** Eight elements as i32: the first and the last four. */
export type Eight = readonly [low: Expr, high: Expr];

/** Eight elements of an activation's storage as i16. */
export const loadEight = (place: Place, storage: Storage): Expr =>
  loadLanes(place, slotBytes(storage) === 2 ? "load" : storages[storage].min < 0 ? "load8x8_s" : "load8x8_u");

/** Eight elements of any storage as i32. */
export function loadWide(code: Code, place: Place, storage: Storage): Eight {
  if (slotBytes(storage) === 4) return [loadLanes(place), loadLanes(further(place, 16))];
  const both = code.let(loadEight(place, storage));
  return [lanes("i32x4.extend_low_i16x8_s", both), lanes("i32x4.extend_high_i16x8_s", both)];
}

export const both = ([low, high]: Eight, of: (half: Expr, which: 0 | 1) => Expr): Eight => [
  of(low, 0),
  of(high, 1),
];

/** Stores eight i32 that the storage holds. */
export function storeWide(code: Code, to: Place, storage: Storage, [low, high]: Eight): void {
  const slot = slotBytes(storage);
  const { min, max } = storages[storage];
  if (slot === 4) plain.storePair(code, to, low, high);
  else {
    const narrowed = saturated(low, high, slot, { signed: min < 0, lo: min, hi: max });
    storeLanes(code, to, narrowed, slot === 2 ? 16 : 8);
  }
}

/** Bytes of one operand of a row-wise kernel: rows follow each other, or all are the same one. */
export interface RowStream {
  readonly slot: number;
  readonly repeats?: boolean;
}

/** The least multiple of `period` that holds eight elements and of which `total` has one; 0 if there is none. */
export function rowWidth(total: number, period: number): number {
  const width = period === 1 ? total : period * Math.ceil(eight / period);
  return width >= eight && width <= total ? width : 0;
}

/**
 * Runs `body` on every eight of `total` elements: with a pointer per stream, and one that has moved by `tableBytes` per
 * eight since the row began. Rows and eights may overlap: they are computed twice.
 */
export function overEights(
  code: Code,
  total: number,
  width: number,
  streams: readonly RowStream[],
  tableBytes: number,
  body: (pointers: readonly Expr[], table: Expr) => void,
): void {
  const zero = constant(0);
  steps(
    code,
    total,
    width,
    streams.map((s) => [zero, s.repeats ? 0 : s.slot] as const),
    (rows) => {
      const table = code.variable(0);
      steps(
        code,
        width,
        eight,
        streams.map((s, i) => [rows[i]!, s.slot] as const),
        (pointers) => {
          body(pointers, table.value);
          table.set(add(table.value, tableBytes));
        },
      );
    },
  );
}

/** Finishes eights: the factors of a row's channels, in the order in which `overEights` meets them. */
export function finisher(e: Emission, finish: Finish, width: number, channels: number) {
  const eights = channels === 1 ? 1 : Math.ceil(width / eight);
  const words = new Int32Array(Math.max(1, eights * 2 * finish.words));
  for (let i = 0; i < eights; i++)
    for (const half of [0, 1]) {
      const first = Math.min(i * eight, width - eight) + 4 * half;
      const four = Array.from({ length: 4 }, (_, k) => (first + k) % channels);
      finish.fill(words, (2 * i + half) * finish.words, four);
    }
  const buffer = e.constant("i32", words);
  return {
    tableBytes: channels === 1 ? 0 : 8 * finish.words,
    apply: (value: Eight, table: Expr): Eight =>
      both(value, (half, which) => finish.apply(half, byteAt(buffer, table, which * finish.words * 4))),
  };
}
