/** What memory a program takes while each of its layers runs, and which layer asks for most. */
import { alignUp } from "../../memory.js";
import type { Block, Program } from "../../schedule/program.js";

export interface MemoryUse {
  /** Bytes of tile buffers, and of constants for this layer and the next. */
  readonly l1: number;
  /** Bytes of L2 that hold something while the layer runs: all constants that stay there, values and windows. */
  readonly l2: number;
  readonly l3: number;
}

const isAlive = (b: Block, layer: number): boolean => b.from <= layer && layer <= b.to;
const total = (blocks: readonly Block[]): number => blocks.reduce((n, b) => n + alignUp(b.bytes, 16), 0);

export function memoryUse({ blocks, layers }: Program): readonly MemoryUse[] {
  const constants = total(blocks.filter((b) => b.level === "l2" && b.data));
  const far = total(blocks.filter((b) => b.level === "l3" && b.data));
  return layers.map((layer, i) => {
    const alive = (level: Block["level"]) =>
      total(blocks.filter((b) => b.level === level && !b.data && isAlive(b, i)));
    return {
      l1: total(layer.blocks) + alive("l1"),
      l2: constants + alive("l2"),
      l3: far + alive("l3"),
    };
  });
}

/**
 * The layer whose values take most: it sets the lower bound of L2, which all constants and these values would need were
 * nothing in L3. Nothing where no value lies in a memory of ours.
 */
export function tightestLayer({ blocks, layers }: Program): number | undefined {
  const values = blocks.filter((b) => b.value && b.level !== "caller");
  const bytes = layers.map((_, i) => total(values.filter((b) => isAlive(b, i))));
  const most = Math.max(0, ...bytes);
  return most === 0 ? undefined : bytes.indexOf(most);
}
