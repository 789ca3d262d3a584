/** Packed weights and constants of convolutions: what `pulsec_conv` and the assembler blocks read. */
import type { Layer, LayerLayouts, PackedConstants } from "../contract.js";
import type { ConvFinish } from "./conv-finish.js";
import {
  type ConvShape,
  convShape,
  firstOwnGroup,
  missing,
  perWord,
  type Stretches,
  stretches,
  type Taps,
  weightAt,
  xPitch,
} from "./conv-shape.js";

/** Channels of a block. */
export const blockChannels = 4;
export const blocksOf = (layer: Layer): number => Math.ceil(layer.out.c / blockChannels);

/** A phase's packed weights and constants of one block, in bytes. */
export function recordBytes(shape: ConvShape, s: Stretches, finish: ConvFinish): number {
  const words = (s.rows * s.pieces * s.bytes) / shape.xBytes / perWord(shape.bits);
  return 4 * blockChannels * (words + finish.words(0).length);
}

/** A phase with its stretches of x and where its record begins in that of a block. */
export interface PackedPhase {
  readonly taps: readonly [Taps, Taps];
  readonly stretches: Stretches;
  readonly at: number;
  readonly bytes: number;
}
export function packedPhases(
  layer: Layer,
  layouts: LayerLayouts,
  finish: ConvFinish,
): readonly PackedPhase[] {
  const shape = convShape(layer);
  let at = 0;
  return shape.phases.map((taps) => {
    const s = stretches(shape, taps, xPitch(layer, layouts.inputs[0]!));
    const bytes = recordBytes(shape, s, finish);
    at += bytes;
    return { taps, stretches: s, at: at - bytes, bytes };
  });
}

/** Puts a weight into its bits: byte j of a word of four-bit weights holds weights j and j + 4, and so on. */
function putWeight(to: Uint8Array, at: number, bits: number, index: number, value: number): void {
  if (bits === 16) {
    to[at + 2 * index] = value & 255;
    to[at + 2 * index + 1] = (value >> 8) & 255;
    return;
  }
  const place = at + (index % 4);
  to[place] = to[place]! | ((value & ((1 << bits) - 1)) << (bits * Math.floor(index / 4)));
}

function packPhase(
  to: Uint8Array,
  layer: Layer,
  shape: ConvShape,
  phase: PackedPhase,
  pitch: number,
  finish: ConvFinish,
) {
  const { rows, pieces } = phase.stretches;
  const whole = convShape(layer.addend?.of ?? layer);
  const count = phase.stretches.bytes / shape.xBytes;
  const unit = perWord(shape.bits);
  const each = to.length / blocksOf(layer);
  for (let o = 0; o < layer.out.c; o++) {
    const begin = Math.floor(o / blockChannels) * each + phase.at;
    const lane = 4 * (o % blockChannels);
    for (let row = 0; row < rows; row++)
      for (let piece = 0; piece < pieces; piece++)
        for (let k = 0; k < count; k++) {
          const word = ((row * pieces + piece) * count + k - (k % unit)) / unit;
          const value = weightAt(shape, phase.taps, pitch, o, row, piece, k);
          putWeight(to, begin + 16 * word + lane, shape.bits, k % unit, value);
        }
    const constants = new DataView(to.buffer, begin + (rows * pieces * count * 16) / unit);
    const words = finish.words(o, missing(whole, phase.taps, o));
    for (const [i, word] of words.entries()) constants.setInt32(16 * i + lane, word, true);
  }
}

/** Where in x the input channels of each block begin: only convolutions with groups ask. */
function groupOffsets(layer: Layer, shape: ConvShape): Uint8Array {
  if (shape.groups === 1) return new Uint8Array(0);
  const offsets = Int32Array.from(
    { length: blocksOf(layer) },
    (_, block) => firstOwnGroup(shape, block * blockChannels) * shape.own.ci * shape.xBytes,
  );
  return new Uint8Array(offsets.buffer);
}

export function packConv(layer: Layer, layouts: LayerLayouts, finish: ConvFinish): PackedConstants {
  const shape = convShape(layer);
  const phases = packedPhases(layer, layouts, finish);
  const record = phases.reduce((n, p) => n + p.bytes, 0);
  const weights = new Uint8Array(record * blocksOf(layer));
  const pitch = xPitch(layer, layouts.inputs[0]!);
  for (const phase of phases) packPhase(weights, layer, shape, phase, pitch, finish);
  return { weights, channels: groupOffsets(layer, shape), block: blockChannels, shared: new Uint8Array(0) };
}
