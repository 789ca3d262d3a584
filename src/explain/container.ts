/** The diagnostics `container/...`: `.pmod` files that cannot be read. */
import { type BinaryFile, type Explanation, fixedIn } from "./explanation.js";

const source = `graph @main(%x: u8[1x4]) -> (%y: u8[1x4]) stage integer {
  %y = relu %x : u8[1x4]
}
`;

/** The fixed examples write the container anew. */
const rewritten = {
  files: { "net.pir": source },
  before: ["import net.pir -o net.pmod"],
  command: "check net.pmod",
};
const wrongFile = (file: BinaryFile) => ({
  wrong: { files: { "net.pmod": file }, command: "check net.pmod" },
  right: rewritten,
});

const withGelu: BinaryFile = {
  about: "a container whose only node is a gelu",
  base64:
    "HAAAAFBNT0QAABIAGAAWABAADAAIAAAAAAAEABIAAAAUAAAAXAAAADgBAABQAAAAAAABAEAAAAAyOGEyNjhhY2Q4ODQwM2I4" +
    "MmQyNDljOGJlOTk2Mzg1MWE1ZTgzMzkyNWUzNjJlMjM5OGY3NTFhODBlYmIyNGE1AAAAAAAAAAABAAAAFAAAAAAADgAYABQA" +
    "EwAMAAgABAAOAAAAFAAAAHAAAAB0AAAAAAAAA6wAAAABAAAAEAAAAAwAEAAMAAgAAAAEAAwAAAAMAAAAMAAAADQAAAC0////" +
    "CAAAABgAAACs////CAAAAAAAAAUBAAAAAQAAAAEAAAB5AAAAAQAAAAAAAAAEAAAAZ2VsdQAAAAABAAAAAQAAAAEAAAAMAAAA" +
    "CAAMAAgABAAIAAAAEAAAACAAAAAIAAwACwAEAAgAAAAIAAAAAAAABQEAAAABAAAAAQAAAHgAAAABAAAAZwAAAAAAAAA=",
};

export const containerExplanations: readonly Explanation[] = [
  {
    id: "container/damaged",
    title: "A .pmod file is cut off or was changed after it was written",
    why: "Sizes and offsets inside the file lead beyond its end or contradict each other, or its content does not have the hash that was stored with it. Nothing of such a file is used. Copy it again, or write it anew from its source.",
    ...wrongFile({ about: "the first 12 bytes of a container", hex: "1c000000 504d4f44 00001200" }),
  },
  {
    id: "container/newer-version",
    title: "A .pmod file was written by a newer pulsec in a format this one does not know",
    why: "The version of the format rises when older readers would misread a file. Update pulsec, or write the container anew with this version from its source; IR text carries over between versions.",
    ...wrongFile({
      about: "a container of format version 999",
      hex: "10000000 504d4f44 06000800 04000000 08000000 e7030000",
    }),
  },
  {
    id: "container/not-a-container",
    title: "A file named .pmod is something else",
    why: "A container says PMOD at byte 4. The ending of a file name decides how pulsec reads it: give the file the ending of what it is, or name the right file.",
    ...fixedIn("net.pmod", "check net.pmod", source, ""),
    right: { files: { "net.pir": source }, command: "check net.pir" },
  },
  {
    id: "container/unknown-op",
    title: "A .pmod file holds an op that this pulsec does not have",
    why: "The file comes from a newer pulsec, or from a program that adds ops of its own. Update pulsec; with ops of your own, read the file through the API and pass them in.",
    ...wrongFile(withGelu),
  },
];
