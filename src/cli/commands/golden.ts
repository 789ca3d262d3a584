import { type Command, oneOf, UsageError } from "../command.js";
import { genVectors } from "../golden/gen.js";
import { newBinding } from "../golden/new.js";
import { testKernel } from "../golden/test.js";
import { modelOptions } from "../model.js";

const verbs = { new: newBinding, gen: genVectors, test: testKernel } as const;

export const command: Command = {
  name: "golden",
  summary: "golden-test your own C kernels against the integer specification",
  args: "new OP | gen OP|BINDING|MODEL | test KERNEL.c...",
  positionals: { min: 1, max: 64 },
  details: `new   writes NAME.golden.json, which says how your C function is called (order of arguments, layouts, packing, rounding), and
      NAME_adapter.c, which calls it. OP is an op or one of conv1d, conv2d, depthwise1d, depthwise2d, maxpool2d, ...; with
      +requant the kernel also rescales its sums: conv2d+requant. Without OP: what there is.
gen   writes vectors of a binding, of an op, or of every layer of a model: extremes, borders, odd channels, lanes of packed
      bytes, then random ones.
test  compiles the kernel with sanitizers and guards, and compares every vector with the engine int. Exit code 3 at the first
      difference, with the smallest shape that still fails and the likely cause. With --target gap8 it runs on the simulated
      cluster instead, data in L1, and its cycles are printed beside those of pulsec's own kernel.`,
  options: {
    kernel: { type: "string", value: "NAME", help: "new: the C function; default my_OP" },
    storage: {
      type: "string",
      value: "x=u4,w=i4",
      multiple: true,
      help: "new, gen: storage of tensors where it is not the usual one",
    },
    rounding: {
      type: "string",
      value: "floor|half-up",
      help: "new: how the kernel requantises; default floor",
    },
    binding: {
      type: "string",
      value: "FILE",
      help: "test: the binding; default the .golden.json beside the kernel",
    },
    target: {
      type: "string",
      short: "t",
      value: "host|gap8",
      help: "test: run on this machine, or on the simulator of GAP8, with cycles; default host",
    },
    cores: {
      type: "string",
      value: "8,1",
      multiple: true,
      help: "test: numbers of cores in place of the binding's",
    },
    profile: {
      type: "string",
      value: "gvsoc,rtl",
      multiple: true,
      help: "test, gap8: timing models of the simulator; default gvsoc",
    },
    model: {
      type: "string",
      value: "MODEL",
      help: "test: also the layers of this model that the kernel is for",
    },
    format: {
      type: "string",
      value: "npz,dory,c",
      multiple: true,
      help: "gen: formats of the files; default npz",
    },
    vectors: { type: "string", value: "N", help: "random vectors behind the systematic ones; default 32" },
    seed: { type: "string", value: "N", help: "seed of the first random vector; default 1" },
    output: {
      type: "string",
      short: "o",
      value: "DIR",
      help: "new, gen: folder to write to; default new: here, gen: golden",
    },
    ...modelOptions,
  },
  examples: [
    ["golden new conv2d+requant --kernel my_conv", "my_conv.golden.json and my_conv_adapter.c"],
    ["golden test my_conv.c", "is my_conv what int says, bit for bit?"],
    ["golden test my_conv.c --target gap8 --cores 8,1", "the same on gap8sim, and how fast it is"],
    ["golden gen my_conv.golden.json --format c -o vectors", "the vectors as a C header"],
    ["golden gen net.pmod --format dory -o vectors", "every layer of a network as DORY's text files"],
  ],
  async run(call) {
    const verb = oneOf("golden command", call.args[0]!, Object.keys(verbs) as (keyof typeof verbs)[]);
    const rest = call.args.slice(1);
    if (rest.length === 0 && verb !== "new") throw new UsageError(`golden ${verb} needs to know of what`);
    return verbs[verb](call, rest);
  },
};
