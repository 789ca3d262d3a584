/**
 * Timing profiles as data. `gvsoc` follows the GAP8 target of GVSOC (gap_sdk @a2302650), against which it is checked
 * cycle by cycle; `rtl` follows what RI5CY's manual and RTL, the MCHAN manual and papers document. Each value says where it
 * is from: [RI5CY] RI5CY user manual 2.0; [RTL] pulp-platform/riscv as of 2018-06; [CV] CV32E40P pipeline docs; [GV] sources of
 * the GVSOC models; [MEAS] measured on GVSOC; [MCHAN] MCHAN manual 1.1.0; [EU] Glaser et al., arXiv 2004.06662.
 */
import type { CacheShape, CoreTiming } from "./core/timing.js";

export interface Profile {
  readonly name: "gvsoc" | "rtl";
  readonly core: CoreTiming;
  readonly caches: { readonly cluster: CacheShape; readonly fabric: CacheShape };
  readonly l2: {
    /** Cycles of a load, store or refill beyond the first. */
    readonly latency: number;
    /** Bandwidth of each step on the way; 0: accesses never wait for each other. */
    readonly bytesPerCycle: number;
    /** Cycles that the 16 bytes of a cache line take once they come. */
    readonly lineCycles: number;
  };
  /** Cycles of an access to a peripheral beyond the first. */
  readonly peripheralLatency: number;
  readonly events: {
    /** Cycles from an event to the next instruction of the core that slept for it. */
    readonly wakeUp: number;
    /** Cycles of a p.elw whose event is there already. */
    readonly ready: number;
  };
  readonly dma: {
    readonly coreQueue: number;
    readonly globalQueue: number;
    readonly burstBytes: number;
    readonly outstanding: number;
    /** The DMA looks at these bits of an L1 address. */
    readonly l1Mask: number;
    /** Bursts take the bandwidth of the cores' way to L2. */
    readonly blocksCores: boolean;
    /** Additional cycles per burst or line. */
    readonly burstCycles: number;
    /** In a cycle in which a transfer ends, cores that ask for it and the DMA take turns in going first. */
    readonly coresAlternate: boolean;
  };
  readonly hyper: {
    /** Cycles of the fabric from the start of a transfer to its first byte. */
    readonly transmitStart: number;
    readonly receiveStart: number;
    /** Bytes that a transmission may still have to send when it counts as ended. */
    readonly readAhead: number;
    readonly cyclesPerByte: number;
  };
  readonly clocks: {
    /** Ticks (picoseconds) per cycle. */
    readonly cluster: number;
    readonly fabric: number;
    /** Oscillator code of the fabric's loop when the program starts, if it is still settling. */
    readonly settlesFrom: number | undefined;
  };
}

