/** What everything of a firmware network is called in C. */
import { identifiers } from "../../c/text.js";
import type { Block, Program } from "../../schedule/program.js";

export interface Names {
  /** In front of all that a linker sees: `tcn`. */
  readonly prefix: string;
  /** `TCN`. */
  readonly macro: string;
  /** Identifier of an argument. */
  argument(block: Block): string;
  /** Of the function of layer number `i`, without prefix. */
  layer(i: number): string;
  /** Of the numbers of a channel's transfers. */
  channel(name: string): string;
}

const bare = (name: string): string => name.replace(/^[%@]/, "");

/** Words that the emitted functions use themselves. */
const ours = ["core", "arguments", "pulsec_l1"];

export function namesFor({ inputs, outputs, layers, channels }: Program, prefix: string): Names {
  const blocks = [...inputs, ...outputs];
  const args = identifiers([...ours, ...blocks.map((b) => bare(b.name))]);
  const moving = [...channels, ...layers.flatMap((l) => l.channels)].map((c) => c.name);
  const transfers = identifiers([...new Set(moving)]);
  const functions = identifiers(layers.map((l) => l.name));
  return {
    prefix,
    macro: prefix.toUpperCase(),
    argument: (b) => args.get(bare(b.name))!,
    channel: (name) => `moves_${transfers.get(name)!}`,
    layer: (i) => `layer_${functions.get(layers[i]!.name)!}`,
  };
}
