/** Cases in a process of their own, which is ended when one takes too long or too much. */
import { type ChildProcess, fork } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Answer, type Case, limits, ready, type Verdict } from "./formats.js";

/** How a case ended: `fault` says what was thrown, or which limit was passed. */
export interface Outcome {
  readonly case: Case;
  readonly verdict: Verdict | "fault";
  readonly milliseconds: number;
  /** The largest resident memory of the process up to the end of this case. */
  readonly peak: number;
  readonly fault?: string;
}

/** What a garbage collection that runs beside may take. */
const graceMs = 1_500;
/** Of any time, for what waits instead of working, and on systems that do not tell processor times. */
const patienceMs = 60_000;
const lookMs = 100;
/** A process that holds this much between cases is replaced: its next case is not to blame for it. */
const tired = limits.bytes / 2;
/** Node's own heap; the rest of the limit is for arrays outside of it. */
const heapMiB = 640;

const program = fileURLToPath(new URL("./worker.js", import.meta.url));

async function start(): Promise<ChildProcess> {
  const child = fork(program, [], {
    execArgv: [`--max-old-space-size=${heapMiB}`],
    serialization: "advanced",
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  await new Promise<void>((resolve, reject) => {
    child.once("message", () => resolve());
    child.once("exit", (code) => reject(new Error(`a worker ended with ${code} before it was ${ready}`)));
  });
  child.removeAllListeners("exit");
  return child;
}

function procFile(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    return "";
  }
}

/** Resident bytes of a process, 0 where the system does not say. */
const residentBytes = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(procFile(pid, "status"))?.[1] ?? 0) * 1024;

/** Milliseconds of processor time, user and system (proc(5): fields 14 and 15, in hundredths of a second). */
function processorMs(pid: number): number {
  const fields = procFile(pid, "stat")
    .replace(/^.*\) /s, "")
    .split(" ");
  return 10 * (Number(fields[11] ?? 0) + Number(fields[12] ?? 0));
}

export interface Pool {
  /** Runs the cases in order; `onOutcome` hears of each as it ends. */
  run(cases: readonly Case[], onOutcome: (outcome: Outcome) => void): Promise<void>;
  close(): void;
}

export function openPool(): Pool {
  let child: ChildProcess | undefined;
  const close = () => {
    child?.kill("SIGKILL");
    child = undefined;
  };
  return {
    async run(cases, onOutcome) {
      let rest = cases;
      while (rest.length > 0) {
        child ??= await start();
        const batch = await runBatch(child, rest, onOutcome);
        rest = rest.slice(batch.done);
        if (!batch.alive) close();
      }
    },
    close,
  };
}

interface Batch {
  readonly done: number;
  readonly alive: boolean;
}

/** Runs cases until all are done, one passes a limit, or the process has grown. */
function runBatch(
  child: ChildProcess,
  cases: readonly Case[],
  onOutcome: (outcome: Outcome) => void,
): Promise<Batch> {
  let done = 0;
  let running: { readonly since: number; readonly used: number } | undefined;
  let [peak, errors] = [0, ""];
  return new Promise((resolve) => {
    const end = (alive: boolean) => {
      clearInterval(watch);
      child.removeAllListeners();
      child.stderr!.removeAllListeners("data");
      if (!alive) child.kill("SIGKILL");
      resolve({ done, alive });
    };
    const guilty = (fault: string) => {
      const milliseconds = running ? processorMs(child.pid!) - running.used : 0;
      const c = cases[done]!;
      done++;
      onOutcome({ case: c, verdict: "fault", milliseconds, peak, fault });
      end(false);
    };
    const watch = setInterval(() => {
      if (!running) return;
      const bytes = residentBytes(child.pid!);
      peak = Math.max(peak, bytes);
      if (bytes > limits.bytes) guilty("memory: more than 1 GiB");
      else if (
        processorMs(child.pid!) - running.used > limits.milliseconds + graceMs ||
        performance.now() - running.since > patienceMs
      )
        guilty("time: more than 5 s");
    }, lookMs);
    child.stderr!.on("data", (text) => (errors = (errors + text).slice(-4000)));
    child.on("exit", (code, signal) => guilty(`the process ended: ${signal ?? code} ${firstLines(errors)}`));
    child.on("message", (message: number | Answer) => {
      if (typeof message === "number") {
        running = { since: performance.now(), used: processorMs(child.pid!) };
        return;
      }
      running = undefined;
      done++;
      peak = Math.max(peak, message.peak);
      onOutcome(outcomeOf(cases[message.index]!, message));
      if (done === cases.length) end(message.peak < tired);
      else if (message.peak >= tired) end(false);
    });
    child.send(cases as Case[]);
  });
}

function outcomeOf(c: Case, { outcome, milliseconds, peak, stack }: Answer): Outcome {
  const fault =
    stack ??
    (milliseconds > limits.milliseconds
      ? "time: more than 5 s"
      : peak > limits.bytes
        ? "memory: more than 1 GiB"
        : undefined);
  const verdict = fault === undefined ? outcome : "fault";
  return { case: c, verdict, milliseconds, peak, ...(fault === undefined ? {} : { fault }) };
}

const firstLines = (text: string) => text.trim().split("\n").slice(0, 3).join(" | ");
