/** The schedule of a program, without what is attached to it. */
import { printType } from "../../ir/type.js";
import type { Block, Program, ProgramLayer, Step as ProgramStep } from "./program.js";
import type { Schedule, ScheduleBlock, ScheduleLayer, Step } from "./schedule.js";

function bareBlock({ name, level, offset, bytes, from, to, data, value }: Block): ScheduleBlock {
  const block = { name, level, offset, bytes, from, to, constant: data !== undefined };
  return value ? { ...block, holds: printType(value.type) } : block;
}

function bareStep(step: ProgramStep): Step {
  if (step.kind === "loop" || step.kind === "when") return { ...step, body: step.body.map(bareStep) };
  if (step.kind !== "whole") return step;
  return { kind: "whole", kernel: step.kernel.name, operands: step.operands, result: step.result };
}

const bareLayer = ({
  name,
  kernel,
  channels,
  blocks,
  steps,
  tiles,
  estimate,
}: ProgramLayer): ScheduleLayer => ({
  name,
  kernel,
  channels,
  blocks: blocks.map(bareBlock),
  steps: steps.map(bareStep),
  tiles,
  estimate,
});

/** What the text of a program says. */
export const scheduleOf = ({ name, target, cores, levels, channels, blocks, layers }: Program): Schedule => ({
  name,
  target,
  cores,
  levels,
  channels,
  blocks: blocks.map(bareBlock),
  layers: layers.map(bareLayer),
});
