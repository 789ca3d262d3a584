/** A unit that computes, at its place among the layers: what it asks of memory, and its steps once that is decided. */
import { isParam, type Value } from "../../../ir/graph.js";
import { slotBytes } from "../../../ir/storage.js";
import { elements } from "../../../ir/type.js";
import type { Address, ProgramLayer, Result, Step } from "../../schedule/program.js";
import { divided, type Packed } from "./addends.js";
import { extentOf } from "./extent.js";
import type { Housing } from "./homes.js";
import type { Layouts } from "./layouts.js";
import { type Early, lowerLayer, sectionPlan } from "./lower.js";
import { contiguous, type Home } from "./moves.js";
import { constantOffsets, constantsInL1, type Homes, type Placement } from "./operands.js";
import { type Residency, type WindowNeed, windowOf } from "./residency.js";
import { makeStream, type Stream, sectionAxis } from "./stream.js";
import { searchTiling } from "./tile.js";
import type { TiledUnit, WholeUnit } from "./units.js";

export interface SiteConstant {
  readonly name: string;
  readonly data: Uint8Array;
}

export interface Site {
  readonly step: number;
  readonly output: Value;
  readonly constants: readonly SiteConstant[];
  /** Output positions along the axis of sections; 1 where there are none. */
  readonly positions: number;
  windows(far: ReadonlySet<string>, section: number | undefined): readonly WindowNeed[];
  /** With its tiles, in at most `l1` bytes. Throws a `Refusal` where none fits. */
  tiled(r: Residency, l1: number): TiledSite;
}

/** A site whose tiles are decided. */
export interface TiledSite {
  /** Estimated cluster cycles; 0 where nobody knows. */
  readonly cycles: number;
  /** Of L1, constants included. */
  readonly bytes: number;
  /** Bytes of constants that the layer before could bring to L1; 0 where there are none. */
  readonly constants: number;
  lower(at: Placement): LoweredSite;
}
export interface LoweredSite {
  readonly layer: ProgramLayer;
  readonly early?: Early;
}

interface Surroundings {
  readonly layouts: Layouts;
  readonly housing: Housing;
  readonly cores: number;
  /** Bytes of L1 that a layer has at most. */
  readonly l1: number;
  /** The functions of kernels, one for all that are alike. */
  readonly functions: Functions;
}

export const siteOf = (unit: TiledUnit | WholeUnit, step: number, s: Surroundings): Site =>
  unit.kind === "tiled" ? tiledSite(unit, step, s) : wholeSite(unit, step, s.housing);

function resultAt(value: Value, { homes }: Housing): Result {
  const { block, offset, layout, pitch, stride } = homes.get(value)!;
  const extent = extentOf(value);
  const at = { block, offset };
  return extent ? { at, strides: { order: layout.order, ...extent, pitch, stride } } : { at };
}

/** Kernels as C functions: the name and text of the one for a layer. */
export type Functions = (layer: string, emit: (name: string) => string) => { name: string; text: string };

/** One function for all layers whose kernels differ in nothing but their names. */
export function sharedFunctions(): Functions {
  const made = new Map<string, { name: string; text: string }>();
  const taken = new Set<string>();
  // The functions of a layer begin with its name, and so may the name of another layer.
  const free = (base: string, emit: (name: string) => string, i = 0): { name: string; text: string } => {
    const name = i === 0 ? base : `${base}_other${i}`;
    const text = emit(name);
    const own = new Set(text.match(/\btile_\w+/g));
    if ([...own].some((identifier) => taken.has(identifier))) return free(base, emit, i + 1);
    for (const identifier of own) taken.add(identifier);
    return { name, text };
  };
  return (layer, emit) => {
    const key = emit("tile");
    const found = made.get(key) ?? free(`tile_${layer.replaceAll(".", "_")}`, emit);
    made.set(key, found);
    return found;
  };
}

/** Where a constant is while its layer runs. */
const constantAt = (name: string, r: Residency): Address => ({
  block: r.far.has(name) ? windowOf(name) : name,
  offset: 0,
});

function packed({ constants }: Packed): Uint8Array {
  const at = constantOffsets(constants);
  const data = new Uint8Array(at.bytes);
  data.set(constants.weights, at.w);
  data.set(constants.channels, at.q);
  data.set(constants.shared, at.shared);
  return data;
}

