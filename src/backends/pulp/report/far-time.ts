/** Cycles that core 0 waits for the HyperRAM, as the schedule and the cost model of the layers foretell them. */

import { execute } from "../../schedule/executed.js";
import type { Expr } from "../../schedule/expr.js";
import type { Program, Start } from "../../schedule/program.js";

/** Of one transfer, in cycles of the cluster. */
export interface FarTiming {
  readonly start: number;
  readonly perByte: number;
}
/** HyperRAM and uDMA work at the clock of the fabric controller: 81 to 91 cycles, then one per byte. */
const timingAt = (clusterPerFabric: number): FarTiming => ({
  start: 86 * clusterPerFabric,
  perByte: clusterPerFabric,
});
export const farTimings: Readonly<Record<"gvsoc" | "rtl", FarTiming>> = {
  gvsoc: timingAt(72 / 50),
  rtl: timingAt(1),
};

/** Cycles that core 0 takes to queue a transfer, and transfers that may wait: pulsec_cluster_gap8.h. */
const queueing = 40;
const places = 8;

/** The HyperRAM moves one transfer at a time; core 0 starts the next when it queues or awaits one. */
interface Line {
  readonly timing: FarTiming;
  now: number;
  /** When the transfer under way ends; 0 where none is. */
  busyUntil: number;
  /** Bytes of those that wait. */
  readonly queue: number[];
  issued: number;
  ended: number;
}

function look(line: Line): void {
  if (line.busyUntil > line.now) return;
  if (line.busyUntil > 0) line.ended++;
  const { start, perByte } = line.timing;
  const bytes = line.queue.shift();
  line.busyUntil = bytes === undefined ? 0 : line.now + start + bytes * perByte;
}

/** Core 0 does nothing until `ended` transfers are over. Gives the cycles that it takes. */
function wait(line: Line, ended: number): number {
  const from = line.now;
  while (line.ended < ended) {
    line.now = Math.max(line.now, line.busyUntil);
    look(line);
  }
  return line.now - from;
}

/** Queues the transfers of a box, waiting for places where there are too few. */
function queue(line: Line, { shape }: Start, at: (e: Expr) => number): number {
  const [planes, lines, bytes] = [at(shape.planes), at(shape.lines), at(shape.line)];
  const isDense = lines === 1 || bytes === at(shape.lineStride);
  const [count, each] = isDense ? [planes, lines * bytes] : [planes * lines, bytes];
  let waited = 0;
  for (let i = 0; i < count && each > 0; i++) {
    waited += wait(line, line.issued - places + 1);
    line.now += queueing;
    line.queue.push(each);
    line.issued++;
    look(line);
  }
  return waited;
}

/** Of each layer. What the cost model foretells of a layer passes evenly over the runs of its kernel. */
export function farWaits({ blocks, layers }: Program, timing: FarTiming): readonly number[] {
  const line: Line = { timing, now: 0, busyUntil: 0, queue: [], issued: 0, ended: 0 };
  const far = new Set(blocks.filter((b) => b.level === "l3").map((b) => b.name));
  const tickets = new Map<string, number>();
  return layers.map(({ steps, estimate }) => {
    let [runs, waited] = [0, 0];
    execute(steps, (s) => void (runs += Number(s.kind === "tile")));
    execute(steps, (s, at) => {
      if (s.kind === "tile") line.now += estimate / runs;
      else if (s.kind === "wait") waited += wait(line, tickets.get(`${s.channel}[${at(s.slot)}]`) ?? 0);
      else if (s.kind === "start" && far.has(s.far.block)) {
        waited += queue(line, s, at);
        tickets.set(`${s.channel}[${at(s.slot)}]`, line.issued);
      }
    });
    return Math.round(waited);
  });
}
