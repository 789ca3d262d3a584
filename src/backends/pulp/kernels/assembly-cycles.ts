/** Cycles of assembler with hardware loops, as RI5CY executes it from a warm cache without conflicts. */

const word = (name: string): RegExp => new RegExp(`\\b${name}\\b`);

/** mulh takes five cycles; a load makes the next instruction wait if that needs its result. */
function cyclesAlone(line: string, next: string | undefined): number {
  if (/^mulh /.test(line)) return 5;
  const loaded = /^(?:lw|p\.lw\.postr?) (\w+),/.exec(line)?.[1];
  return loaded && next && word(loaded).test(next) ? 2 : 1;
}

/** Labels 1 and 2 enclose the inner loop, 4 and 5 the outer one; `lp.counti` says how often. */
export function cyclesOf(lines: readonly string[]): number {
  const counts = [1, 1];
  const at = [1, 1];
  let total = 0;
  for (const [i, text] of lines.entries()) {
    const [, label, line] = /^(?:(\d): )?(.*)$/.exec(text)!;
    const level = label === undefined ? -1 : Math.floor(Number(label) / 3);
    if (label === "1" || label === "4") at[level] = counts[level]!;
    total += cyclesAlone(line!, lines[i + 1]?.replace(/^\d: /, "")) * at[0]! * at[1]!;
    if (label === "2" || label === "5") at[level] = 1;
    const count = /^lp\.counti (\d), (\d+)$/.exec(line!);
    if (count) counts[Number(count[1])] = Number(count[2]);
  }
  return total;
}
