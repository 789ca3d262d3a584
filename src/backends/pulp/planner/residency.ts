/** What lies in L3 when L2 is too small: constants first, then values, with windows in L2 that are as large as fits. */
import { planMemory } from "../../memory.js";

/** Constants of one layer. */
export interface ConstantNeed {
  readonly name: string;
  readonly bytes: number;
  readonly step: number;
}

/** A value with all that shares its bytes. */
export interface ValueNeed {
  readonly name: string;
  readonly bytes: number;
  readonly from: number;
  readonly to: number;
  /** May it lie in L3? */
  readonly movable: boolean;
}

/** L2 bytes in which a layer works on values that lie in L3. */
export interface WindowNeed {
  readonly name: string;
  readonly bytes: number;
}

/** How a layer streams: output positions per section, or the whole of what it has. */
export type Sections = ReadonlyMap<number, number>;

export interface Residency {
  /** Names of constants and values in L3. */
  readonly far: ReadonlySet<string>;
  /** Constants that are fetched while the layer before runs. */
  readonly early: ReadonlySet<string>;
  /** Output positions per section of the layers that stream, by step. */
  readonly sections: Sections;
  readonly peak: number;
}

export interface Needs {
  readonly constants: readonly ConstantNeed[];
  readonly values: readonly ValueNeed[];
  readonly layers: number;
  /** Windows of a layer, given what lies far and the size of its sections (none: whole values). */
  windows(step: number, far: ReadonlySet<string>, section: number | undefined): readonly WindowNeed[];
  /** The most that a section can be; 1 where the layer cannot work in sections. */
  positions(step: number): number;
}

export interface Live {
  readonly name: string;
  readonly bytes: number;
  readonly firstUse: number;
  readonly lastUse: number;
}

/** The place in L2 of something that lies in L3. */
export const windowOf = (name: string): string => `${name}.window`;

/** Everything that takes L2 for some time, but for constants that stay. */
export function liveIn(needs: Needs, r: Pick<Residency, "far" | "early" | "sections">): Live[] {
  const steps = Array.from({ length: needs.layers }, (_, i) => i);
  return [
    ...needs.values
      .filter((v) => !r.far.has(v.name))
      .map((v) => ({ name: v.name, bytes: v.bytes, firstUse: v.from, lastUse: v.to })),
    ...needs.constants
      .filter((c) => r.far.has(c.name))
      .map((c) => ({
        name: windowOf(c.name),
        bytes: c.bytes,
        firstUse: r.early.has(c.name) ? Math.max(0, c.step - 1) : c.step,
        lastUse: c.step,
      })),
    ...steps.flatMap((step) =>
      needs.windows(step, r.far, r.sections.get(step)).map((w) => ({ ...w, firstUse: step, lastUse: step })),
    ),
  ];
}

const staying = (needs: Needs, far: ReadonlySet<string>): number =>
  needs.constants.reduce((n, c) => n + (far.has(c.name) ? 0 : c.bytes), 0);

/** The step with the most live bytes, and how many those are: no placement takes less. */
function crowded(live: readonly Live[], layers: number): { step: number; bytes: number } {
  let [worst, most] = [0, 0];
  for (let step = 0; step <= layers; step++) {
    const bytes = live.reduce((n, b) => n + (b.firstUse <= step && step <= b.lastUse ? b.bytes : 0), 0);
    if (bytes > most) [worst, most] = [step, bytes];
  }
  return { step: worst, bytes: most };
}

/** The next thing to give up, by what it frees; false where nothing is left. */
function relieve(needs: Needs, far: Set<string>, early: Set<string>, sections: Map<number, number>): boolean {
  const constant = needs.constants.filter((c) => !far.has(c.name)).sort((a, b) => b.bytes - a.bytes)[0];
  if (constant) {
    far.add(constant.name);
    early.add(constant.name);
    return true;
  }
  const live = liveIn(needs, { far, early, sections });
  const { step } = crowded(live, needs.layers);
  const there = (b: { from: number; to: number }) => b.from <= step && step <= b.to;
  const ahead = needs.constants.find((c) => early.has(c.name) && c.step === step + 1);
  if (ahead) return early.delete(ahead.name);
  const values = needs.values.filter((v) => v.movable && !far.has(v.name) && there(v));
  const idle = values.filter((v) => v.from < step && step < v.to);
  const value = (idle.length > 0 ? idle : values).sort((a, b) => b.bytes - a.bytes)[0];
  if (value) {
    far.add(value.name);
    return true;
  }
  const size = sections.get(step) ?? needs.positions(step);
  if (size <= 1) return false;
  sections.set(step, Math.ceil(size / 2));
  return true;
}

/** The first state that fits; nothing where none does. */
export function chooseResidency(needs: Needs, budget: number): Residency | undefined {
  const [far, early, sections] = [new Set<string>(), new Set<string>(), new Map<number, number>()];
  for (;;) {
    const live = liveIn(needs, { far, early, sections });
    const room = budget - staying(needs, far);
    const possible = crowded(live, needs.layers).bytes <= room;
    const { peak } = possible ? planMemory(live) : { peak: Infinity };
    if (peak <= room) return { far, early, sections, peak: budget - room + peak };
    if (!relieve(needs, far, early, sections)) return undefined;
  }
}