function tiledSite(
  unit: TiledUnit,
  step: number,
  { layouts, housing, cores, functions, l1 }: Surroundings,
): Site {
  const { layer, kernel, nodes } = unit;
  const own = layouts.units.get(unit)!;
  const p = divided({ layer, kernel, layouts: own, constants: kernel.pack(layer, own) }, l1, cores);
  const name = `@${layer.name}`;
  const data = packed(p);
  const homes: Omit<Homes, "constants"> = {
    inputs: layer.inputs.map((i) => housing.homes.get(i.value)!),
    output: housing.homes.get(layer.output)!,
  };
  const axis = sectionAxis(layer.out);
  const stream = (far: ReadonlySet<string>, section = layer.out[axis]): Stream | undefined => {
    const inputs = homes.inputs.map((h) => far.has(h.block));
    const output = far.has(homes.output.block);
    if (!output && !inputs.includes(true)) return undefined;
    const shared = housing.parts.has(layer.output);
    return makeStream(
      layer,
      { ...homes, constants: { block: name, offset: 0 } },
      { inputs, output, shared },
      section,
    );
  };
  return {
    step,
    output: layer.output,
    constants: data.length > 0 ? [{ name, data }] : [],
    positions: layer.out[axis],
    windows(far, section) {
      const s = stream(far, section);
      return [...(s?.inputs ?? []), s?.output].flatMap((w) =>
        w ? [{ name: w.block, bytes: w.slots * w.bytes }] : [],
      );
    },
    tiled(r, l1) {
      const s = stream(r.far, r.sections.get(step));
      const out = s ? { ...layer.out, [s.axis]: s.size } : layer.out;
      const tiling = searchTiling({ ...p, layer: { ...p.layer, out } }, l1, cores);
      const near = s === undefined && !r.far.has(name);
      const cycles = Math.round(tiling.cycles * (s?.count ?? 1));
      return {
        cycles,
        bytes: tiling.bytes,
        constants: near ? constantsInL1(sectionPlan(p, tiling, cores)) : 0,
        lower(at) {
          const source = functions(layer.name, (name) => kernel.emit(p.layer, own, name, tiling.size));
          const names = { layer: layer.name, cFunction: source.name, step, cores };
          const constants = constantAt(name, r);
          const { early, ...lowered } = lowerLayer(p, tiling, { ...homes, constants }, names, at, s);
          return {
            layer: {
              name: layer.name,
              nodes,
              kernel: kernel.name,
              source: { ...source, headers: kernel.headers },
              ...lowered,
              result: resultAt(nodes.at(-1)!.result, housing),
              estimate: cycles,
            },
            ...(early ? { early } : {}),
          };
        },
      };
    },
  };
}

const bytesOf = (data: ArrayBufferView): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** An operand or the result of a whole layer that lies in L3: all of it comes to L2 and goes back. */
interface Visit {
  readonly channel: string;
  readonly window: string;
  readonly home: Home;
  readonly bytes: number;
}

function wholeSite(unit: WholeUnit, step: number, housing: Housing): Site {
  const { homes } = housing;
  const { kernel, output } = unit;
  const node = unit.node ?? unit.nodes[0]!;
  const constants = node.operands.flatMap((v, i) => {
    if (!isParam(v)) return [];
    const form = kernel.pack?.(node, i);
    return [
      { name: `@${v.name}${form ? `:${form.form}` : ""}`, operand: i, data: bytesOf(form?.data ?? v.data) },
    ];
  });
  const visit = (v: Value, channel: string): Visit => ({
    channel,
    window: `${output.name}.${channel}`,
    home: homes.get(v)!,
    bytes: elements(v.type) * slotBytes(v.type.storage),
  });
  const visits = (far: ReadonlySet<string>) => ({
    inputs: node.operands.map((v, i) => {
      const here = isParam(v) ? undefined : visit(v, `x${i}.window`);
      return here && far.has(here.home.block) ? here : undefined;
    }),
    output: far.has(homes.get(output)!.block) ? visit(output, "y.window") : undefined,
  });
  const lowered = (r: Residency, upcoming: readonly Step[]): ProgramLayer => {
    const v = visits(r.far);
    const address = (value: Value, w: Visit | undefined): Address => {
      const home = homes.get(value);
      return w ? { block: w.window, offset: 0 } : { block: home!.block, offset: home!.offset };
    };
    const operands = node.operands.map((value, i) => {
      const constant = constants.find((c) => c.operand === i);
      return constant ? constantAt(constant.name, r) : address(value, v.inputs[i]);
    });
    const moved = v.inputs.filter((w) => w !== undefined);
    return {
      name: output.name,
      nodes: unit.nodes,
      kernel: kernel.name,
      channels: [...moved, ...(v.output ? [v.output] : [])].map((w) => ({ name: w.channel, slots: 1 })),
      blocks: [],
      steps: [
        ...upcoming,
        ...moved.flatMap((w) => moving(w, "in")),
        { kind: "whole", node, kernel, operands, result: address(output, v.output) },
        ...(v.output ? moving(v.output, "out") : []),
      ],
      tiles: 1,
      result: resultAt(output, housing),
      estimate: 0,
    };
  };
  return {
    step,
    output,
    constants,
    positions: 1,
    windows(far) {
      const v = visits(far);
      return [...v.inputs, v.output].flatMap((w) => (w ? [{ name: w.window, bytes: w.bytes }] : []));
    },
    tiled: (r) => ({
      cycles: 0,
      bytes: 0,
      constants: 0,
      lower: ({ upcoming }) => ({ layer: lowered(r, upcoming) }),
    }),
  };
}

function moving(w: Visit, direction: "in" | "out"): Step[] {
  const transfer = { channel: w.channel, slot: 0 };
  return [
    {
      kind: "start",
      ...transfer,
      direction,
      near: { block: w.window, offset: 0 },
      far: { block: w.home.block, offset: w.home.offset },
      shape: contiguous(w.bytes),
    },
    { kind: "wait", ...transfer },
  ];
}
