/** One DMA command as the sequence of words says it, and the hazards between commands. */
import type { Core } from "../core/contract.js";
import type { Barriers } from "./barriers.js";
import type { System } from "./system.js";

export interface Command {
  readonly id: number;
  readonly channel: number;
  readonly size: number;
  readonly toL1: boolean;
  readonly isTwoDimensional: boolean;
  readonly raisesEvent: boolean;
  readonly raisesInterrupt: boolean;
  readonly broadcasts: boolean;
  readonly l1: number;
  readonly external: number;
  /** 2-D: bytes from line to line outside, bytes per line. */
  readonly stride: number;
  readonly line: number;
  /** Tick of the last word of the command. */
  readonly begun: number;
  /** Bytes not yet sent as bursts; bytes not yet finished. */
  unsent: number;
  left: number;
}

const bit = (word: number, at: number): boolean => ((word >>> at) & 1) === 1;

/** The command that the words make, nothing while it is incomplete. */
export function parseCommand(
  words: readonly number[],
  id: number,
  channel: number,
  begun: number,
): Command | undefined {
  const [head, l1, external, shape] = words;
  if (head === undefined || external === undefined) return undefined;
  const isTwoDimensional = bit(head, 18);
  if (isTwoDimensional && shape === undefined) return undefined;
  const size = head & 0xffff;
  return {
    id,
    channel,
    size,
    toL1: bit(head, 16),
    isTwoDimensional,
    raisesEvent: bit(head, 19),
    raisesInterrupt: bit(head, 20),
    broadcasts: bit(head, 21),
    l1: l1! >>> 0,
    external: external >>> 0,
    stride: isTwoDimensional ? shape! >>> 16 : 0,
    line: isTwoDimensional ? shape! & 0xffff : size,
    begun,
    unsent: size,
    left: size,
  };
}

export interface Hazards {
  pushed(command: Command, core: Core): void;
  ended(command: Command): void;
}

/**
 * Finds 2-D transfers of two cores in flight at once with no barrier between the pushes: that froze GAP8 boards
 * (pulp-platform/dory pull request 42), and no model shows it.
 */
export function createHazards(system: System, barriers: () => Barriers): Hazards {
  const inFlight: { readonly command: Command; readonly passed: number }[] = [];
  return {
    pushed: (command, core) => {
      if (!command.isTwoDimensional || core.id > 7) return;
      for (const other of inFlight) {
        const by = other.command.channel;
        if (by === core.id || barriers().passes(core.id) > other.passed) continue;
        system.trap(
          "dma-hazard",
          core.id,
          `2-D DMA transfer while one that core ${by} pushed is in flight, without a barrier between them: ` +
            "GAP8 can freeze here; push all 2-D transfers from one core, or put a barrier after each wait",
        );
      }
      inFlight.push({ command, passed: barriers().passes(core.id) });
    },
    ended: (command) => {
      const at = inFlight.findIndex((f) => f.command === command);
      if (at >= 0) inFlight.splice(at, 1);
    },
  };
}
