/** Finds the cases of a conformance suite: directories that hold an ONNX file and its golden tensors. */
import { readdirSync, realpathSync, statSync } from "node:fs";
import path from "node:path";

export interface CaseFolder {
  /** Relative to the suite's directory; names the case. */
  readonly name: string;
  readonly folder: string;
  readonly model: string;
}

/** What an entry is, through links; nothing where a link leads nowhere. */
const kindOf = (file: string) => statSync(file, { throwIfNoEntry: false });

/** Every directory from `folder` down, links included, none of them inside itself. */
function foldersBelow(folder: string, above: readonly string[] = []): readonly string[] {
  const real = realpathSync(folder);
  if (above.includes(real)) return [];
  const inner = readdirSync(folder).map((entry) => path.join(folder, entry));
  const folders = inner.filter((entry) => kindOf(entry)?.isDirectory());
  return [folder, ...folders.flatMap((f) => foldersBelow(f, [...above, real]))];
}

/** Every directory below `dir` with an ONNX file, in order of their names. */
export function caseFolders(dir: string): readonly CaseFolder[] {
  const folders = foldersBelow(dir).map((folder) => path.relative(dir, folder) || ".");
  return folders.sort().flatMap((name) => {
    const folder = path.join(dir, name);
    const models = readdirSync(folder)
      .filter((f) => f.endsWith(".onnx") && kindOf(path.join(folder, f))?.isFile())
      .sort();
    return models.map((file) => ({
      name: models.length > 1 ? path.join(name, file) : name,
      folder,
      model: path.join(folder, file),
    }));
  });
}
