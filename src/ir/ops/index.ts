/** Every op, one line each. */
import type { OpDef } from "../op.js";
import { conv } from "./conv.js";
import { requant } from "./requant.js";

export const ops: readonly OpDef[] = [conv, requant];

const byName = new Map(ops.map((op) => [op.name, op]));
export const opNamed = (name: string): OpDef | undefined => byName.get(name);
