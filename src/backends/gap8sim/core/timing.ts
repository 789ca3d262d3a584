/** What a profile says about a core: extra cycles beyond the one that every instruction takes. */
export interface CoreTiming {
  /** Stall of the instruction after a load that needs its result. */
  readonly loadUse: number;
  /** Stall of the instruction after `mul` that needs its result. */
  readonly mulUse: number;
  /** mulh, mulhu, mulhsu. */
  readonly mulh: number;
  /** Taken branch, jump, and jump through a register that the instruction before wrote. */
  readonly branchTaken: number;
  readonly jump: number;
  readonly jumpRegisterUse: number;
  /** A taken branch or jump to a 32-bit instruction that crosses a word. */
  readonly unalignedTarget: number;
  /** A load or store that crosses a word: accesses beyond the first. */
  readonly misaligned: number;
  /** Accesses that the cycle counter of the core counts for it although they take no time (gvsoc). */
  readonly misalignedCounted: number;
  /** A signed halfword that crosses a word: sign-extended, or merged into the upper half of rd before it (gvsoc). */
  readonly crossingHalf: "extended" | "merged";
  /** div and rem by zero. */
  readonly divideByZero: number;
  /** p.elw whose answer is ready, besides what the event unit adds. */
  readonly eventLoad: number;
  /** An instruction that is not in the cache acts when it is asked for, before the wait (gvsoc), or once it has come (rtl). */
  readonly executesAhead: boolean;
  /**
   * Where the load-use stall applies: `static` looks at the next instruction in memory, unless the load is a loop's last
   * (gvsoc); `dynamic` at the one that runs next, and also when that one only overwrites the register (rtl).
   */
  readonly hazards: "static" | "dynamic";
}

/** Geometry and replacement of an instruction cache with 16-byte lines. */
export interface CacheShape {
  readonly sets: number;
  readonly ways: number;
  /** Whether a core that finds a line on its way waits for it (rtl), or runs on as if it were there (gvsoc). */
  readonly waitsForLine: boolean;
}
