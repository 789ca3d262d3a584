/** Where the cycles of a core went: every one has a cause, and the causes add up to the total. */
import type { Block } from "../core/block.js";
import { Cause, type Core, causeCount, Status } from "../core/contract.js";

/** Cycles by cause (fractions where a clock changed meanwhile), and instructions. */
export interface Account {
  readonly byCause: Float64Array;
  instructions: number;
}

export const emptyAccount = (): Account => ({ byCause: new Float64Array(causeCount), instructions: 0 });

/** Adds what a core spent on block number `id` (number 0: on what no block does, as waking up). */
export function addBlock(account: Account, core: Core, id: number): void {
  const { byCause } = account;
  const block = core.code.blocks[id];
  const runs = core.runs[id]!;
  for (let cause = 0; cause < causeCount; cause++)
    byCause[cause]! += core.stalls[id * causeCount + cause]! + runs * (block?.byCause[cause] ?? 0);
  if (!block) return;
  byCause[Cause.branch]! += core.taken[id]! * block.takenCycles;
  account.instructions += runs * block.code.length;
  if (core.entry > 0 && core.block === block) takeRest(account, core, block);
}

/** A block that a core is still in was counted as a whole: its rest is taken out again, the stalls of its end first. */
function takeRest(account: Account, { entry }: Core, block: Block): void {
  const rest = block.cycles.slice(entry - 1);
  account.byCause[Cause.issue]! -= rest.length;
  account.instructions -= rest.length;
  let stalls = rest.reduce((a, b) => a + b, 0) - rest.length;
  for (let cause = causeCount - 1; cause > Cause.issue; cause--) {
    const part = Math.min(stalls, block.byCause[cause]!);
    account.byCause[cause]! -= part;
    stalls -= part;
  }
}

/** Number of blocks that a core has counts for. */
export const blockCount = (core: Core): number => Math.min(core.code.blocks.length, core.runs.length);

/** All that a core did until `time` (ticks). */
export function accountOf(core: Core, time: number): Account {
  const account = emptyAccount();
  if (core.status === Status.off) return account;
  for (let id = 0; id < blockCount(core); id++) addBlock(account, core, id);
  const asleep = core.status === Status.asleep ? Math.max(0, time - core.sleepSince) : 0;
  account.byCause[Cause.sleep]! += core.slept + asleep / core.period;
  return account;
}

/** What `after` has and `before` had not. */
export const difference = (after: Account, before: Account): Account => ({
  byCause: after.byCause.map((v, cause) => v - before.byCause[cause]!),
  instructions: after.instructions - before.instructions,
});
