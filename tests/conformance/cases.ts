/** Finds the cases of a conformance suite: directories that hold an ONNX file and its golden tensors. */
import { readdirSync } from "node:fs";
import path from "node:path";

export interface CaseFolder {
  /** Relative to the suite's directory; names the case. */
  readonly name: string;
  readonly folder: string;
  readonly model: string;
}

/** Every directory below `dir` with an ONNX file, in order of their names. */
export function caseFolders(dir: string): readonly CaseFolder[] {
  const folders = [
    ".",
    ...readdirSync(dir, { recursive: true, withFileTypes: true }).flatMap((e) =>
      e.isDirectory() ? [path.relative(dir, path.join(e.parentPath, e.name))] : [],
    ),
  ];
  return folders.sort().flatMap((name) => {
    const folder = path.join(dir, name);
    const models = readdirSync(folder)
      .filter((f) => f.endsWith(".onnx"))
      .sort();
    return models.map((file) => ({
      name: models.length > 1 ? path.join(name, file) : name,
      folder,
      model: path.join(folder, file),
    }));
  });
}
