/**
 * Compiles a basic block to a JavaScript function: operands and static cycles become constants, accesses to the core's
 * own memory are inline, everything else calls the functions that the interpreter uses.
 *
 * The function is one `switch` over `core.entry`: a block is left before an access that must wait for another core, and
 * entered again there; so is one whose access is done out of line. A block that loops to itself (hardware loop or branch)
 * does so inside.
 *
 * What the JavaScript engine makes of it matters: the time `t` is handed to other functions as `t + 0` and taken back with
 * a unary plus, so that it stays an unboxed number in the block; arrays are bound and not passed, so that they are
 * constants, and one check of the core's number serves all of them.
 */
import * as helpers from "../instructions/helpers.js";
import type { Decoded } from "../instructions/index.js";
import { slowAccess, waitForEvent } from "./access.js";
import { bankWindow } from "./banks.js";
import { type Block, type CodeStore, entryOf, isMarker, loopPlace, placeBits, type Run } from "./block.js";
import { type Core, horizonSlot, limitSlot, nearSlot } from "./contract.js";
import { brokenLoop, lateHazard, loopActive, registerTarget, setLoop, system } from "./control-flow.js";
import { accessCsr } from "./csr.js";
import { enterBlock } from "./icache.js";
import { divide } from "./interpret.js";

const runtime = {
  ...helpers,
  slowAccess,
  waitForEvent,
  brokenLoop,
  lateHazard,
  loopActive,
  registerTarget,
  setLoop,
  system,
  accessCsr,
  enterBlock,
  divide,
};

/** What the emission of a block needs to know and collects. */
interface Emission {
  readonly store: CodeStore;
  readonly block: Block;
  readonly period: number;
  readonly lines: string[];
  /** Static cycles since `t` was last brought up to date. */
  pending: number;
  /** Brings `n`, the cycle of `t`, up to date; nothing where no bank is asked for. */
  readonly cycle: string;
}

/** A place in the state of the core: see `CodeStore.places`. */
const at = (place: number): string => `p${place}[r]`;
const reg = (r: number): string => (r === 0 ? "0" : at(r));

function settle(e: Emission): void {
  if (e.pending > 0) {
    e.lines.push(`t += ${e.pending * e.period};${e.cycle === "" ? "" : ` n = n + ${e.pending} | 0;`}`);
  }
  e.pending = 0;
}

/** Leaves the block for the address `target`. */
const go = (target: number | string): string => `{ e = 0; g = ${target}; break run; }`;

/** A place where the block may be left, after the time in a slot of the clock, and entered again: before instruction k. */
function syncPoint(e: Emission, k: number, slot: number): void {
  settle(e);
  e.lines.push(`case ${k + 1}: if (t > clock[${slot}]) { e = ${k + 1}; break run; }`);
}

/** The expression of a value instruction with its operands put in; those used more than once get a name. */
function expression(d: Decoded, pc: number): { before: string; text: string } {
  const operands: Readonly<Record<string, string>> = {
    a: reg(d.rs1),
    b: reg(d.rs2),
    d: reg(d.rd),
    i: d.imm < 0 ? `(${d.imm})` : `${d.imm}`,
    j: d.imm2 < 0 ? `(${d.imm2})` : `${d.imm2}`,
    pc: `${pc}`,
  };
  const { code } = entryOf(d);
  const names = ["a", "b", "d"].filter((v) => (code.match(new RegExp(`\\b${v}\\b`, "g"))?.length ?? 0) > 1);
  const before = names.map((v) => `const ${v} = ${operands[v]};`).join(" ");
  const text = code.replace(/\b(?:a|b|d|i|j|pc)\b/g, (v) => (names.includes(v) ? v : operands[v]!));
  return { before, text };
}

function emitValue(e: Emission, k: number): void {
  const d = e.block.code[k]!;
  const { timing, name } = entryOf(d);
  if (isMarker(d)) {
    syncPoint(e, k, limitSlot);
    e.lines.push(`c.machine.marker(c, ${d.imm}, t + 0);`);
  }
  if (timing === "div") {
    settle(e);
    e.lines.push(`t += +divide(c, block, ${reg(d.rs2)}, ${!name.endsWith("u")}); ${e.cycle}`);
  }
  if (d.rd !== 0) {
    const { before, text } = expression(d, e.block.pcs[k]!);
    const assign = `${reg(d.rd)} = ${text};`;
    e.lines.push(before === "" ? assign : `{ ${before} ${assign} }`);
  }
  e.pending += e.block.cycles[k]!;
}

