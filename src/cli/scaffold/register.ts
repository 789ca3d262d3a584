/** Adds an entry to a configuration that is plain enough to be changed as text. */

export interface Entry {
  readonly list: "passes" | "ops";
  readonly identifier: string;
  /** The module that has it, as the configuration imports it. */
  readonly from: string;
}

/** A configuration with one entry. */
export const newConfig = (entry?: Entry): string =>
  entry
    ? `import { defineConfig } from "pulsec";\n${importOf(entry)}\n\nexport default defineConfig({ version: 1, ${entry.list}: [${entry.identifier}] });\n`
    : `import { defineConfig } from "pulsec";\n\nexport default defineConfig({ version: 1 });\n`;

export const importOf = ({ identifier, from }: Entry): string => `import { ${identifier} } from "${from}";`;

/** The text with the entry; nothing where it is written in another way than `defineConfig({ version: 1, passes: [...] })`. */
export function withEntry(text: string, entry: Entry): string | undefined {
  const begin = text.search(/\bexport\s+default\s+(?:defineConfig\s*\(\s*)?\{/);
  if (begin < 0 || new RegExp(`\\b${entry.identifier}\\b`).test(text)) return undefined;
  const listed = inList(text.slice(begin), entry);
  if (listed === undefined) return undefined;
  const imports = [...text.slice(0, begin).matchAll(/^import\b[^;]*;\n/gm)].at(-1);
  const at = imports ? imports.index + imports[0].length : 0;
  return `${text.slice(0, at)}${importOf(entry)}\n${text.slice(at, begin)}${listed}`;
}

function inList(body: string, { list, identifier }: Entry): string | undefined {
  const present = [...body.matchAll(new RegExp(`\\b${list}\\b`, "g"))];
  if (present.length > 1) return undefined;
  if (present.length === 1) {
    const pattern = new RegExp(`\\b${list}:\\s*\\[([\\w$,\\s]*)\\]`);
    const items = pattern.exec(body)?.[1];
    return items === undefined
      ? undefined
      : body.replace(pattern, () => `${list}: [${appended(items, identifier)}]`);
  }
  const version = /\bversion:\s*1\b,?/g;
  const [found, second] = [...body.matchAll(version)];
  if (!found || second) return undefined;
  const separate = /^\s*\n/.test(body.slice(found.index + found[0].length)) ? `\n  ` : " ";
  const comma = found[0].endsWith(",") ? "," : separate === " " ? "" : ",";
  return body.replace(version, () => `version: 1,${separate}${list}: [${identifier}]${comma}`);
}

/** One behind the other, or each on a line of its own, as they stand. */
function appended(items: string, identifier: string): string {
  const names = items
    .split(",")
    .map((n) => n.trim())
    .filter(Boolean);
  const lines = /\n(\s*)\S/.exec(items)?.[1];
  return lines === undefined
    ? [...names, identifier].join(", ")
    : `${[...names, identifier].map((n) => `\n${lines}${n},`).join("")}\n${lines.slice(2)}`;
}
