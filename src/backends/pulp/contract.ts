/** What the PULP backend's parts agree on: fused layers, physical layouts, tiles and the kernels that compute them. */
import type { Bounds } from "../../ir/bounds.js";
import type { Node, Value } from "../../ir/graph.js";

/**
 * How an activation lies in memory, one element per slot of its storage. 1-D data has height 1.
 * `hwc`: element (h, w, c) at (h * W + w) * pitch + c, where pitch is C padded to `align` elements.
 * `chw`: element (h, w, c) at (c * H + h) * pitch + w, where pitch is W padded to `align` elements.
 * Elements between the end of a row and its pitch hold anything.
 */
export interface Layout {
  readonly order: "hwc" | "chw";
  readonly align: 1 | 4;
}
/** As callers see it. */
export const canonical: Layout = { order: "hwc", align: 1 };

export interface Extent {
  readonly h: number;
  readonly w: number;
  readonly c: number;
}

/** Which input positions an output position needs, along one spatial axis of the input. */
export type Access =
  /** From o * stride - before, `kernel` taps `dilation` apart. */
  | {
      readonly kind: "window";
      readonly kernel: number;
      readonly stride: number;
      readonly dilation: number;
      readonly before: number;
    }
  /** All i with i * stride + t * dilation - before = o for some tap t < kernel. */
  | {
      readonly kind: "transposed";
      readonly kernel: number;
      readonly stride: number;
      readonly dilation: number;
      readonly before: number;
    }
  /** From floor((o * numerator + offset) / denominator), `reach` positions, clamped to the input. */
  | {
      readonly kind: "resample";
      readonly numerator: number;
      readonly denominator: number;
      readonly offset: number;
      readonly reach: number;
    }
  /** Everything, for every output position. */
  | { readonly kind: "whole" }
  /** One position that all outputs share: a broadcast operand. */
  | { readonly kind: "single" };

export interface LayerInput {
  readonly value: Value;
  readonly extent: Extent;
  readonly y: Access;
  readonly x: Access;
  /** `all`: every output channel reads all of them. `same`: channel c reads channel c. `single`: one channel for all. */
  readonly channels: "all" | "same" | "single";
  /** What lies beyond the border: the stored value that positions outside of the input have. */
  readonly fill: number;
}

/**
 * What becomes of an accumulator of channel c: clamp((acc * mul[c] + add[c]) >> shift[c], lo, hi), floor.
 * The bias of the layer, -zero * sum(w) where the kernel multiplies stored values, and the zero point of
 * the result are already inside `add`. Lists have one entry per output channel.
 */
export interface Requant {
  readonly mul: readonly number[];
  readonly add: readonly bigint[];
  readonly shift: readonly number[];
  readonly lo: number;
  readonly hi: number;
  /** acc * mul + add is proven to fit 32 bits in every channel: it may be computed modulo 2^32. */
  readonly narrow: boolean;
}

/** Nodes that one kernel computes together; only the last result is ever in memory. */
export interface Layer {
  /** Of the result. */
  readonly name: string;
  readonly nodes: readonly Node[];
  /** The node that decides which kernel it is. */
  readonly anchor: Node;
  readonly inputs: readonly LayerInput[];
  readonly output: Value;
  readonly out: Extent;
  /** Absent where accumulators are the result. */
  readonly requant?: Requant;
  /** Where absent from `requant`: what is added to the accumulator of each channel (bias, zero point). */
  readonly bias: readonly number[];
  /** Two layers that are one: only the second reads the first one's result, position by position, and it is never in L2. */
  readonly parts?: readonly [Layer, Layer];
  /** Where it reads some of the input channels of another layer only. */
  readonly addend?: Addend;
}

/** A part of the sums of a layer: they wait in scratch from tile to tile of one output, and the last part finishes them. */
export interface Addend {
  readonly of: Layer;
  readonly last: boolean;
}

/** Layouts of the inputs, in order, and of the output. */
export interface LayerLayouts {
  readonly inputs: readonly Layout[];
  readonly output: Layout;
}

/** Output box of a tile, and the input boxes that it takes, padding included. */
export interface TileShape {
  readonly out: Extent;
  readonly inputs: readonly Extent[];
}

/** Constants of a layer as its kernel wants them in L1. */
export interface PackedConstants {
  /** Weights, `weightBytes` for each group of `block` output channels. */
  readonly weights: Uint8Array;
  /** Requant constants (and whatever else is per channel), `channelBytes` for each group of `block`. */
  readonly channels: Uint8Array;
  /** Output channels that are packed together; tiles begin at multiples of it. The last group is padded. */
  readonly block: number;
  /** What every tile needs whole: tables. */
  readonly shared: Uint8Array;
}

export interface KernelContext {
  readonly bounds: ReadonlyMap<Value, Bounds>;
  readonly cores: number;
}

/** A kernel of the PULP backend: computes one tile from L1 into L1 on all cores. The first that does not refuse wins. */
export interface TileKernel {
  readonly name: string;
  /** Why this kernel cannot do this layer; shown to the user when no other can. */
  refuses(layer: Layer, cx: KernelContext): string | undefined;
  /** Layouts that it takes, the fastest first. */
  layouts(layer: Layer): readonly LayerLayouts[];
  pack(layer: Layer, layouts: LayerLayouts): PackedConstants;
  /**
   * Bytes that `block` output channels of an addend have in `weights`, known without packing; `channels` and `shared` are
   * those of the layer. Kernels without this function take no addends; nothing says that not those of this layer.
   */
  addendBytes?(addend: Layer, layouts: LayerLayouts): number | undefined;
  /** Sizes of which a tile should be a multiple, where the output is larger: the kernel runs best there. */
  readonly grain: (layer: Layer, layouts: LayerLayouts) => Extent;
  /** Bytes of L1 that a tile needs besides its operands, result and constants. */
  scratch(layer: Layer, layouts: LayerLayouts, tile: TileShape, cores: number): number;
  /** Cluster cycles of one tile on `cores` cores from entering to the slowest core's leaving. */
  cycles(layer: Layer, layouts: LayerLayouts, tile: TileShape, cores: number): number;
  /** Headers of the runtime that the emitted C includes. */
  readonly headers: readonly string[];
  /**
   * A C function `static void NAME(const pulsec_tile *t, int core)`, constants folded in. `tile` is the extent of full
   * tiles; where tiles divide the channels of a channels-last result, all of them have `tile.c`, and so has the pitch.
   */
  emit(layer: Layer, layouts: LayerLayouts, name: string, tile: Extent): string;
}
