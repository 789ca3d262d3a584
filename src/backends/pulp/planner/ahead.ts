/** Layers in L1, one after the other: the constants of each come while the one before works, where that pays. */
import { Refusal } from "../../../ir/diagnostic.js";
import type { Block, Channel, ProgramLayer, Step } from "../../schedule/program.js";
import { transferCycles } from "./machine.js";
import type { Residency } from "./residency.js";
import type { LoweredSite, Site, TiledSite } from "./sites.js";

export interface LayersInL1 {
  readonly layers: readonly ProgramLayer[];
  /** Of constants that come while another layer works. */
  readonly channels: readonly Channel[];
  readonly blocks: readonly Block[];
}

/** A layer's tiles, and how many bytes of its constants the layer before brings. */
interface Choice {
  readonly site: TiledSite;
  readonly early: number;
}

/** The layer with `room` bytes less, where that costs it fewer cycles than `saved`. */
function makingRoom(
  site: Site,
  r: Residency,
  l1: number,
  room: number,
  saved: number,
): TiledSite | undefined {
  const all = site.tiled(r, l1);
  if (all.bytes + room <= l1) return all;
  try {
    const less = site.tiled(r, l1 - room);
    return less.cycles - all.cycles < saved ? less : undefined;
  } catch (e) {
    if (e instanceof Refusal) return undefined;
    throw e;
  }
}

/** From the last layer to the first, so that what the next one wants is known. */
function choose(sites: readonly Site[], r: Residency, l1: number): readonly Choice[] {
  const chosen: Choice[] = [];
  let site = sites.at(-1)?.tiled(r, l1);
  for (let i = sites.length - 1; site; i--) {
    const { constants } = site;
    const before: TiledSite | undefined =
      i > 0 && constants > 0
        ? makingRoom(sites[i - 1]!, r, l1, constants, transferCycles(constants))
        : undefined;
    chosen.unshift({ site, early: before ? constants : 0 });
    site = before ?? sites[i - 1]?.tiled(r, l1);
  }
  return chosen;
}

/**
 * The layers of `sites` in `l1` bytes. Constants that come early lie at the lower end of L1 for every other layer, and at
 * the upper end for those between: what works lies in the middle.
 */
export function layersInL1(sites: readonly Site[], r: Residency, l1: number): LayersInL1 {
  const choices = choose(sites, r, l1);
  const early = (i: number) => choices[i]?.early ?? 0;
  const top = Math.max(0, ...choices.map(({ site }, i) => site.bytes + early(i + 1)));
  const done: LoweredSite[] = [];
  let upcoming: readonly Step[] = [];
  for (let i = choices.length - 1; i >= 0; i--) {
    const below = i % 2 === 0;
    const own = early(i) > 0 ? { constants: below ? 0 : top - early(i) } : {};
    const lowered = choices[i]!.site.lower({ from: early(below ? i : i + 1), upcoming, ...own });
    upcoming = lowered.early?.starts ?? [];
    done.unshift(lowered);
  }
  return {
    layers: done.map((l) => l.layer),
    channels: done.flatMap((l) => l.early?.channels ?? []),
    blocks: done.flatMap((l) => l.early?.blocks ?? []),
  };
}
