/** Steps of the import after whose refusal others go on, so that all independent refusals are told at once. */
import { type Diagnostic, type NodePlace, Refusal } from "../../ir/diagnostic.js";
import { type Context, subject } from "./context.js";

/** Runs one step; what it refuses is kept, with the place of the step where it has none. */
export const collected = <T>(
  cx: Context,
  refused: Diagnostic[],
  place: NodePlace,
  step: () => T,
): T | undefined => refusalsKept(refused, (d) => refusalAt(cx, d, place), step);

/** Runs one step; of what it refuses, `toldAs` is kept. */
export function refusalsKept<T>(
  refused: Diagnostic[],
  toldAs: (d: Diagnostic) => Diagnostic,
  step: () => T,
): T | undefined {
  try {
    return step();
  } catch (e) {
    if (!(e instanceof Refusal)) throw e;
    refused.push(...e.diagnostics.map(toldAs));
    return undefined;
  }
}

/** What an op of ours does not accept, in the words of the node that asks for it. */
function refusalAt(cx: Context, d: Diagnostic, own: NodePlace): Diagnostic {
  const place = d.place ?? own;
  if (d.id !== "ir/operands" || !cx.node) return { ...d, place };
  return {
    ...d,
    id: "onnx/operands",
    text: `${subject(cx.node)}: ${d.text.replace(/^%[^ ]+: /, "")}`,
    place,
  };
}
