/** The diagnostics `dsl/...` on the text itself, and on the sections beside the models. */
import { type Explanation, fixedIn } from "./explanation.js";

const pulse = (wrong: string, right: string) => fixedIn("net.pulse", "check net.pulse", wrong, right);
const net = "model net {\n  input x: [64, 4]\n  output x |> relu\n}\n";

export const dslFileExplanations: readonly Explanation[] = [
  {
    id: "dsl/syntax",
    title: "the text does not follow the grammar",
    why: `The frame shows where reading could not go on, and what could have stood there; the slip is often just before that place. Other
mistakes on the same line are not told, as they may not be any. docs/dsl.md holds the whole grammar on half a page.`,
    ...pulse(
      "model net {\n  input x: [64, 4]\n  output x |> conv(out: 8 kernel: 3)\n}\n",
      "model net {\n  input x: [64, 4]\n  output x |> conv(out: 8, kernel: 3)\n}\n",
    ),
  },
  {
    id: "dsl/string",
    title: "a text in quotes holds an escape that means nothing",
    why: `Texts follow the rules of JSON: a backslash begins one of \\" \\\\ \\/ \\b \\f \\n \\r \\t or \\u with four digits. A backslash in a path is
written twice, or as a forward slash.`,
    ...pulse(
      `${net}train net on "data\\cohort.json" {\n  batch 32\n}\n`,
      `${net}train net on "data/cohort.json" {\n  batch 32\n}\n`,
    ),
  },
  {
    id: "dsl/no-model",
    title: "a file holds no model",
    why: `Blocks, train and deploy sections describe nothing without a model in the same file. Add one: model NAME { ... }.`,
    ...pulse(
      "block enc(v) = v |> relu\n",
      "block enc(v) = v |> relu\nmodel net {\n  input x: [64, 4]\n  output x |> enc\n}\n",
    ),
  },
  {
    id: "dsl/too-many-errors",
    title: "a file has so many errors that reading stops",
    why: `After 25 errors most of the rest follow from the first ones. Put those right and check again.`,
    ...pulse(
      `model net {\n  input x: [64, 4]\n  output concat(${"v, ".repeat(25)}x)\n}\n`,
      "model net {\n  input x: [64, 4]\n  output concat(x, x)\n}\n",
    ),
  },
  {
    id: "dsl/unknown-model",
    title: "a train or deploy section names a model that the file does not hold",
    why: `Sections speak of the models of their own file. Check the spelling, or move the section to the file of its model.`,
    ...pulse(
      `${net}train nett on "cohort.json" {\n  batch 32\n}\n`,
      `${net}train net on "cohort.json" {\n  batch 32\n}\n`,
    ),
  },
  {
    id: "dsl/setting",
    title: "a setting of train, phase or deploy is unknown, misplaced, written twice or has no valid value",
    why: `Every setting has its place and its values, listed in docs/dsl.md; memory and clocks are written with their unit. A misspelt one is
refused, because a training of hours with a default in its place would be found out too late.`,
    ...pulse(`${net}deploy net to gap8 {\n  l1 44kb\n}\n`, `${net}deploy net to gap8 {\n  l1 44KiB\n}\n`),
  },
  {
    id: "dsl/target",
    title: "a deploy section names a target that does not exist",
    why: `A target is a chip (gap8) or portable C (c). The name decides which kernels and memories there are, so it is never guessed.`,
    ...pulse(
      `${net}deploy net to gap9 {\n  clock 100MHz\n}\n`,
      `${net}deploy net to gap8 {\n  clock 100MHz\n}\n`,
    ),
  },
];
