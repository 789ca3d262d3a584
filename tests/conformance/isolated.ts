/** Cases in a process of their own: one that takes too long, or brings the process down, is a failed case. */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { CaseFolder } from "./cases.js";
import type { Outcome } from "./run.js";

export interface Isolated {
  run(c: CaseFolder): Promise<readonly Outcome[]>;
  end(): void;
}

/** Runs cases of the suite `onnx`, each within `seconds`. */
export function isolated(seconds = 60): Isolated {
  let worker: ChildProcess | undefined;
  const end = () => {
    worker?.kill("SIGKILL");
    worker = undefined;
  };
  return {
    end,
    async run(c) {
      worker ??= fork(fileURLToPath(new URL("./worker.js", import.meta.url)));
      const found = await answer(worker, c, seconds);
      if (typeof found !== "string") return found;
      end();
      return [{ name: c.name, verdict: "FAIL", kind: "no result", reason: found }];
    },
  };
}

/** The worker's outcomes, or why there are none. */
function answer(worker: ChildProcess, c: CaseFolder, seconds: number): Promise<readonly Outcome[] | string> {
  return new Promise((resolve) => {
    const settle = (result: readonly Outcome[] | string) => {
      clearTimeout(timer);
      worker.removeAllListeners();
      resolve(result);
    };
    const timer = setTimeout(() => settle(`it takes more than ${seconds} s`), seconds * 1000);
    worker.once("message", (m) => settle(m as readonly Outcome[]));
    worker.once("error", (e) => settle(`its process broke down: ${e.message}`));
    worker.once("exit", (code, signal) => settle(`its process ended with ${signal ?? `code ${code}`}`));
    worker.send(c);
  });
}
