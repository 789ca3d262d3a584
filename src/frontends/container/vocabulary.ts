/** What the schema's numbers are called in the IR. */
import { type Stage, stages } from "../../ir/graph.js";
import { isStorage, type Storage } from "../../ir/storage.js";
import * as fb from "./generated/pulsec_generated.js";

/** Raised when older readers could misunderstand; added fields do not raise it. */
export const formatVersion = 1;
/** Of param data within the file, in bytes: one SIMD vector. */
export const dataAlignment = 16;

export const storageCode = (storage: Storage): fb.Storage =>
  fb.Storage[storage.toUpperCase() as keyof typeof fb.Storage];

export function storageNamed(code: number): Storage | undefined {
  const name = fb.Storage[code]?.toLowerCase();
  return name !== undefined && isStorage(name) ? name : undefined;
}

const capital = (word: string): string => word[0]!.toUpperCase() + word.slice(1);
export const stageCode = (stage: Stage): fb.Stage => fb.Stage[capital(stage) as keyof typeof fb.Stage];
export const stageNamed = (code: number): Stage | undefined =>
  stages.find((stage) => stageCode(stage) === code);
