/** The diagnostics `file/...` on files and folders themselves, and on test sets in them. */
import { calledBetter, type Explanation } from "./explanation.js";

const net = `graph @net(%x: u8[1x4x1]) -> (%y: u8[1x4x1]) stage integer {
  %y = relu %x : u8[1x4x1]
}
`;
const values = "1\n2\n3\n4\n";
/** A float ONNX model of one operator, Relu. */
const relu = {
  about: "an ONNX model that holds one Relu",
  base64:
    "CAgSBXRlc3RzOjoKEAoBeBIBeRoAIgRSZWx1OgASBHRlc3RaEwoBeBIOCgwIARIICgIIAQoCCARiCwoBeRIGCgQIARIAQgQKABAN",
};

export const diskExplanations: readonly Explanation[] = [
  {
    id: "file/not-found",
    title: "a file that the command names does not exist",
    why: `Paths are taken from the folder in which pulsec is started. Check the spelling, the ending and the folder.`,
    ...calledBetter({ "net.pir": net }, "check nett.pir", "check net.pir"),
  },
  {
    id: "file/is-folder",
    title: "a folder is given where a file is expected",
    why: `The command reads one file here. Name a file in the folder; only verify --against and the folders that compile writes are taken
whole.`,
    ...calledBetter(
      { "net.pir": net, "inputs/x.txt": values },
      "run net.pir --input inputs",
      "run net.pir --input inputs/x.txt",
    ),
  },
  {
    id: "file/too-large",
    title: "a file has more than 1 GiB",
    why: `Files are read whole, and no model or input for a microcontroller comes near this size: mostly another file was meant. Cut long
recordings into windows, one file each.`,
    ...calledBetter(
      {
        "net.pir": net,
        "x.txt": values,
        "recording.bin": { about: "1 GiB and one byte", zeros: 2 ** 30 + 1 },
      },
      "run net.pir --input recording.bin",
      "run net.pir --input x.txt",
    ),
  },
  {
    id: "file/unreadable",
    title: "the system does not let a file be read",
    why: `The file may belong to somebody else, its name may be longer than the system allows, or a chain of links leads nowhere. The message
gives the system's reason. Change the permissions, or copy the file to where you may read it.`,
    ...calledBetter({ "net.pir": net }, `check ${"net-".repeat(70)}.pir`, "check net.pir"),
  },
  {
    id: "file/unwritable",
    title: "the system does not let a result be written",
    why: `The folder may be read-only or full, or a part of the path is a file. Nothing is half-written: results are written under another
name and then renamed, so what was there before is untouched. Choose another place, or change the permissions.`,
    ...calledBetter(
      { "net.pir": net },
      "import net.pir -o net.pir/copy.pir",
      "import net.pir -o out/copy.pir",
    ),
  },
  {
    id: "file/not-ours",
    title: "a result would replace files that pulsec did not write",
    why: `compile replaces its output folder as a whole, so that no file of an earlier network stays behind. It does so only where every
file in the folder is listed in its .pulsec-files; yours are never deleted. Choose another folder, or move your files out of this one.`,
    ...calledBetter(
      { "net.pir": net, "firmware/notes.txt": "our own notes\n" },
      "compile net.pir -o firmware",
      "compile net.pir -o firmware/net",
    ),
  },
  {
    id: "file/unknown-format",
    title: "the ending of a file does not say what it holds",
    why: `Models end in .pulse, .onnx, .pir or .pmod, tensors in .npy, .npz, .csv, .txt or .bin. Contents are not guessed, because a wrong guess
would give wrong numbers. Rename the file to what it holds.`,
    ...calledBetter({ "net.txt": net, "net.pir": net }, "check net.txt", "check net.pir"),
  },
  {
    id: "file/exists",
    title: "a file that is to be made is there already",
    why: `init, pass new and op new make files and overwrite none: where one of them is there, nothing at all is written. Move it, or choose
another folder or name.`,
    wrong: { files: { "README.md": "# mine\n" }, command: "init" },
    right: { files: { "README.md": "# mine\n" }, command: "init waves" },
  },
  {
    id: "file/json",
    title: "a configuration file is no JSON",
    why: `The DORY configuration beside a model, or the one that --dory-config names, is read as JSON. The message gives the place where it
breaks off. The usual causes are a comma before a closing bracket, single quotes, and comments.`,
    wrong: {
      files: { "net.onnx": relu, "config.json": "{ 'BNRelu_bits': 32, }\n" },
      command: "import net.onnx --dory-config config.json",
    },
    right: {
      files: { "net.onnx": relu, "config.json": '{ "BNRelu_bits": 32 }\n' },
      command: "import net.onnx --dory-config config.json",
    },
  },
  {
    id: "file/no-goldens",
    title: "a folder of goldens holds no tensor to compare with",
    why: `Goldens are recognised by their names: out_layerN.txt, outputs.npz, activations.npz, a single .npz, or .npy files named as values of the
graph; docs/file-formats.md lists them. A comparison with nothing would pass, so it is refused. Rename your files accordingly.`,
    wrong: {
      files: { "net.pir": net, "goldens/input.txt": values, "goldens/result.txt": values },
      command: "verify net.pir --engine wasm --against goldens",
    },
    right: {
      files: { "net.pir": net, "goldens/input.txt": values, "goldens/output.txt": values },
      command: "verify net.pir --engine wasm --against goldens",
    },
  },
  {
    id: "file/no-inputs",
    title: "a folder of goldens does not hold the inputs that they belong to",
    why: `Goldens say what the network gives for certain inputs; without these nothing can be run. Put them beside the goldens (input.txt,
inputs.npz, or .npy files named as the inputs), or give them with --input.`,
    ...calledBetter(
      { "net.pir": net, "x.txt": values, "goldens/output.txt": values },
      "verify net.pir --engine wasm --against goldens",
      "verify net.pir --engine wasm --against goldens --input x.txt",
    ),
  },
];
