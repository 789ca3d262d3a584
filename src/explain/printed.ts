/** What the wrong examples print. The tests run them and keep the texts in `golden/explain`, which ships with the package. */
import { readFileSync } from "node:fs";

const file = (area: string): URL => new URL(`../../../golden/explain/${area}.txt`, import.meta.url);
const head = "== ";

export const areaOf = (id: string): string => id.split("/")[0]!;

/** Messages by id, as the golden file of an area holds them. */
export const joinPrinted = (messages: ReadonlyMap<string, string>): string =>
  [...messages].map(([id, text]) => `${head}${id}\n${text.trimEnd()}\n`).join("\n");

/** The messages of an area by id. */
export function printedIn(area: string): ReadonlyMap<string, string> {
  const parts = readFileSync(file(area), "utf8")
    .split(new RegExp(`^${head}`, "m"))
    .slice(1);
  return new Map(
    parts.map((part) => {
      const end = part.indexOf("\n");
      return [part.slice(0, end), part.slice(end + 1).trimEnd()];
    }),
  );
}