const views = { 1: "B", 2: "H", 4: "W" } as const;

/** A load or store: inline in the core's own memory if it is aligned and its bank is free. */
function emitAccess(e: Emission, k: number): void {
  const { block, store: code, lines } = e;
  const d = block.code[k]!;
  const { kind, format, size, signed } = entryOf(d);
  const isLoad = kind === "load";
  const isCluster = code.kind === "cluster";
  const post = format.endsWith("-post");
  const register = format.includes("-reg") ? reg(isLoad ? d.rs2 : d.rs3) : undefined;
  const offset = register ?? `${d.imm}`;
  const base = reg(d.rs1);
  syncPoint(e, k, nearSlot);
  lines.push(`m = ${post || offset === "0" ? base : `${base} + ${offset} | 0`};`);
  if (post && register) lines.push(`after = m + ${offset} | 0;`);
  if (code.machine.checking) lines.push(`e = ${slowLabel(block, k)}; continue;`);
  else {
    const width = size as 1 | 2 | 4;
    const view = `${width === 4 || signed || !isLoad ? "" : "U"}${views[width]}`;
    const element = `${view}[(m & 65535)${width === 1 ? "" : ` >> ${width >> 1}`}]`;
    const other = `(m & ${0xffff0000 | (width - 1)}) !== ${isCluster ? 0x10000000 : 0x1b000000}`;
    const claimed = `taken[q = ((n & ${bankWindow - 1}) << 4) + (m >> 2 & 15)] >= t`;
    lines.push(
      `if (${other}${isCluster ? ` || ${claimed}` : ""}) { e = ${slowLabel(block, k)}; continue; }`,
      isCluster ? "taken[q] = t; owner[q] = id;" : "",
      isLoad ? (d.rd === 0 ? "" : `${reg(d.rd)} = ${element};`) : `${element} = ${reg(d.rs2)};`,
    );
  }
  lines.push(`case ${doneLabel(block, k)}:`);
  if (post && d.rs1 !== 0) lines.push(`${base} = ${register ? "after" : `m + ${offset} | 0`};`);
  e.pending += block.cycles[k]!;
}

/** Labels behind the access that is instruction k, and of the place where it is done if not inline (no case of its own). */
const doneLabel = ({ code }: Block, k: number): number => code.length + k + 1;
const slowLabel = ({ code }: Block, k: number): number => 2 * code.length + k + 1;

/** All accesses that are not done inline. */
const emitSlow = ({ block, cycle }: Emission): string =>
  [
    `default: t = +slowAccess(c, block, e - ${slowLabel(block, 0)}, m, t + 0); if (t < 0) return ${block.pc};`,
    `${cycle} e -= ${block.code.length};`,
  ].join("\n");

function emitCsr(e: Emission, k: number): void {
  const d = e.block.code[k]!;
  const { name, format } = entryOf(d);
  const immediate = format === "csri";
  const writes = immediate ? d.imm2 !== 0 : d.rs1 !== 0;
  settle(e);
  const call = `accessCsr(c, "${name}", ${d.imm}, ${immediate ? d.imm2 : reg(d.rs1)}, ${writes}, t + 0)`;
  e.lines.push(d.rd === 0 ? `${call};` : `${reg(d.rd)} = ${call};`);
  e.pending += e.block.cycles[k]!;
}

/** Goes to a known address; within the block if that is the block itself. */
const goTo = ({ block }: Emission, target: number): string =>
  target === block.pc ? `{ if (t <= clock[${horizonSlot}]) { e = 0; continue; } ${go(target)} }` : go(target);

/** The check at the last instruction of a loop: both loops, the inner first. */
function emitLoopEnd(e: Emission, pc: number): void {
  const { lines, block, store: code } = e;
  const late =
    code.timing.hazards === "dynamic"
      ? (to: string) => `t += +lateHazard(c, block, ${to}); ${e.cycle}`
      : () => "";
  for (const first of [loopPlace, loopPlace + 3]) {
    const [start, end, count] = [at(first), at(first + 1), at(first + 2)];
    lines.push(
      `if (${count} !== 0 && ${end} === ${pc} && (${count} = ${count} - 1) !== 0) { ${late(start)}`,
      first === loopPlace ? `if (${start} === ${block.pc}) ${goTo(e, block.pc)}` : "",
      `${go(start)} }`,
    );
  }
  lines.push(late(`${block.end}`));
}

