/** The debugger's server, spoken to as GDB does. */
import { connect, type Socket } from "node:net";
import * as assert from "uvu/assert";
import { loadElf } from "../../src/backends/gap8sim/elf.js";
import { createPacketReader, packet, wordFrom, wordHex } from "../../src/backends/gap8sim/gdb/packets.js";
import { registerCount, targetXml } from "../../src/backends/gap8sim/gdb/registers.js";
import { serveGdb } from "../../src/backends/gap8sim/gdb/server.js";
import { createSimulation, type RunEnd } from "../../src/backends/gap8sim/simulate.js";
import { exitWith, onTwoCores } from "../../src/explain/elf.js";
import { unwrap } from "../../src/ir/diagnostic.js";
import { suite } from "../harness.js";
import { code, l2, tinyElf } from "./tiny-elf.js";

const test = suite("gap8sim gdb");
const bytes = (text: string) => Uint8Array.from(Buffer.from(text, "latin1"));

/** What a reader makes of bytes, in words. */
function heard(...pieces: readonly string[]): readonly string[] {
  const found: string[] = [];
  const reader = createPacketReader({
    packet: (data) => found.push(data),
    damaged: () => found.push("damaged"),
    interrupt: () => found.push("interrupt"),
    noise: () => found.push("noise"),
  });
  for (const piece of pieces) reader.push(bytes(piece));
  return found;
}

test("packets are framed, escaped and checked, however they are split", () => {
  assert.is(packet("OK"), "$OK#9a");
  const odd = "a}b#c$d*e";
  assert.equal(heard(packet(odd)), [odd]);
  assert.equal(heard(...packet(odd)), [odd]);
  assert.equal(heard("+$?#3f+$g#67\x03"), ["?", "g", "interrupt"]);
  assert.equal(heard("$g#68", "$g#67"), ["damaged", "g"]);
  assert.is(heard("GET / HTTP/1.1\r\n")[0], "noise");
  assert.equal(heard(`$${"x".repeat(70_000)}`).includes("noise"), true);
  assert.is(wordFrom(wordHex(-559038737)), -559038737);
});

interface Client {
  /** Sends a request and gives its answer; `O` packets before it are kept in `output`. */
  ask(request: string): Promise<string>;
  /** The next packet that comes by itself. */
  next(): Promise<string>;
  raw(text: string): void;
  readonly output: string[];
  readonly socket: Socket;
}

function clientOf(port: number): Client {
  const socket = connect(port, "127.0.0.1");
  const packets: string[] = [];
  const output: string[] = [];
  let wake: (() => void) | undefined;
  const reader = createPacketReader({
    packet: (data) => {
      socket.write("+");
      if (/^O[\da-f]+$/.test(data)) output.push(Buffer.from(data.slice(1), "hex").toString());
      else packets.push(data);
      wake?.();
    },
    damaged: () => packets.push("damaged"),
    interrupt: () => {},
    noise: () => {},
  });
  socket.on("data", (data) => reader.push(data));
  socket.on("error", () => {});
  socket.on("close", () => wake?.());
  const next = async () => {
    while (packets.length === 0 && !socket.closed) await new Promise<void>((resolve) => (wake = resolve));
    return packets.shift() ?? "closed";
  };
  const raw = (text: string) => void socket.write(text, "latin1");
  return {
    ask: (request) => {
      raw(packet(request));
      return next();
    },
    next,
    raw,
    output,
    socket,
  };
}

/** A program under a debugger, which `body` plays; how the program ended. */
async function debugged(
  words: readonly number[],
  body: (client: Client, port: number) => Promise<void>,
): Promise<RunEnd | undefined> {
  const elf = tinyElf({ segments: [{ address: l2, data: code(...words), size: 0x1000 }] });
  const simulation = unwrap(createSimulation(unwrap(loadElf(elf, "a.elf")), { debugging: true }));
  let listening: (port: number) => void = () => {};
  const started = new Promise<number>((resolve) => (listening = resolve));
  const end = serveGdb(simulation, { port: 0, onListening: listening });
  const port = await started;
  const client = clientOf(port);
  await body(client, port);
  const ended = await end;
  client.socket.destroy();
  return ended;
}

