/** The diagnostics `dsl/...` on what a model computes: sizes, shapes, inputs, outputs, searches. */
import { type Explanation, fixedIn } from "./explanation.js";

const pulse = (wrong: string, right: string) => fixedIn("net.pulse", "check net.pulse", wrong, right);
const model = (statements: string, input = "x: [64, 4]") => `model net {\n  input ${input}\n${statements}}\n`;

const printable = (batch: string) =>
  `graph @net(%x: f32[${batch}x4x1]) -> (%y: f32[${batch}x4x1]) stage float {\n  %y = relu %x : f32[${batch}x4x1]\n}\n`;
export const dslModelExplanations: readonly Explanation[] = [
  {
    id: "dsl/shape",
    title: "an op does not accept the shapes that it is given",
    why: `The shape of every value is known while a model is read, so a window that does not fit, channels that differ or groups that do
not divide are found at the call and not on the device. The message shows the shapes of the tensors. Inside a block, the notes
lead from the op to the calls that brought these shapes there.`,
    ...pulse(
      model("  a = x |> conv(out: 4, kernel: 3)\n  output a + x\n"),
      model("  a = x |> conv(out: 4, kernel: 3, pad: same)\n  output a + x\n"),
    ),
  },
  {
    id: "dsl/arithmetic",
    title: "an operator does not apply to what stands beside it",
    why: `Sizes are whole numbers, and a division of sizes must come out even: a rounded size is one that nobody decided on. Between
tensors there are + - *, and a tensor may be divided by a number; words, texts and lists join nothing. To round a size down, write
(a - a % b) / b.`,
    ...pulse(
      model("  output x |> conv(out: 6 / 4, kernel: 1)\n"),
      model("  output x |> conv(out: 6 / 3, kernel: 1)\n"),
    ),
  },
  {
    id: "dsl/unit",
    title: "a number with a unit stands where a size is expected",
    why: `Units (KiB, MHz) belong to the settings of deploy. Sizes in a model count elements or channels and are plain numbers.`,
    ...pulse(
      model("  output x |> conv(out: 8KiB, kernel: 3)\n"),
      model("  output x |> conv(out: 8, kernel: 3)\n"),
    ),
  },
  {
    id: "dsl/input",
    title: "an input is missing, has no usable sizes, or stands too low",
    why: `An input states its sizes: [length, channels], [height, width, channels] or [features], each at least 1. The batch is implicit
and becomes the symbolic dimension N of the graph. Inputs stand above everything that is computed, so that the head of a model is its
interface.`,
    ...pulse(model("  output x |> relu\n", "x: [N, 64, 4]"), model("  output x |> relu\n")),
  },
  {
    id: "dsl/output",
    title: "a model has no output, or an output that cannot be one",
    why: `What no output leads to is never computed, so a model without one is empty. An output is a tensor, is listed once, and a value
that has a name already keeps it: goldens and firmware find it under that one name.`,
    ...pulse(model("  y = x |> relu\n"), model("  output y = x |> relu\n")),
  },
  {
    id: "dsl/search",
    title: "a search declaration is not a choice of two or more sizes",
    why: `search NAME = choice(...) lists the sizes that a search may take: different whole numbers of at least 1. The float graph is built
with the largest of them. One choice alone is a plain size: write NAME = 8.`,
    ...pulse(
      model("  search width = choice(8)\n  output x |> conv(width, 3)\n"),
      model("  search width = choice(4, 8)\n  output x |> conv(width, 3)\n"),
    ),
  },
  {
    id: "dsl/too-large",
    title: "a file, or the model that it describes, is larger than is read",
    why: `The limits (docs/dsl.md lists them) lie far above networks for microcontrollers and keep a slip in a size, or blocks that
multiply, from taking all memory. Check the sizes at the place shown: a linear layer on an unpooled sequence is the usual cause.`,
    ...pulse(
      model("  output x |> flatten |> linear(100000)\n"),
      model("  output x |> global_avgpool |> flatten |> linear(100)\n"),
    ),
  },
  {
    id: "dsl/random-weights",
    title: "a model names no weights, so random ones stand in",
    why: `A model can be checked, run and compiled before it is trained; its numbers are then seeded random ones (He-uniform), the same
every time, and mean nothing. This is a note, not an error. Name the file of trained params with weights "net.pmod".`,
    wrong: {
      files: { "net.pulse": model("  output y = x |> conv(out: 8, kernel: 5)\n") },
      command: "check net.pulse",
    },
    right: {
      files: {
        "untrained.pulse": model("  output y = x |> conv(out: 8, kernel: 5)\n"),
        "net.pulse": model('  weights "trained.pmod"\n  output y = x |> conv(out: 8, kernel: 5)\n'),
      },
      before: ["import untrained.pulse -o trained.pmod"],
      command: "check net.pulse",
    },
  },
  {
    id: "dsl/weights",
    title: "the weights that a model names cannot be used",
    why: `The file lies beside the .pulse file and holds every param under the name that the model gives it, as f32 of the same shape.
One that is missing or differs would leave a network that is partly random, so nothing is taken from such a file. Train or import the
model anew, or leave the line out to work with random weights.`,
    wrong: {
      files: { "net.pulse": model('  weights "trained.pmod"\n  output y = x |> conv(out: 8, kernel: 5)\n') },
      command: "check net.pulse",
    },
    right: {
      files: {
        "untrained.pulse": model("  output y = x |> conv(out: 8, kernel: 5)\n"),
        "net.pulse": model('  weights "trained.pmod"\n  output y = x |> conv(out: 8, kernel: 5)\n'),
      },
      before: ["import untrained.pulse -o trained.pmod"],
      command: "check net.pulse",
    },
  },
  {
    id: "dsl/print",
    title: "a graph cannot be printed as a model",
    why: `Models are float, have a batch N, and make the params of their ops; a graph that is quantised, has a fixed batch, shares weights
between ops or adds a vector of constants has no such form. Its IR text (.pir) says everything: print it with pulsec import.`,
    ...fixedIn("net.pir", "import net.pir -o model.pulse", printable("1"), printable("N")),
  },
];
