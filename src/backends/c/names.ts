/** What everything is called in C. */
import type { Buffer, Schedule } from "./host-schedule.js";
import { cType, identifier, identifiers } from "./text.js";

export interface Names {
  /** In front of all that a linker sees: `tcn`. */
  readonly prefix: string;
  /** `TCN`. */
  readonly macro: string;
  /** Identifier of a value or constant, without prefix. */
  id(buffer: Buffer): string;
  /** C expression of a buffer inside `PREFIX_run`. */
  at(buffer: Buffer): string;
}

/** Names that the project itself defines behind the prefix. */
const ours = ["run", "trace", "network_h"];

export function namesFor({ buffers, outputs }: Schedule, prefix: string): Names {
  const bare = (b: Buffer) => b.name.slice(1);
  const constants = buffers.filter((b) => b.memory === "constants");
  const values = [...new Set([...buffers, ...outputs])].filter((b) => b.memory !== "constants");
  const constantIds = identifiers([...ours, ...constants.map(bare)]);
  const valueIds = identifiers(values.map(bare));
  const id = (b: Buffer) => (b.memory === "constants" ? constantIds : valueIds).get(bare(b))!;
  return {
    prefix,
    macro: prefix.toUpperCase(),
    id,
    at: (b) =>
      b.memory === "constants" ? `${prefix}_${id(b)}` : b.memory === "arena" ? `arena.${id(b)}.v` : id(b),
  };
}

/** Prefixes of the runtime, of the test program and of the functions of layers. */
const reserved = new Set(["pulsec", "test", "layer"]);

/** A prefix made of a network's name. */
export function prefixFor(name: string): string {
  const prefix = identifier(name).toLowerCase();
  return reserved.has(prefix) ? `${prefix}_network` : prefix;
}

/** Why a prefix that somebody chose cannot be used. */
export function wrongPrefix(prefix: string): string | undefined {
  if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(prefix))
    return `the prefix ${JSON.stringify(prefix)} is no C identifier`;
  return reserved.has(prefix) ? `the prefix ${prefix} is taken by the runtime` : undefined;
}

/** `const int8_t tcn_w[24]` */
export const declaration = (b: Buffer, names: Names): string =>
  `const ${cType(b.storage)} ${names.at(b)}[${b.data!.length}]`;
