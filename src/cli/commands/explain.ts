import { type Block, callOf, rightBlocks, wrongBlocks } from "../../explain/blocks.js";
import type { Explanation } from "../../explain/explanation.js";
import { explanations } from "../../explain/index.js";
import { areas } from "../../explain/page.js";
import { areaOf, printedIn } from "../../explain/printed.js";
import { nearest } from "../../ir/diagnostic.js";
import { type Command, exit, UsageError } from "../command.js";

export const command: Command = {
  name: "explain",
  summary: "what a diagnostic means: an input that gives it, and what to change",
  args: "[ID]",
  standalone: true,
  positionals: { min: 0, max: 1 },
  details: `An ID stands in brackets in every message: error[text/unknown-op]. Without one, all are listed; an area alone
(text) lists its own.`,
  options: {},
  examples: [
    ["explain text/unknown-op", "one diagnostic"],
    ["explain onnx", "those of ONNX models"],
  ],
  async run(call) {
    const [wish] = call.args;
    if (wish !== undefined && !Object.hasOwn(areas, wish)) {
      const found = explanationOf(wish);
      const printed = printedIn(areaOf(found.id)).get(found.id) ?? "";
      call.print(render(found, printed));
      call.emit({
        ok: true,
        ...found,
        calls: { wrong: callOf(found.wrong), right: callOf(found.right) },
        printed,
      });
      return exit.ok;
    }
    const listed = explanations.filter((e) => wish === undefined || areaOf(e.id) === wish);
    call.print(listing(listed));
    call.emit({ ok: true, diagnostics: listed.map(({ id, title }) => ({ id, title })) });
    return exit.ok;
  },
};

function explanationOf(wish: string): Explanation {
  const id = wish.replace(/^\w*\[|\]:?$/g, "");
  const found = explanations.find((e) => e.id === id);
  if (found) return found;
  const guess = nearest(
    id,
    explanations.map((e) => e.id),
  );
  throw new UsageError(
    `there is no diagnostic ${id}${guess ? `; did you mean ${guess}?` : "; pulsec explain lists all"}`,
  );
}

function listing(listed: readonly Explanation[]): string {
  const width = Math.max(...listed.map((e) => e.id.length)) + 2;
  const sections = Object.entries(areas).map(([area, title]) => {
    const own = listed.filter((e) => areaOf(e.id) === area);
    return own.length === 0
      ? []
      : [[title, ...own.map((e) => `  ${e.id.padEnd(width)}${e.title}`)].join("\n")];
  });
  return sections.flat().join("\n\n");
}

const render = (e: Explanation, printed: string): string =>
  [
    `${e.id}: ${e.title}`,
    wrapped(e.why, 100),
    ...wrongBlocks(e, printed).map(shown),
    "Put right:",
    ...rightBlocks(e).map(shown),
  ].join("\n\n");

const shown = ({ title, text }: Block): string =>
  `${title}\n${text.replace(/^/gm, "  | ").replace(/ +$/gm, "")}`;

/** Lines of at most `width` characters, broken at spaces. */
const wrapped = (text: string, width: number): string =>
  text.replace(new RegExp(`(.{1,${width}})( |$)`, "g"), "$1\n").trimEnd();