const hex = (n: number) => n.toString(16);
/** lui s0, L2; addi a0, x0, 5; loop: sw a0, 0x100(s0); lw a1, 0x100(s0); addi a0, a0, -1; bnez a0, loop; exit. */
const counts = [0x1c000437, 0x00500513, 0x10a42023, 0x10042583, 0xfff50513, 0xfe051ae3, ...exitWith(0)];
const pc = async (c: Client) => wordFrom(await c.ask("p20"));
const a0 = async (c: Client) => wordFrom(await c.ask("pa"));

test("registers, memory, breakpoints, steps, watchpoints, and the exit", async () => {
  const end = await debugged(counts, async (c) => {
    assert.match(await c.ask("qSupported:multiprocess+;swbreak+"), /PacketSize=4000;.*vContSupported\+/);
    assert.is(await c.ask("vMustReplyEmpty"), "");
    assert.is(await c.ask("?"), "T05thread:9;");
    assert.is((await c.ask("qXfer:features:read:target.xml:0,fff")).slice(1), targetXml.slice(0, 0xfff));
    assert.is(await c.ask("qfThreadInfo"), "m9");
    assert.is(Buffer.from(await c.ask("qThreadExtraInfo,9"), "hex").toString(), "fabric controller, running");
    assert.is((await c.ask("g")).length, 8 * registerCount);
    assert.is(await c.ask("vCont;s:9;c"), "T05thread:9;");
    assert.is(await pc(c), l2 + 4);
    assert.is(await c.ask(`Z0,${hex(l2 + 8)},4`), "OK");
    for (const left of [5, 4]) {
      assert.is(await c.ask("vCont;c"), "T05thread:9;");
      assert.equal([await pc(c), await a0(c)], [l2 + 8, left]);
    }
    assert.is(await c.ask(`m${hex(l2 + 0x100)},4`), "05000000");
    assert.is(await c.ask("Pa=02000000"), "OK");
    assert.is(await c.ask(`z0,${hex(l2 + 8)},4`), "OK");
    assert.is(await c.ask(`Z2,${hex(l2 + 0x101)},1`), "OK");
    assert.is(await c.ask("c"), `T05thread:9;watch:${hex(l2 + 0x101)};`);
    assert.equal([await pc(c), await c.ask(`m${hex(l2 + 0x100)},4`)], [l2 + 12, "02000000"]);
    assert.is(await c.ask(`z2,${hex(l2 + 0x101)},1`), "OK");
    assert.is(await c.ask(`Z3,${hex(l2 + 0x100)},4`), "OK");
    assert.is(await c.ask("c"), `T05thread:9;rwatch:${hex(l2 + 0x100)};`);
    assert.is(await pc(c), l2 + 16);
    assert.is(await c.ask(`z3,${hex(l2 + 0x100)},4`), "OK");
    // The exit code, written over the instruction that sets it.
    assert.is(await c.ask(`M${hex(l2 + 4 * 8)},4:${wordHex(0x00730313)}`), "OK");
    assert.is(await c.ask(`vCont;r${hex(l2)},${hex(l2 + 0x18)}:9`), "T05thread:9;");
    assert.is(await pc(c), l2 + 0x18);
    assert.is(await c.ask("vCont;c"), "W07");
  });
  assert.equal(end, { kind: "exit", code: 7 });
});

