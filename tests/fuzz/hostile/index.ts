/** Files made by hand to take all there is: time, memory, the stack. */
import type { Case, Format } from "../formats.js";
import { hostileContainers } from "./containers.js";
import { hostilePrograms } from "./elf.js";
import { hostileModels } from "./models.js";
import { hostileOnnx } from "./onnx.js";
import { hostileArchives, hostileArrays } from "./tensor-files.js";
import { hostileText } from "./text.js";

export interface Hostile {
  readonly format: Format;
  readonly name: string;
  readonly bytes: Uint8Array;
}

const makers: Readonly<Record<Format, () => Iterable<Hostile>>> = {
  npy: hostileArrays,
  npz: hostileArchives,
  pmod: hostileContainers,
  pir: hostileText,
  pulse: hostileModels,
  onnx: hostileOnnx,
  onnxtxt: () => [],
  elf: hostilePrograms,
};

/** Made one after the other, because some are large. */
export function* hostileCases(wanted: readonly Format[]): Generator<Case & Hostile> {
  for (const format of wanted) yield* makers[format]();
}
