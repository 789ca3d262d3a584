import { type Command, exit, UsageError } from "../command.js";
import { passNames } from "../scaffold/names.js";
import { passSource, passTest } from "../scaffold/pass-template.js";
import { scaffold } from "../scaffold/write.js";

export const command: Command = {
  name: "pass",
  summary: "make a pass of your own, with its test",
  args: "new NAME",
  positionals: { min: 2, max: 2 },
  details: `Writes passes/NAME.ts (.js where the configuration is one) with a rule to begin with and passes/NAME.test.mjs, and adds the pass
to pulsec.config.ts, which it makes where there is none. node --test runs the test.`,
  options: {},
  examples: [
    ["pass new pool-first", "passes/pool-first.ts and its test"],
    ["opt net.pir --passes pool-first --print-changed", "and what it does to a network"],
  ],
  async run(call) {
    const [verb, wish] = call.args as [string, string];
    if (verb !== "new") throw new UsageError(`pass knows new, not ${verb}`);
    const names = passNames(wish);
    const taken = [
      ...(await call.toolchain.passes()).map((p) => p.name),
      ...Object.keys(call.toolchain.pipelines),
    ];
    if (taken.includes(names.name)) throw new UsageError(`there is a pass or pipeline ${names.name} already`);
    const written = scaffold(call, {
      files: (ending) =>
        new Map([
          [`passes/${names.name}${ending}`, passSource(names, ending === ".ts")],
          [`passes/${names.name}.test.mjs`, passTest(names, ending)],
        ]),
      entry: {
        list: "passes",
        identifier: names.identifier,
        from: (ending) => `./passes/${names.name}${ending}`,
      },
    });
    call.print(`next: node --test, then pulsec opt MODEL --passes ${names.name} --print-changed`);
    call.emit({ ok: true, written });
    return exit.ok;
  },
};