/** The end of a block: where control goes. */
function emitLeave(e: Emission): void {
  const { block, lines } = e;
  const k = block.code.length - 1;
  const d = block.code[k]!;
  const pc = block.pcs[k]!;
  const { kind } = entryOf(d);
  settle(e);
  const flow = kind === "branch" || kind === "jump" || kind === "jump-register";
  if (flow && block.loopEnd) lines.push(`if (loopActive(c, ${pc})) brokenLoop(c, ${pc});`);
  const link = d.rd === 0 || kind === "branch" ? "" : `${reg(d.rd)} = ${block.end};`;
  if (kind === "branch") {
    const { before, text } = expression(d, pc);
    e.pending = block.takenCycles;
    lines.push(`{ ${before} if (${text}) { c.taken[${block.id}] += 1;`);
    settle(e);
    lines.push(`${goTo(e, pc + d.imm)} } }`);
  } else if (kind === "jump") {
    lines.push(link, goTo(e, pc + d.imm));
    return;
  } else if (kind === "jump-register") {
    const late = e.store.timing.unalignedTarget > 0 ? "t += +registerTarget(c, block, m);" : "";
    lines.push(`m = (${reg(d.rs1)} + ${d.imm}) & -2; ${link} ${late} ${go("m")}`);
    return;
  } else if (block.loopEnd) emitLoopEnd(e, pc);
  lines.push(go(block.end));
}

const systemKinds = new Set(["ecall", "ebreak", "mret", "wfi", "fence-i"]);

/** Emits one instruction; true if it ends the function. */
function emit(e: Emission, k: number): boolean {
  const d = e.block.code[k]!;
  const { kind } = entryOf(d);
  if (kind === "load" || kind === "store") emitAccess(e, k);
  else if (kind === "value") emitValue(e, k);
  else if (kind === "csr") emitCsr(e, k);
  else if (kind === "event") {
    syncPoint(e, k, limitSlot);
    e.lines.push(
      `waitForEvent(c, block, ${k}, ${d.rd}, ${reg(d.rs1)} + ${d.imm}, t + 0); return ${e.block.end};`,
    );
    return true;
  } else if (systemKinds.has(kind)) {
    settle(e);
    e.lines.push(`m = system(c, block, ${k}, t + 0); t += ${e.block.cycles[k]! * e.period}; ${go("m")}`);
    return true;
  } else {
    if (kind === "loop") e.lines.push(`setLoop(c, code[${k}], ${e.block.pcs[k]});`);
    e.pending += e.block.cycles[k]!;
  }
  return false;
}

/** The source of the function of a block. */
function source(store: CodeStore, block: Block, period: number): string {
  const cycle = store.kind === "cluster" ? "n = (t - origin) * rate + 0.5 | 0;" : "";
  const e: Emission = { store, block, period, lines: [], pending: 0, cycle };
  const ended = block.code.some((_, k) => emit(e, k));
  if (!ended) emitLeave(e);
  return [
    '"use strict";',
    "const epoch = cache.epoch; let seen = -1;",
    "return (c) => {",
    `const id = c.id, r = id << ${placeBits};`,
    `let t = clock[id], e = c.entry, g = ${block.pc}, n = 0, m = 0, q = 0, after = 0; ${cycle}`,
    "run: for (;;) { switch (e) { case -1: case 0:",
    "if (epoch[0] !== seen) {",
    `t = +enterBlock(c, block, t + 0); if (t < 0) return ${block.pc};`,
    `seen = cache.enabled ? epoch[0] : -1; ${cycle} }`,
    `c.runs[${block.id}] += 1;`,
    ...e.lines,
    emitSlow(e),
    "} }",
    "c.entry = e; c.block = block; clock[id] = t; return g; }",
  ].join("\n");
}

/** Compiles a block for cores like `core`, with its clock. */
export function compile(store: CodeStore, block: Block, { period, origin, cache }: Core): Run {
  const { memories, banks, clock } = store.machine;
  const own = store.kind === "cluster" ? memories.l1 : memories.fc;
  const bound = {
    ...runtime,
    block,
    code: block.code,
    cache,
    clock,
    ...Object.fromEntries(store.places.map((view, k) => [`p${k}`, view])),
    taken: banks.taken,
    owner: banks.owner,
    origin,
    rate: 1 / period,
    B: new Int8Array(own),
    UB: new Uint8Array(own),
    H: new Int16Array(own),
    UH: new Uint16Array(own),
    W: new Int32Array(own),
  };
  return new Function(...Object.keys(bound), source(store, block, period))(...Object.values(bound)) as Run;
}
