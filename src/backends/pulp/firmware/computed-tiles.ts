/** Which tile of a layer computed an element: what a wrong value is traced back to. */
import type { ComputedTile, ComputedTiles } from "../../../ir/contracts.js";
import { slotBytes } from "../../../ir/storage.js";
import { execute } from "../../schedule/executed.js";
import type { Expr } from "../../schedule/expr.js";
import type { Address, Program, ProgramLayer, Result, Start, Tile } from "../../schedule/program.js";
import { sectionIndex } from "../planner/stream.js";

type Strides = NonNullable<Result["strides"]>;

/** Where a tile begins and how long it is along each axis of the layer's result. */
interface Box {
  readonly from: readonly [h: number, w: number, c: number];
  readonly size: readonly [h: number, w: number, c: number];
  readonly section: ComputedTile["section"];
}

type At = (e: Expr) => number;

interface Walk {
  readonly strides: Strides;
  readonly result: Result["at"];
  readonly bytes: number;
  /** How many sections there are, where it is computed in such. */
  readonly sections: number | undefined;
  /** Results in L1 that were not moved out yet, by their place. */
  readonly made: Map<string, Box>;
  /** Boxes that lie in a window of L2. */
  waiting: { readonly block: string; readonly offset: number; readonly box: Box }[];
  readonly found: Box[];
}

/** Of the layer that makes value `name`, in the order in which they are computed; nothing where it has no tiles. */
export function computedTiles({ layers }: Program, name: string): ComputedTiles | undefined {
  const layer = layers.find((l) => l.nodes.at(-1)!.result.name === name);
  const strides = layer?.result.strides;
  if (!layer || !strides) return undefined;
  const boxes = boxesOf(layer, strides);
  if (boxes.length === 0) return undefined;
  const tiles = boxes.map((b, i) => tileOf(b, i, boxes.length));
  return { tiles, at: (element) => ownerOf(boxes, strides, element) };
}

function boxesOf({ nodes, result, steps }: ProgramLayer, strides: Strides): readonly Box[] {
  const sections = steps.flatMap((s) => (s.kind === "loop" && s.index === sectionIndex ? [s.count] : []));
  const walk: Walk = {
    strides,
    result: result.at,
    bytes: slotBytes(nodes.at(-1)!.result.type.storage),
    sections: sections[0],
    made: new Map(),
    waiting: [],
    found: [],
  };
  execute(steps, (s, at) => {
    if (s.kind === "tile") walk.made.set(placed(s.y, at), boxOf(s, walk, at));
    else if (s.kind === "start" && s.direction === "out") store(s, walk, at);
  });
  return walk.found;
}

const placed = ({ block, offset }: Address, at: At): string => `${block}+${at(offset)}`;

function boxOf({ extents: e }: Tile, { sections: of }: Walk, at: At): Box {
  return {
    from: [at(e.oy), at(e.ox), 0],
    size: [at(e.ho), at(e.wo), at(e.co)],
    section: of === undefined ? undefined : { number: at(sectionIndex) + 1, of },
  };
}

/** A box leaves L1 for its home, or for a window from which it goes there. */
function store(s: Start, w: Walk, at: At): void {
  const near = placed(s.near, at);
  const far = at(s.far.offset);
  const box = w.made.get(near);
  if (box && s.far.block === w.result.block) w.found.push(inPlace(box, far, w));
  else if (box) w.waiting.push({ block: s.far.block, offset: far, box });
  else if (s.far.block === w.result.block) leaveWindow(s, w, at);
  w.made.delete(near);
}

function leaveWindow({ near, far, shape }: Start, w: Walk, at: At): void {
  const [from, size] = [at(near.offset), at(shape.planes) * at(shape.lines) * at(shape.line)];
  const isInside = (p: Walk["waiting"][number]) =>
    p.block === near.block && p.offset >= from && p.offset < from + size;
  for (const p of w.waiting.filter(isInside))
    w.found.push(inPlace(p.box, at(far.offset) + p.offset - from, w));
  w.waiting = w.waiting.filter((p) => !isInside(p));
}

/** The first channel follows from the byte where the box begins. */
function inPlace(box: Box, far: number, { strides, result, bytes }: Walk): Box {
  const { order, pitch, stride } = strides;
  const [h, x] = box.from;
  const rest = far - result.offset;
  const c =
    order === "hwc" ? (rest - h * stride - x * pitch) / bytes : (rest - h * pitch - x * bytes) / stride;
  return { ...box, from: [h, x, c] };
}

const tileOf = ({ from, size, section }: Box, i: number, of: number): ComputedTile => {
  const range = (axis: 0 | 1 | 2) => [from[axis], from[axis] + size[axis]] as const;
  return { number: i + 1, of, h: range(0), w: range(1), c: range(2), ...(section ? { section } : {}) };
};

/** The last that wrote the element: sections may overlap. */
function ownerOf(boxes: readonly Box[], { w, c }: Strides, element: number): number | undefined {
  const at = [Math.floor(element / (w * c)), Math.floor(element / c) % w, element % c];
  const found = boxes.findLastIndex(({ from, size }) =>
    at.every((p, axis) => from[axis]! <= p && p < from[axis]! + size[axis]!),
  );
  return found < 0 ? undefined : found;
}
