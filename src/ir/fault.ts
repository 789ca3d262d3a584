/** Faults in what users bring: a function of an op or a kernel that throws, or gives what it must not. */
import { error, type Place, Refusal } from "./diagnostic.js";
import type { Node, Value } from "./graph.js";
import { framesOf, isOfUser } from "./stack.js";
import { type Data, storages } from "./storage.js";
import { elements, printType, type TensorType } from "./type.js";

const placeOf = ({ places }: Value): { place?: Place } => (places[0] ? { place: places[0] } : {});

/**
 * What `body` gives, a function of the op or kernel of `node`. Where code that is not ours throws in it, a `Refusal` says which
 * function, at which node, in which file and line.
 */
export function guarded<T>(what: string, { result }: Node, body: () => T): T {
  try {
    return body();
  } catch (e) {
    const fault = e instanceof Refusal ? undefined : faultOutside(e, guarded.name);
    if (fault === undefined) throw e;
    throw new Refusal(
      error("extension/failed", `%${result.name}: ${what} failed`, {
        ...placeOf(result),
        found: fault,
        help: "the fault lies in that function, which is no part of pulsec, or in how the node uses it",
      }),
    );
  }
}

/**
 * What was thrown, and where: `x is undefined, thrown at my-op.ts:12:5`. Nothing where only code of ours and of Node ran between
 * the throw and our function `caller`.
 */
export function faultOutside(thrown: unknown, caller: string): string | undefined {
  if (!(thrown instanceof Error)) return `it threw ${String(thrown)}, which is no Error`;
  const [inner = ""] = (thrown.stack ?? "").split(`at ${caller} (`);
  const own = framesOf({ stack: inner }).find(isOfUser);
  return own && `${thrown.message}, thrown at ${own.file}:${own.line}:${own.column}`;
}

/** Throws a `Refusal` unless `data` is what a result of this type must hold. */
export function requireResult({ op, result }: Node, type: TensorType, data: Data): void {
  const wrong = wrongData(type, data);
  if (wrong === undefined) return;
  throw new Refusal(
    error(
      "extension/result",
      `%${result.name}: the integer meaning of ${op.name} does not give ${printType(type)}`,
      {
        ...placeOf(result),
        ...wrong,
        help: "the fault lies in the op, which is no part of pulsec: allocate(out.storage, count) gives the array that is meant",
      },
    ),
  );
}

function wrongData(
  { storage, ...type }: TensorType,
  data: Data,
): { found: string; expected: string } | undefined {
  const { array, min, max } = storages[storage];
  const count = elements({ storage, ...type });
  if (!(data instanceof array) || data.length !== count)
    return { found: described(data), expected: `${array.name} of ${count} elements` };
  // Other arrays hold exactly what their storage holds.
  const odd = storages[storage].bits < 8 ? data.findIndex((v: number | bigint) => v < min || v > max) : -1;
  return odd < 0 ? undefined : { found: `${data[odd]} at element ${odd}`, expected: `[${min}, ${max}]` };
}

const described = (data: unknown): string =>
  ArrayBuffer.isView(data)
    ? `${data.constructor.name} of ${(data as unknown as Data).length} elements`
    : Array.isArray(data)
      ? "an array, no typed array"
      : String(data);