test("what is not there is an error, and what nobody knows an empty answer", async () => {
  await debugged(counts, async (c) => {
    assert.is(await c.ask("m40000000,4"), "E01");
    assert.is(await c.ask("M40000000,1:00"), "E01");
    assert.is(await c.ask(`M${hex(l2)},2:00`), "E01");
    assert.is(await c.ask("p99"), "E01");
    assert.is(await c.ask("P1=zz"), "E01");
    assert.is(await c.ask("Hg3"), "E01", "that core is off");
    assert.is(await c.ask("T3"), "E01");
    assert.is(await c.ask("Z9,0,0"), "");
    assert.is(await c.ask("bs"), "");
    assert.is(await c.ask("vCont;x"), "");
    assert.is(await c.ask(`m${hex(0x1c07fffe)},8`), "0000", "up to the end of L2");
    c.raw("$g#00");
    assert.is(await c.ask("qC"), "QC9");
    assert.match(
      Buffer.from(await c.ask(`qRcmd,${Buffer.from("cycles").toString("hex")}`), "hex").toString(),
      /^0 cycles/,
    );
    assert.match(
      Buffer.from(await c.ask(`qRcmd,${Buffer.from("cores").toString("hex")}`), "hex").toString(),
      /^9: fabric/,
    );
    c.raw(packet("k"));
  });
});

test("cores are threads: each has registers, stops at breakpoints and steps", async () => {
  const body = [0xf1402573, 0x00150593, 0x00150593, 0x0000006f]; // csrr a0, mhartid; addi a1, a0, 1 twice; j .
  const at = l2 + 4 * (onTwoCores(body).length - body.length);
  const end = await debugged(onTwoCores(body), async (c) => {
    await c.ask(`Z0,${hex(at + 4)},4`);
    const first = await c.ask("c");
    const second = await c.ask("c");
    assert.equal([first, second].toSorted(), ["T05thread:1;", "T05thread:2;"]);
    assert.is(await c.ask("qfThreadInfo"), "m1,2,9");
    for (const id of [1, 2]) {
      assert.is(await c.ask(`Hg${id}`), "OK");
      assert.is(await a0(c), id - 1);
    }
    const stopped = Number(/thread:(\d)/.exec(second)![1]);
    assert.is(await c.ask(`vCont;s:${stopped};c`), `T05thread:${stopped};`);
    assert.is(await pc(c), at + 8);
    await c.ask(`z0,${hex(at + 4)},4`);
    assert.is(await c.ask("c"), "W00");
  });
  assert.is(end?.kind, "exit");
});

test("Control-C stops a program that runs for ever; a detached one runs on", async () => {
  await debugged([0x0000006f], async (c) => {
    c.raw(packet("vCont;c"));
    setTimeout(() => c.raw("\x03"), 30);
    assert.is(await c.next(), "T02thread:9;");
    assert.is(await pc(c), l2);
    c.raw(packet("k"));
  });
  const end = await debugged(exitWith(3), async (c) => {
    await c.ask(`Z0,${hex(l2 + 8)},4`);
    await c.ask(`Z2,1a1040a0,4`);
    assert.is(await c.ask("D"), "OK");
  });
  assert.equal(end, { kind: "exit", code: 3 });
});

test("a trap is told in words, with its signal; so is a deadlock", async () => {
  const stray = async (words: readonly number[], signal: string, says: RegExp) => {
    await debugged(words, async (c) => {
      assert.is(await c.ask("c"), signal);
      assert.match(c.output.join(), says);
      c.raw(packet("vKill;1"));
      assert.is(await c.next(), "OK");
    });
  };
  await stray([0x40000537, 0x00052583], "T0bthread:9;", /load of 4 bytes at 0x40000000/);
  await stray([0xffffffff], "T04thread:9;", /is not an instruction/);
  await stray([0x002042b7, 0x0382e503], "T02thread:9;", /waits for an event/);
});

test("only a debugger, and one of them, is let in", async () => {
  await debugged([0x0000006f], async (c, port) => {
    assert.is(await c.ask("qC"), "QC9");
    const other = clientOf(port);
    assert.is(await other.next(), "closed");
    c.socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const browser = clientOf(port);
    browser.raw("POST / HTTP/1.1\r\n\r\n$k#6b");
    assert.is(await browser.next(), "closed");
    await new Promise((resolve) => setTimeout(resolve, 50));
    const again = clientOf(port);
    assert.is(await again.ask("qC"), "QC9");
    again.raw(packet("k"));
    await again.next();
  });
});

test.run();
