/** The diagnostics `dsl/...` on names, calls and blocks. */
import { type Explanation, fixedIn } from "./explanation.js";

const pulse = (wrong: string, right: string) => fixedIn("net.pulse", "check net.pulse", wrong, right);
const model = (statements: string) => `model net {\n  input x: [64, 4]\n${statements}}\n`;

/** Blocks that call one another, each the one above it. */
const tower = (height: number) =>
  `block b0(v) = v |> relu\n${Array.from({ length: height }, (_, i) => `block b${i + 1}(v) = v |> b${i}\n`).join("")}`;

export const dslNameExplanations: readonly Explanation[] = [
  {
    id: "dsl/unknown-name",
    title: "a name is used that nothing above it defines",
    why: `Values, sizes and parameters are known below their definition only, inside the model or block that defines them.
Check the spelling, or move the definition above its first use.`,
    ...pulse(
      model("  encoded = x |> relu\n  output encodet |> tanh\n"),
      model("  encoded = x |> relu\n  output encoded |> tanh\n"),
    ),
  },
  {
    id: "dsl/unknown-call",
    title: "a call names no op and no block that a model can call here",
    why: `Calls are the ops of the IR, blocks defined above, and the functions of shapes (channels, length, size). Ops that exist
in integer graphs only (requant, lut) are made by quantising, never written in a model. docs/dsl.md lists all calls.`,
    ...pulse(model("  output x |> batch_norm\n"), model("  output x |> batchnorm\n")),
  },
  {
    id: "dsl/argument",
    title: "an argument of a call is missing, unknown, written twice or of the wrong kind",
    why: `A call takes its tensors first, then arguments in the order of its signature or as name: value. The help line shows the
signature of the op, or the parameters of the block. A misspelt argument is refused instead of ignored: it would change the network
silently.`,
    ...pulse(
      model("  output x |> conv(out: 8, kernal: 3)\n"),
      model("  output x |> conv(out: 8, kernel: 3)\n"),
    ),
  },
  {
    id: "dsl/kind",
    title: "a block or an op stands where a value is expected",
    why: `Blocks and ops have no value until they are called. Call it with its arguments, or put it behind a pipe.`,
    ...pulse(
      model("  block enc(v) = v |> conv(8, 3) |> relu\n  output enc\n"),
      model("  block enc(v) = v |> conv(8, 3) |> relu\n  output x |> enc\n"),
    ),
  },
  {
    id: "dsl/duplicate-name",
    title: "one name is given to two things",
    why: `Every name is bound once in its scope, so that a line always means the same wherever one starts to read. That holds for
values, blocks, models, parameters and phases; blocks cannot take the name of an op either. Give the second one a name of its own.`,
    ...pulse(
      model("  a = x |> relu\n  a = a |> tanh\n  output a\n"),
      model("  a = x |> relu\n  b = a |> tanh\n  output b\n"),
    ),
  },
  {
    id: "dsl/name",
    title: "the name of a model contains a dot",
    why: `Where a file has several models, params are called MODEL.VALUE.PARAM; a dot inside the first part would make such names
ambiguous. Use an underscore.`,
    ...pulse(
      "model net.v2 {\n  input x: [64, 4]\n  output x |> relu\n}\n",
      "model net_v2 {\n  input x: [64, 4]\n  output x |> relu\n}\n",
    ),
  },
  {
    id: "dsl/unused",
    title: "a value, an input or a searched size is defined and never used",
    why: `It has no effect on any output, which mostly means that a later line reads another name than was intended. This is a
warning: the model is read without it. Use the name, or delete the line.`,
    ...pulse(
      model("  a = x |> conv(8, 3)\n  output x |> conv(8, 3) |> relu\n"),
      model("  a = x |> conv(8, 3)\n  output a |> relu\n"),
    ),
  },
  {
    id: "dsl/block",
    title: "the body of a block holds what a block cannot have",
    why: `A block is expanded where it is called and gives one value there. So its braces hold definitions and one output without a
name; inputs, weights and searches belong to the model, and reach a block through its parameters.`,
    ...pulse(
      model("  block enc(v) { a = v |> relu }\n  output x |> enc\n"),
      model("  block enc(v) { a = v |> relu; output a }\n  output x |> enc\n"),
    ),
  },
  {
    id: "dsl/recursion",
    title: "a block calls itself, directly or through other blocks",
    why: `A call is replaced by the body of its block, so a block that calls itself would grow for ever: there is no condition in the
language that could end it. Write the repetition out, as a pipe of calls.`,
    ...pulse(
      "block enc(v) = v |> relu |> enc\nmodel net {\n  input x: [64, 4]\n  output x |> enc\n}\n",
      "block enc(v) = v |> conv(8, 3) |> relu\nmodel net {\n  input x: [64, 4]\n  output x |> enc |> enc\n}\n",
    ),
  },
  {
    id: "dsl/too-deep",
    title: "blocks call blocks more than 32 levels deep",
    why: `No network is designed in so many levels; such a file is usually generated, or one block calls the wrong other one. Put some
of the blocks in between together.`,
    ...pulse(
      `${tower(32)}model net {\n  input x: [64, 4]\n  output x |> b32\n}\n`,
      `${tower(31)}model net {\n  input x: [64, 4]\n  output x |> b31\n}\n`,
    ),
  },
];