const gvsoc: Profile = {
  name: "gvsoc",
  core: {
    loadUse: 1, // [RI5CY] 4, [GV]
    mulUse: 1, // [MEAS] mul then use: one stall; not in the RTL
    mulh: 4, // [MEAS] mulh takes 5
    branchTaken: 2, // [MEAS] a taken branch takes 3
    jump: 1, // [MEAS] a jump takes 2
    jumpRegisterUse: 0, // [MEAS] jmp.jalr.fresh: none
    unalignedTarget: 0, // [MEAS] none
    misaligned: 1, // [GV] two accesses, one after the other; [MEAS] c.dwconv1d
    misalignedCounted: 1, // [MEAS] mis.lw.1: the cycle counter shows 3 cycles
    crossingHalf: "merged", // [MEAS] mis.loads: the second access of the model skips the sign extension
    divideByZero: 33, // [MEAS] 34 cycles
    eventLoad: 2, // [GV] p.elw always costs two cycles more
    executesAhead: true, // [GV] an instruction is executed, then the wait for its line is added
    hazards: "static", // [MEAS] tied to the instruction that follows in memory
  },
  caches: {
    cluster: { sets: 64, ways: 4, waitsForLine: false }, // [GV] 4 KiB (documented: 16 KiB)
    fabric: { sets: 16, ways: 4, waitsForLine: false }, // [GV] 1 KiB (documented: 4 KiB)
  },
  l2: {
    latency: 8, // [GV] mapping of L2 in soc_gen; [MEAS] 9 cycles per access
    bytesPerCycle: 4, // [GV] default bandwidth of a router
    lineCycles: 4, // [GV] 16 bytes at 4 bytes per cycle: 12 per line
  },
  peripheralLatency: 0, // [MEAS] timer reads take one cycle
  events: {
    wakeUp: 7, // [MEAS] m_fork: two wake-ups in the way of every fork; [GV] one cycle and a latency of 6
    ready: 11, // [MEAS] m_barrier: equal arrival; [GV] 2 to give the clock back, 1 + 6, and 2 of p.elw itself
  },
  dma: {
    coreQueue: 2, // [GV]
    globalQueue: 8, // [GV]
    burstBytes: 256, // [GV] max_burst_length
    outstanding: 8, // [GV] max_nb_ext_read_req
    l1Mask: 0xfffff, // [GV] tcdm_addr_width 20
    blocksCores: true, // [MEAS] a load behind a transfer waits bytes/4 cycles from the push
    burstCycles: 0,
    coresAlternate: true, // [GV] clock_engine: events of a cycle in the reverse order of their scheduling
  },
  hyper: {
    transmitStart: 91, // [GV] 72 delay, select, 6 command bytes, idle; 2 events and 9 cycles to the first word of L2
    receiveStart: 81, // [GV] the same without the read of L2
    readAhead: 20, // [GV] ends when the last word has been read: a FIFO of eight words, three of them still on their way
    cyclesPerByte: 1, // [GV]
  },
  clocks: {
    cluster: 13882, // [GV] reset value of the FLL: 72.03 MHz
    fabric: 20011, // [GV] 1525 x 32768 Hz, set by the boot ROM
    settlesFrom: 321.6, // [MEAS] m_clocks: the loop is still on its way from the reset code 332
  },
};

const rtl: Profile = {
  name: "rtl",
  core: {
    loadUse: 1, // [RI5CY] 4
    mulUse: 0, // [RI5CY] single-cycle multiplier, result forwarded
    mulh: 4, // [RTL] riscv_mult: five states
    branchTaken: 2, // [CV] 3 cycles
    jump: 1, // [CV] 2 cycles
    jumpRegisterUse: 1, // [RTL] jr_stall
    unalignedTarget: 1, // [CV] one more for a 32-bit instruction across words
    misaligned: 1, // [RI5CY] 3.1: two accesses
    misalignedCounted: 0,
    crossingHalf: "extended", // [RI5CY] 3.1
    divideByZero: 34, // [CV] clz(0) + 3 = 35
    eventLoad: 3, // [CV] 4 cycles when the answer is there
    executesAhead: false, // an instruction executes once it is there
    hazards: "dynamic", // [RTL] load_stall of the controller
  },
  caches: {
    cluster: { sets: 256, ways: 4, waitsForLine: true }, // gap_sdk doc/source/gap8.rst: 16 KiB shared
    fabric: { sets: 64, ways: 4, waitsForLine: true }, // the same: 4 KiB
  },
  l2: {
    latency: 8, // vendor: about 6 from the FC; across the clock border a parameter, 8 as GVSOC has it
    bytesPerCycle: 0, // AXI interleaves: single accesses do not queue behind bursts
    lineCycles: 2, // 64-bit AXI: 16 bytes in two beats
  },
  peripheralLatency: 4, // a guess between demux (0) and L2 (8); nobody documents it
  events: { wakeUp: 4, ready: 4 }, // [EU] single-cycle trigger, 4 to 6 cycles per barrier; [CV] p.elw 4
  dma: {
    coreQueue: 2, // [MCHAN]
    globalQueue: 8, // [MCHAN]
    burstBytes: 256, // [MCHAN]
    outstanding: 16, // [MCHAN]
    l1Mask: 0xfffff,
    blocksCores: false, // AXI interleaves
    coresAlternate: false,
    burstCycles: 1, // between 0 (GVSOC) and 12 (MATCH's GAP9 model) per line
  },
  hyper: { transmitStart: 91, receiveStart: 81, readAhead: 0, cyclesPerByte: 1 }, // as gvsoc: nothing else is public
  clocks: { cluster: 10000, fabric: 10000, settlesFrom: undefined }, // 100 MHz each, as the power figure is stated
};

export const profiles: Readonly<Record<Profile["name"], Profile>> = { gvsoc, rtl };
