/** The diagnostics `file/...` on NumPy's files, `.npy` and `.npz`. */
import { npy, npyFile, zip } from "./bytes.js";
import { calledBetter, type ExampleFiles, type Explanation } from "./explanation.js";

const net = `graph @net(%x: u8[1x4x1]) -> (%y: u8[1x4x1]) stage integer {
  %y = relu %x : u8[1x4x1]
}
`;
const both = (name: string, wrong: ExampleFiles[string], right: ExampleFiles[string]) => {
  const command = `run net.pir --input ${name}`;
  return {
    wrong: { files: { "net.pir": net, [name]: wrong }, command },
    right: { files: { "net.pir": net, [name]: right }, command },
  };
};
const elements = "01020304";
const soundNpy = npyFile("four bytes, 1 to 4", "|u1", "4,", elements);
const entry = { name: "x.npy", content: npy("|u1", "4,", elements), crc: 0xc6a99d71 };
const soundZip = { about: "an archive of x.npy", hex: zip(entry) };

export const archiveExplanations: readonly Explanation[] = [
  {
    id: "file/npy-header",
    title: "a file that ends in .npy does not begin as one",
    why: `The head of an .npy file states type, order and shape; here it is missing, cut off or states what no array can have. Often a text
file was renamed. Write the array with numpy.save, or give the file the ending of what it holds.`,
    ...calledBetter(
      { "net.pir": net, "x.npy": "1\n2\n3\n4\n", "x.txt": "1\n2\n3\n4\n" },
      "run net.pir --input x.npy",
      "run net.pir --input x.txt",
    ),
  },
  {
    id: "file/npy-dtype",
    title: "an array has elements that are no plain numbers",
    why: `Objects, structures, texts and complex numbers have no place in a tensor of the graph; the message lists the types that are read.
Convert the array before it is saved: a.astype(numpy.int32).`,
    ...both("x.npy", npyFile("two complex numbers", "<c8", "2,", elements.repeat(4)), soundNpy),
  },
  {
    id: "file/truncated",
    title: "a file ends before its array does",
    why: `Its head announces more elements than follow: a copy, a download or a program that was stopped. What is missing cannot be made up.
Copy or export the file again.`,
    ...both("x.npy", npyFile("three bytes, four announced", "|u1", "4,", "010203"), soundNpy),
  },
  {
    id: "file/trailing-bytes",
    title: "a file goes on behind its array",
    why: `An .npy file holds one array. Bytes behind it are a second one, or a sign that the head states the wrong shape; leaving them out
would ignore data. Save one array per .npy file, several in an .npz.`,
    ...both("x.npy", npyFile("six bytes, four announced", "|u1", "4,", "010203040506"), soundNpy),
  },
  {
    id: "file/zip-structure",
    title: "an .npz file is no sound archive",
    why: `An .npz is a ZIP archive of .npy files; its list of entries is missing or contradicts the bytes. The file was cut off, or is no
archive at all. Copy it, or write it anew with numpy.savez.`,
    ...both("x.npz", { about: "an archive that was cut off", hex: zip(entry).slice(0, 200) }, soundZip),
  },
  {
    id: "file/zip-checksum",
    title: "an array in an .npz file is not the one that was written",
    why: `Every entry of an archive carries a checksum (CRC-32), and the bytes have another one: they changed after they were written. Comparing
with damaged goldens would accuse the model. Copy or export the file again.`,
    ...both(
      "x.npz",
      { about: "an archive whose checksum differs", hex: zip({ ...entry, crc: 1 }) },
      soundZip,
    ),
  },
  {
    id: "file/zip-method",
    title: "an entry of an .npz file is packed in a way that is not read, or encrypted",
    why: `NumPy writes entries stored or deflated, and these are read. Other programs may use bzip2, LZMA or a password. Write the file with
numpy.savez or numpy.savez_compressed.`,
    ...both("x.npz", { about: "an archive packed by bzip2", hex: zip({ ...entry, method: 12 }) }, soundZip),
  },
  {
    id: "file/zip-size",
    title: "an .npz file would unpack to more than 128 MiB",
    why: `A few kilobytes of archive can claim any size; the limit keeps such a file from taking all memory. Split what is truly that large into
several files, one test set each.`,
    ...both("x.npz", { about: "an archive that claims 4 GB", hex: zip({ ...entry, size: 4e9 }) }, soundZip),
  },
];
