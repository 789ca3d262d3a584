/** What moving data and going from tile to tile costs, beside the kernels. */

/** Bytes of L1 that tiles may take; stacks and what the runtime keeps there take the rest (`PULSEC_L1_BYTES`). */
export const bytesOfL1 = 52 * 1024;

/** Cycles of the cluster. */
export interface MachineModel {
  /** Of starting a transfer between L2 and L1 and seeing its end. */
  readonly transfer: number;
  /** Bytes per cycle that a transfer moves. */
  readonly bytesPerCycle: number;
  /** Bytes per cycle by which code that is not in the instruction cache is held up behind a transfer. */
  readonly coldBytesPerCycle: number;
  /** Of a layer: its own code comes, addresses are made, the last barrier. */
  readonly layer: number;
  /** Of a tile: barriers, addresses, its share of waiting for the slowest core. */
  readonly tile: number;
  /** Of making the border of a box: two barriers and the call, and then each row of it on the core that has most. */
  readonly border: number;
  readonly borderRow: number;
}

/**
 * GAP8 as gap8sim has it in profile gvsoc. MCHAN: 64 bits per cycle and direction [MCHAN manual 1.1.0]; cores that miss the
 * instruction cache wait for a quarter of the bytes of all transfers before them [measured on GVSOC; on silicon, transfers and
 * refills interleave]. A layer, a tile, borders: layers of the networks of `npm run bench -- firmware`, by phase; twice or half
 * as much for a tile changes their cycles by 1 %.
 */
export const gap8: MachineModel = {
  transfer: 30,
  bytesPerCycle: 8,
  coldBytesPerCycle: 4,
  layer: 2000,
  tile: 250,
  border: 150,
  borderRow: 36,
};

/** Cycles until bytes have moved between L2 and L1. */
export const transferCycles = (bytes: number, machine = gap8): number =>
  bytes === 0 ? 0 : machine.transfer + bytes / machine.bytesPerCycle;
