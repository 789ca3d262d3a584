/** network_weights.h, .c and .bin: all constants as one blob, so that other weights of the same network replace data only. */
import { type Facts, madeBy } from "../../c/network.js";
import { commentText } from "../../c/text.js";
import type { Emission } from "./emit.js";
import { imageFile } from "./memories.js";
import { slack, writtenBy } from "./network.js";

/** `0x12, 0x34, ...` in lines. */
function hexBytes(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 20)
    lines.push(`  ${Array.from(bytes.subarray(at, at + 20), (b) => `${b},`).join(" ")}`);
  return lines.join("\n");
}

export function weightsHeader({ program, names, memories }: Emission, facts: Facts): string {
  const rows = program.blocks.flatMap((b) => {
    if (!b.data) return [];
    const { from } = memories.of(b);
    const at = b.level === "l3" ? b.offset - memories.imageFrom : from;
    return [
      ` *   ${b.level} ${String(at).padStart(7)} ${String(b.bytes).padStart(7)}  ${commentText(b.name)}`,
    ];
  });
  const arena = Math.max(memories.arena, memories.image.length) + slack;
  return `/* ${commentText(writtenBy(facts))}. Constants: to be replaced with network_weights.c. */
#ifndef ${names.macro}_NETWORK_WEIGHTS_H
#define ${names.macro}_NETWORK_WEIGHTS_H

#include <stdint.h>

/*
 *   memory  offset  bytes  what
${rows.join("\n")}
 */
extern const uint8_t ${names.prefix}_constants[${memories.constants.length + slack}];
${memories.embedded ? `/* Holds what belongs into the HyperRAM until ${names.prefix}_prepare(), then values between layers. */\nextern uint8_t ${names.prefix}_arena[${arena}];\n` : ""}
#endif
`;
}

export function weightsSource({ names, memories }: Emission, facts: Facts): string {
  const { constants, image } = memories;
  const arena = Math.max(memories.arena, image.length) + slack;
  const array = (declaration: string, bytes: Uint8Array) =>
    `${declaration} __attribute__((aligned(64))) = {\n${bytes.length > 0 ? hexBytes(bytes) : "  0,"}\n};\n`;
  return `/* ${commentText(madeBy(facts))}. */
#include "network_weights.h"

${array(`const uint8_t ${names.prefix}_constants[${constants.length + slack}]`, constants)}${
  memories.embedded ? `\n${array(`uint8_t ${names.prefix}_arena[${arena}]`, image)}` : ""
}`;
}

/** The same bytes as files: constants of L2, and what belongs into L3. */
export const weightsFiles = ({ memories: { constants, image } }: Emission): ReadonlyMap<string, Uint8Array> =>
  new Map([["network_weights.bin", constants], ...(image.length > 0 ? [[imageFile, image] as const] : [])]);
