/** The diagnostics `file/...` on tensors as text. */
import { type Explanation, fixedIn } from "./explanation.js";

const net = `graph @net(%x: u8[1x4x1]) -> (%y: u8[1x4x1]) stage integer {
  %y = relu %x : u8[1x4x1]
}
`;
const csv = (wrong: string, right: string) =>
  fixedIn("x.csv", "run net.pir --input x.csv", wrong, right, { "net.pir": net });

export const textExplanations: readonly Explanation[] = [
  {
    id: "file/text-number",
    title: "a text file of numbers holds something else, or a field is empty",
    why: `Only the first line may be a header, and lines that begin with # are remarks; everything else is decimal numbers. A word in
between, a decimal comma or a gap in a recording would shift or lose values. Fill gaps before; write decimals with a point.`,
    ...csv("1\n2\nn/a\n4\n", "1\n2\n3\n4\n"),
  },
  {
    id: "file/text-rows",
    title: "the rows of a text file have different lengths",
    why: `One value per line, or rows of one length; only the last row may be shorter, where long lines were wrapped. A short row in the middle
is a lost value, and everything behind it would be taken for something else.`,
    ...csv("1,2\n3\n4,5\n", "1,2\n3,4\n"),
  },
  {
    id: "file/text-encoding",
    title: "a file that ends in .csv or .txt is no text in UTF-8",
    why: `Binary dumps with the ending of a text, and text in UTF-16 as spreadsheets write it, look like this. Save the file as UTF-8, or
rename it to what it holds: .npy, .npz or .bin.`,
    wrong: {
      files: {
        "net.pir": net,
        "x.csv": { about: "1 2 3 4 in UTF-16", hex: "fffe 3100 2000 3200 2000 3300 2000 3400" },
      },
      command: "run net.pir --input x.csv",
    },
    right: { files: { "net.pir": net, "x.csv": "1 2 3 4\n" }, command: "run net.pir --input x.csv" },
  },
];
