/** Pieces of HTML pages. */

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
export const escaped = (text: string): string => text.replace(/[&<>"]/g, (c) => entities[c]!);

export interface Column {
  readonly title: string;
  /** `n`: numbers, set flush right. */
  readonly kind: "" | "n";
}
export const column = (title: string, kind: Column["kind"] = ""): Column => ({ title, kind });

const cell = (tag: "td" | "th", { kind }: Column, html: string): string =>
  `<${tag}${kind ? ` class="${kind}"` : ""}>${html}</${tag}>`;

/** Cells are HTML, titles are text. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const head = columns.map((c) => cell("th", c, escaped(c.title))).join("");
  const body = rows.map((row) => `<tr>${row.map((html, i) => cell("td", columns[i]!, html)).join("")}</tr>`);
  return `<div class="wide"><table>\n<tr>${head}</tr>\n${body.join("\n")}\n</table></div>`;
}

/** Width of the longest bar, in CSS pixels. */
const longest = 120;

/** A bar of a length between 0 and 1, and its number behind it. */
export function bar(length: number, text: string): string {
  const width = Math.max(length > 0 ? 1 : 0, Math.round(length * longest));
  return `<svg width="${longest}" height="10" role="img" aria-label="${escaped(text)}"><rect width="${width}" height="10" rx="1" class="bar"/></svg>${escaped(text)}`;
}
