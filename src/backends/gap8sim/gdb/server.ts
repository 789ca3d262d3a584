/** A server for one debugger, on this machine's loopback address and nowhere else. */
import { createServer, type Socket } from "node:net";
import { clearBreakpoint } from "../debug.js";
import type { RunEnd } from "../runner.js";
import type { Simulation } from "../simulate.js";
import { createPacketReader, packet, textHex } from "./packets.js";
import { type Action, createSession } from "./session.js";

export interface GdbServerOptions {
  /** 0: a free one. */
  readonly port: number;
  /** Gets the port once debuggers can connect. */
  readonly onListening?: (port: number) => void;
}

const loopback = "127.0.0.1";
/** Instructions between two looks at what the debugger sends. */
const slice = 20_000;

/**
 * Serves a simulation that was made with `debugging` until its program ends, or the debugger does: how it ended, or nothing
 * where the debugger killed it. After a detach the program runs on.
 */
export function serveGdb(
  simulation: Simulation,
  { port, onListening }: GdbServerOptions,
): Promise<RunEnd | undefined> {
  return new Promise((resolve, reject) => {
    let client: Socket | undefined;
    const server = createServer((socket) => {
      // One at a time: two debuggers would move each other's program.
      if (client) return void socket.destroy();
      client = socket;
      attend(simulation, socket, (outcome) => {
        client = undefined;
        forget(simulation);
        if (outcome === "gone") return;
        server.close();
        resolve(outcome === "killed" ? undefined : outcome === "detached" ? simulation.run() : outcome);
      });
    });
    server.on("error", reject);
    server.listen(port, loopback, () => {
      const address = server.address();
      onListening?.(typeof address === "object" && address ? address.port : port);
    });
  });
}

/** Takes out what a debugger has left behind. */
function forget({ machine }: Simulation): void {
  machine.watches.length = 0;
  for (const { code } of machine.cores) for (const at of code.breakpoints) clearBreakpoint(machine, at);
}

type Outcome = RunEnd | "killed" | "detached" | "gone";

/** Talks to one debugger. */
function attend(simulation: Simulation, socket: Socket, leave: (outcome: Outcome) => void): void {
  const session = createSession(simulation);
  let acknowledges = true;
  let isRunning = false;
  let isInterrupted = false;
  let isOver = false;
  const send = (data: string) => void socket.write(packet(data), "latin1");
  const finish = (outcome: Outcome) => {
    if (isOver) return;
    isOver = true;
    socket.end();
    leave(outcome);
  };
  const tellStop = (end: RunEnd) => {
    isRunning = false;
    if (end.kind !== "exit" && end.kind !== "breakpoint" && end.kind !== "watchpoint")
      send(`O${textHex(`${end.trap.text}\n${end.trap.waits.map((w) => `${w}\n`).join("")}`)}`);
    send(session.stopped(end));
    if (end.kind === "exit") finish(end);
  };
  const runOn = () => {
    if (isOver) return;
    if (isInterrupted) {
      isRunning = isInterrupted = false;
      return send(session.interrupted());
    }
    const end = simulation.run(slice);
    if (end.kind === "budget") setImmediate(runOn);
    else tellStop(end);
  };
  const act = (action: Action) => {
    if (action.kind === "stopped") return tellStop(action.end);
    if (action.kind === "kill") return finish("killed");
    if (action.kind === "detach") return finish("detached");
    isRunning = true;
    setImmediate(runOn);
  };
  const reader = createPacketReader({
    packet: (data) => {
      if (isOver) return;
      if (acknowledges) socket.write("+");
      if (isRunning) return;
      const { text, action } = session.request(data);
      if (text !== undefined) send(text);
      if (data === "QStartNoAckMode") acknowledges = false;
      if (action) act(action);
    },
    damaged: () => void (acknowledges && socket.write("-")),
    interrupt: () => {
      if (isRunning) isInterrupted = true;
    },
    // No debugger: a browser, or a scanner of ports. Nothing more of it is heard.
    noise: () => {
      finish("gone");
      socket.destroy();
    },
  });
  socket.setNoDelay(true);
  socket.on("data", (bytes) => reader.push(bytes));
  socket.on("error", () => socket.destroy());
  socket.on("close", () => finish("gone"));
}
