/** Reads and writes `.pmod` containers (grammar/pulsec.fbs, docs/file-formats.md). The runtime loads with the first call. */
import { attempt, type Result } from "../../ir/diagnostic.js";
import type { Module } from "../../ir/graph.js";
import type { OpDef } from "../../ir/op.js";
import type { Data } from "../../ir/storage.js";

/** The module as bytes, ready for a file. Data keeps its 16-byte alignment where the file is loaded at one. */
export async function writeContainer(module: Module): Promise<Uint8Array> {
  const { writeModule } = await import("./write.js");
  return writeModule(module);
}

/**
 * The module in `bytes`. Data of a byte and wider is a view of `bytes` where its alignment allows,
 * so `bytes` must not change afterwards. A damaged or hostile file gives a diagnostic in time linear in its size.
 */
export async function readContainer(
  bytes: Uint8Array,
  options: { readonly file: string; readonly ops: readonly OpDef[] },
): Promise<Result<Module>> {
  const { readModule } = await import("./read.js");
  return attempt(() => readModule(bytes, options.file, options.ops));
}

/** Where IR text finds the elements that it names by hash. */
export async function containerParams(
  bytes: Uint8Array,
  options: { readonly file: string },
): Promise<Result<(sha256: string) => Data | undefined>> {
  const { readParamsByHash } = await import("./read.js");
  return attempt(() => {
    const byHash = readParamsByHash(bytes, options.file);
    return (sha256: string) => byHash.get(sha256);
  });
}
