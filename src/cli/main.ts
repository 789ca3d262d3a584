#!/usr/bin/env node
/** The program `pulsec`: hands arguments and streams of the process on. The only place that prints or exits. */
import { exit } from "./command.js";
import { lineOn } from "./progress.js";
import { pulsec } from "./pulsec.js";

// A reader that went away (head, a closed pipe) ends us quietly; a full disk does not.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (e: NodeJS.ErrnoException) =>
    process.exit(e.code === "EPIPE" ? exit.ok : exit.wrongInput),
  );
}

process.exitCode = await pulsec(process.argv.slice(2), {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  ...(process.stderr.isTTY ? { progress: lineOn(process.stderr) } : {}),
});
