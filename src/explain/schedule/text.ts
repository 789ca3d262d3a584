/** Texts of schedules that are wrong. */
import { type Explanation, fixedIn } from "../explanation.js";

/** One layer that copies 64 bytes through L1. */
const sound = `schedule @copy for gap8, 8 cores {
  memory l1 : 128 of 1024 bytes, lower bound 0
  block %x at caller, 64 bytes, layers 0 to 0
  block %y at caller, 64 bytes, layers 0 to 1
  layer 0 %y = copy, 2 tiles, about 100 cycles {
    channels x0[1], y[1]
    block y.x0 at l1 + 0, 32 bytes, layers 0 to 0
    block y.y at l1 + 32, 32 bytes, layers 0 to 0
    loop t < 2 {
      start x0[0] in y.x0 <- %x + t * 32 : 32
      wait x0[0]
      wait y[0]
      tile tile_y(x0 = y.x0, y = y.y) {ho = 1, wo = 32, co = 1, hi = 1, wi = 32, ci = 1, oy = 0,
          ox = t * 32, iy = 0, ix = t * 32, first = 1, last = 1}
      start y[0] out %y + t * 32 <- y.y : 32
    }
    wait y[0]
  }
}
`;

/** The sound schedule with something else in place of a part of it. */
const changed = (part: string, by: string): Pick<Explanation, "wrong" | "right"> =>
  fixedIn("net.schedule", "check net.schedule", sound.replace(part, by), sound);

export const scheduleTextExplanations: readonly Explanation[] = [
  {
    id: "schedule/arithmetic",
    title: "An expression of a schedule has no value",
    why: "Offsets and sizes are whole numbers below 2^53. A division by zero gives none, and large factors give one that is not exact. The message shows the expression and the loop indices at which it fails.",
    ...changed("%x + t * 32", "%x + 32 / t"),
  },
  {
    id: "schedule/duplicate-name",
    title: "A name of a schedule is taken already",
    why: "Steps find blocks and channels by their names: a layer sees its own and those of the whole schedule, and no two of them are called the same. Choose another name.",
    ...changed("block y.y at", "block y.x0 at"),
  },
  {
    id: "schedule/too-large",
    title: "A schedule is too large to be looked at",
    why: "Verifying walks through every step as the machine would, and keeps a state for each byte of L1 and L2. A file of more than 4 MiB, a memory beyond any of these machines, or more than 5 million steps and lines of transfers is refused. The schedules that pulsec writes stay far below.",
    ...changed("loop t < 2 {", "loop r < 1000000000 {\n    }\n    loop t < 2 {"),
  },
  {
    id: "schedule/unknown-channel",
    title: "A step names a channel or a slot that does not exist",
    why: "`channels x0[2]` declares a channel with two slots, 0 and 1, each for one transfer at a time. Declare the channel with as many slots as there are transfers under way at once.",
    ...changed("wait x0[0]", "wait x0[1]"),
  },
  {
    id: "schedule/unknown-index",
    title: "An expression names an index that no loop around has",
    why: "Names in expressions are the indices of the loops around: `t` inside of `loop t < 4 { ... }`, and nothing else. Correct the name, or move the step into the loop.",
    ...changed("%x + t * 32", "%x + u * 32"),
  },
  {
    id: "schedule/syntax",
    title: "The text of a schedule is wrong",
    why: "`docs/schedule.md` shows the form; the message says what was found and what may stand there. Schedules are written by pulsec, so that most mistakes come from editing them.",
    ...changed("loop t < 2 {", "loop t to 2 {"),
  },
];
