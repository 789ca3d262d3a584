/** network_weights.h and .c: all constants, so that other weights of the same network replace one file. */
import { printType } from "../../ir/type.js";
import type { Schedule } from "./host-schedule.js";
import { declaration, type Names } from "./names.js";
import { type Facts, madeBy } from "./network.js";
import { commentText, initialiser } from "./text.js";

const constantsOf = ({ buffers }: Schedule) => buffers.filter((b) => b.memory === "constants");

export function weightsHeader(schedule: Schedule, names: Names, facts: Facts): string {
  const lines = constantsOf(schedule).map((b) => {
    const what = commentText(`@${b.value.name} : ${printType(b.value.type)}`);
    return `/* ${what} */\nextern ${declaration(b, names)};\n`;
  });
  return `/* ${commentText(madeBy(facts))}. Constants: to be replaced with network_weights.c. */
#ifndef ${names.macro}_NETWORK_WEIGHTS_H
#define ${names.macro}_NETWORK_WEIGHTS_H

#include <stdint.h>

${lines.join("\n")}
#endif
`;
}

export function weightsSource(schedule: Schedule, names: Names, facts: Facts): string {
  const lines = constantsOf(schedule).map((b) => `\n${declaration(b, names)} = ${initialiser(b.data!)};\n`);
  return `/* ${commentText(madeBy(facts))}. */\n#include "network_weights.h"\n${lines.join("")}`;
}
