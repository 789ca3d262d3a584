/**
 * Compiles a basic block to a JavaScript function: operands and static cycles become constants, accesses to the core's
 * own memory are inline, everything else calls the functions that the interpreter uses.
 *
 * The function is one `switch` over `core.entry`: a block is left before an access that must wait for another core, and
 * entered again there. A block that loops to itself (hardware loop or branch) does so inside.
 */
import * as helpers from "../instructions/helpers.js";
import type { Decoded } from "../instructions/index.js";
import { load, store, waitForEvent } from "./access.js";
import { bankWindow, claim } from "./banks.js";
import { type Block, type CodeStore, entryOf, isMarker, type Run } from "./block.js";
import { Cause, type Core, causeCount, horizonSlot, limitSlot, nearSlot } from "./contract.js";
import { brokenLoop, lateHazard, loopActive, registerTarget, setLoop, system } from "./control-flow.js";
import { stall } from "./counters.js";
import { accessCsr } from "./csr.js";
import { fetchBlock, isPresent } from "./icache.js";
import { divideTicks } from "./interpret.js";

const runtime = {
  ...helpers,
  claim,
  load,
  store,
  waitForEvent,
  brokenLoop,
  lateHazard,
  loopActive,
  registerTarget,
  setLoop,
  system,
  stall,
  accessCsr,
  fetchBlock,
  isPresent,
  divideTicks,
};

/** What the emission of a block needs to know and collects. */
interface Emission {
  readonly store: CodeStore;
  readonly block: Block;
  readonly period: number;
  readonly lines: string[];
  /** Static cycles since `t` was last brought up to date. */
  pending: number;
}

/** Brings `n`, the cycle of `t`, up to date. */
const cycle = "n = (t - origin) * rate + 0.5 | 0;";

const reg = (r: number): string => (r === 0 ? "0" : `x[${r}]`);

function settle(e: Emission): void {
  if (e.pending > 0) e.lines.push(`t += ${e.pending * e.period}; n += ${e.pending};`);
  e.pending = 0;
}

/** Leaves the block before instruction k if it comes after the time in a slot of the clock. */
const leave = (e: Emission, k: number, slot: number): string =>
  `if (t > T[${slot}]) { c.entry = ${k + 1}; c.block = block; T[id] = t; return ${e.block.pc}; }`;

/** A place where the block may be left and entered again: before instruction k. */
function syncPoint(e: Emission, k: number, slot: number): void {
  settle(e);
  e.lines.push(`case ${k + 1}:`, leave(e, k, slot));
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
    e.lines.push(`c.machine.marker(c, ${d.imm}, t);`);
  }
  if (timing === "div") {
    settle(e);
    const ticks = `divideTicks(c, ${reg(d.rs2)}, ${!name.endsWith("u")})`;
    e.lines.push(
      `{ const w = ${ticks}; S[${e.block.id * causeCount + Cause.divide}] += w / ${e.period}; t += w; ${cycle} }`,
    );
  }
  if (d.rd !== 0) {
    const { before, text } = expression(d, e.block.pcs[k]!);
    const assign = `x[${d.rd}] = ${text};`;
    e.lines.push(before === "" ? assign : `{ ${before} ${assign} }`);
  }
  e.pending += e.block.cycles[k]!;
}

const sizeNames = { 1: "B", 2: "H", 4: "W" } as const;

/** A load or store: inline in the core's own memory if aligned, through the runtime otherwise. */
function emitAccess(e: Emission, k: number): void {
  const { block, store: code } = e;
  const d = block.code[k]!;
  const { kind, format, size, signed } = entryOf(d);
  const isLoad = kind === "load";
  const offset = format.includes("-reg") ? reg(isLoad ? d.rs2 : d.rs3) : `${d.imm}`;
  const post = format.endsWith("-post");
  syncPoint(e, k, nearSlot);
  const width = size as 1 | 2 | 4;
  const view = `${width === 4 || signed || !isLoad ? "" : "U"}${sizeNames[width]}`;
  const element = `${view}[(m & 65535)${width === 1 ? "" : ` >> ${width >> 1}`}]`;
  const value = reg(d.rs2);
  const fast = isLoad ? (d.rd === 0 ? "" : `x[${d.rd}] = ${element};`) : `${element} = ${value};`;
  const call = isLoad
    ? `${d.rd === 0 ? "" : `x[${d.rd}] = `}load(c, block, ${k}, m, ${size}, ${signed}, t)`
    : `store(c, block, ${k}, m, ${size}, ${value}, t)`;
  const page = code.kind === "cluster" ? 0x10000000 : 0x1b000000;
  const address =
    post || (d.imm === 0 && !format.includes("-reg")) ? reg(d.rs1) : `${reg(d.rs1)} + ${offset} | 0`;
  e.lines.push("{", `const m = ${address};`);
  if (post) e.lines.push(`const after = m + ${offset};`);
  const slow = `${call}; t += c.ticks; ${cycle}`;
  if (code.machine.checking) e.lines.push(leave(e, k, limitSlot), slow);
  else {
    const bank =
      code.kind === "cluster"
        ? `const q = (n & ${bankWindow - 1}) << 4 | m >> 2 & 15; if (taken[q] < t) { taken[q] = t; owner[q] = id; } else { t = claim(c, block, m >> 2 & 15, t); ${cycle} }`
        : "";
    const mask = 0xffff0000 | (width - 1) | 0;
    e.lines.push(
      `if ((m & ${mask}) === ${page}) { ${bank} ${fast} } else { ${leave(e, k, limitSlot)} ${slow} }`,
    );
  }
  if (post && d.rs1 !== 0) e.lines.push(`x[${d.rs1}] = after;`);
  e.lines.push("}");
  e.pending += block.cycles[k]!;
}

