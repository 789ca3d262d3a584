import { type Command, exit, UsageError } from "../command.js";
import { opNames } from "../scaffold/names.js";
import { opSource, opSourceJs, opTest } from "../scaffold/op-template.js";
import { scaffold } from "../scaffold/write.js";

export const command: Command = {
  name: "op",
  summary: "make an op of your own, with its test",
  args: "new NAME",
  positionals: { min: 2, max: 2 },
  details: `Writes ops/NAME.ts (.js where the configuration is one) with a float and an integer meaning to begin with and ops/NAME.test.mjs,
and adds the op to pulsec.config.ts, which it makes where there is none. node --test runs the test.`,
  options: {},
  examples: [
    ["op new envelope", "ops/envelope.ts and its test"],
    ["check model.pulse", "a model may call envelope(x) from now on"],
  ],
  async run(call) {
    const [verb, wish] = call.args as [string, string];
    if (verb !== "new") throw new UsageError(`op knows new, not ${verb}`);
    const names = opNames(wish);
    if (call.toolchain.ops.some((o) => o.name === names.name))
      throw new UsageError(`there is an op ${names.name} already`);
    const written = scaffold(call, {
      files: (ending) =>
        new Map([
          [`ops/${names.name}${ending}`, ending === ".ts" ? opSource(names) : opSourceJs(names)],
          [`ops/${names.name}.test.mjs`, opTest(names, ending)],
        ]),
      entry: { list: "ops", identifier: names.identifier, from: (ending) => `./ops/${names.name}${ending}` },
    });
    call.print(`next: node --test, then call ${names.name}(x) in a model`);
    call.emit({ ok: true, written });
    return exit.ok;
  },
};
