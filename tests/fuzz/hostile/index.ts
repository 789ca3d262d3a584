/** Files made by hand to take all there is: time, memory, the stack. */
import type { Case, Format } from "../formats.js";
import { hostileContainers } from "./containers.js";
import { hostileModels } from "./models.js";
import { hostileOnnx } from "./onnx.js";
import { hostileTensorFiles } from "./tensor-files.js";
import { hostileText } from "./text.js";

export interface Hostile {
  readonly format: Format;
  readonly name: string;
  readonly bytes: Uint8Array;
}

export function* hostileCases(): Generator<Case & Hostile> {
  yield* hostileTensorFiles();
  yield* hostileContainers();
  yield* hostileText();
  yield* hostileModels();
  yield* hostileOnnx();
}