function emitCsr(e: Emission, k: number): void {
  const d = e.block.code[k]!;
  const { name, format } = entryOf(d);
  const immediate = format === "csri";
  const writes = immediate ? d.imm2 !== 0 : d.rs1 !== 0;
  settle(e);
  const call = `accessCsr(c, "${name}", ${d.imm}, ${immediate ? d.imm2 : reg(d.rs1)}, ${writes}, t)`;
  e.lines.push(d.rd === 0 ? `${call};` : `x[${d.rd}] = ${call};`);
  e.pending += e.block.cycles[k]!;
}

/** Goes to a known or computed address; within the block if that is the block itself. */
function emitGo(e: Emission, target: number | string): string {
  const exit = `T[id] = t; c.entry = 0; return ${target};`;
  return target === e.block.pc ? `if (t <= T[${horizonSlot}]) { e = 0; continue; } ${exit}` : exit;
}

/** The check at the last instruction of a loop: both loops, the inner first. */
function emitLoopEnd(e: Emission, pc: number): void {
  const { lines, block, store: code } = e;
  const late =
    code.timing.hazards === "dynamic"
      ? (to: string) => `t += lateHazard(c, block, ${to}); ${cycle}`
      : () => "";
  for (const at of [0, 3]) {
    const home = at === 0 ? `if (L[0] === ${block.pc}) { ${emitGo(e, block.pc)} }` : "";
    lines.push(
      `if (L[${at + 2}] !== 0 && L[${at + 1}] === ${pc} && (L[${at + 2}] = L[${at + 2}] - 1) !== 0) {`,
      `${late(`L[${at}]`)} ${home} T[id] = t; c.entry = 0; return L[${at}]; }`,
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
  const link = d.rd === 0 || kind === "branch" ? "" : `x[${d.rd}] = ${block.end};`;
  if (kind === "branch") {
    const { before, text } = expression(d, pc);
    lines.push(
      `{ ${before} if (${text}) { c.taken[${block.id}] += 1; t += ${block.takenCycles * e.period}; n += ${block.takenCycles}; ${emitGo(e, pc + d.imm)} } }`,
    );
  } else if (kind === "jump") {
    lines.push(`${link} ${emitGo(e, pc + d.imm)}`);
    return;
  } else if (kind === "jump-register") {
    const late = e.store.timing.unalignedTarget > 0 ? "t += registerTarget(c, block, g);" : "";
    lines.push(
      `{ const g = (${reg(d.rs1)} + ${d.imm}) & -2; ${link} ${late} T[id] = t; c.entry = 0; return g; }`,
    );
    return;
  } else if (block.loopEnd) emitLoopEnd(e, pc);
  lines.push(`T[id] = t; c.entry = 0; return ${block.end};`);
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
      `waitForEvent(c, block, ${k}, ${d.rd}, ${reg(d.rs1)} + ${d.imm}, t); return ${e.block.end};`,
    );
    return true;
  } else if (systemKinds.has(kind)) {
    settle(e);
    e.lines.push(
      `const g = system(c, block, ${k}, t); c.entry = 0; T[id] = t + ${e.block.cycles[k]! * e.period}; return g;`,
    );
    return true;
  } else {
    if (kind === "loop") e.lines.push(`setLoop(c, code[${k}], ${e.block.pcs[k]});`);
    e.pending += e.block.cycles[k]!;
  }
  return false;
}

/** The source of the function of a block. */
function source(store: CodeStore, block: Block, period: number): string {
  const e: Emission = { store, block, period, lines: [], pending: 0 };
  const ended = block.code.some((_, k) => emit(e, k));
  if (!ended) emitLeave(e);
  return [
    '"use strict";',
    "const epoch = cache.epoch; let seen = -1;",
    "return (c, x, T) => {",
    `const id = c.id, S = c.stalls, L = c.loops; let t = T[id], e = c.entry, n = 0; ${cycle}`,
    "for (;;) { switch (e) { case -1: case 0:",
    `if (epoch[0] !== seen) { if (t > T[${limitSlot}] && !isPresent(c, block)) {`,
    `c.entry = -1; T[id] = t; return ${block.pc}; }`,
    "t = fetchBlock(c, block, t); seen = cache.enabled ? epoch[0] : -1;",
    `${cycle} }`,
    `c.runs[${block.id}] += 1;`,
    ...e.lines,
    "} } }",
  ].join("\n");
}

/** Compiles a block for cores like `core`, with its clock. */
export function compile(store: CodeStore, block: Block, { period, origin, cache }: Core): Run {
  const { memories, banks } = store.machine;
  const own = store.kind === "cluster" ? memories.l1 : memories.fc;
  const bound = {
    ...runtime,
    block,
    code: block.code,
    cache,
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
