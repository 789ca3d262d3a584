/** Sums of a convolution block that wait in scratch while ranges of input channels are added up. */
import { argument, type BlockSpec, type Lines, type Registers } from "./conv-registers.js";

/** The register that points at the sums in scratch, and what it takes to have them there and back. */
function sumsAt(r: Registers): { readonly p: string; readonly load: Lines; readonly store: Lines } {
  if (!r.inMemory.has("sums")) return { p: argument.sums, load: [], store: [] };
  const p = r.x[0]!;
  return { p, load: [`lw ${p}, %[sums]`], store: [`sw ${p}, %[sums]`] };
}

/** Sums so far, as `keepSums` leaves them. */
export function loadSums(spec: BlockSpec, r: Registers): Lines {
  const { p, load, store } = sumsAt(r);
  const sums = r.sums.flat();
  const lines = [...load, ...sums.map((s, i) => `lw ${s}, ${4 * i}(${p})`)];
  return spec.sums === "kept" ? lines : [...lines, `addi ${p}, ${p}, ${4 * sums.length}`, ...store];
}

/** Leaves the sums for the next range. */
export function keepSums(r: Registers): Lines {
  const { p, load, store } = sumsAt(r);
  const sums = r.sums.flat();
  const stores = sums.map((s, i) => `sw ${s}, ${4 * i}(${p})`);
  return [...load, ...stores, `addi ${p}, ${p}, ${4 * sums.length}`, ...store];
}
