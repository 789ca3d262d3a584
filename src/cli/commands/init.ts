import { existsSync } from "node:fs";
import path from "node:path";
import { type Command, exit } from "../command.js";
import { projectFiles } from "../scaffold/project.js";
import { writeNew } from "../scaffold/write.js";
import { version } from "../version.js";

/** As npm allows names. */
const packageName = (folder: string): string =>
  path
    .basename(path.resolve(folder))
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/^[._-]+/, "") || "network";

export const command: Command = {
  name: "init",
  summary: "a first project: model, data, configuration",
  args: "[DIR]",
  standalone: true,
  positionals: { min: 0, max: 1 },
  details: `Writes into DIR, or here. A package.json that is there (npm install makes one) stays as it is; where another of the files is
there already, nothing is written.`,
  options: {},
  examples: [["init waves && cd waves && npm install", "a project in a folder of its own"]],
  async run(call) {
    const folder = call.args[0] ?? ".";
    const files = new Map(projectFiles(packageName(folder), version));
    const kept = path.join(folder, "package.json");
    if (existsSync(kept)) {
      files.delete("package.json");
      call.note(`${kept} stays as it is`);
    }
    const written = writeNew(folder, files);
    for (const file of written) call.note(`wrote ${file}`);
    const enter = call.args[0] === undefined ? "" : `cd ${folder} && `;
    call.print(`next: ${enter}npx pulsec compile model.pulse -o out && npx pulsec verify out`);
    call.emit({ ok: true, written });
    return exit.ok;
  },
};
