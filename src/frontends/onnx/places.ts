/** Where a refusal points to: the node, its operator, and what it reads with shapes and element types. */
import { type Diagnostic, isSpan, type NodePlace, type Place, Refusal } from "../../ir/diagnostic.js";
import { isIdentity } from "./affine.js";
import { anyBatch } from "./float/batch.js";
import { fullName, wayOut } from "./operators.js";
import type { RawModel, RawNode } from "./raw.js";
import { type Imported, isFloored } from "./tensor.js";

/** `f32[1x3x8]`, or nothing where the tensor is not known. */
export type TypeOf = (name: string) => string | undefined;

const typed = (type: string, shape: readonly (number | string)[] | undefined): string => {
  const sizes = shape?.map((d) => (d === anyBatch ? "N" : d)).join("x");
  return sizes === undefined ? `${type}[?]` : sizes === "" ? type : `${type}[${sizes}]`;
};

/** The types that the file itself gives. */
export function declaredTypes(model: RawModel): TypeOf {
  const found = new Map(model.inputs.map((v) => [v.name, typed(v.type, v.shape)]));
  for (const [name, t] of model.initialisers) found.set(name, typed(t.type, t.shape));
  return (name) => found.get(name);
}

/** ... and those that importing found out. */
export const importedTypes =
  (tensors: ReadonlyMap<string, Imported>, declared: TypeOf): TypeOf =>
  (name) => {
    const found = tensors.get(name);
    return found && found.kind !== "poisoned" ? importedType(found) : declared(name);
  };

/** A tensor with arithmetic pending on it is of no storage yet. */
function importedType(x: Exclude<Imported, { kind: "poisoned" }>): string {
  if (x.kind === "constant") return typed(x.type, x.shape);
  if (x.kind === "float") return typed(x.value.type.storage, x.shape);
  const plain = !isFloored(x.source) && isIdentity(x.map) && !x.relu;
  return typed(plain && !isFloored(x.source) ? x.source.type.storage : "integer", x.shape);
}

export function nodePlace(file: string, node: RawNode, typeOf: TypeOf): NodePlace {
  const inputs = node.inputs.map((name) => {
    const type = typeOf(name);
    return type === undefined ? { name } : { name, type };
  });
  return { file, node: node.name, op: fullName(node), inputs, ...(node.span ? { span: node.span } : {}) };
}

/** The diagnostic with all that is known of its places, and a way out where it gives none. */
export function located(d: Diagnostic, model: RawModel, typeOf: TypeOf): Diagnostic {
  const told = (place: Place) => (isSpan(place) ? place : known(place, model, typeOf));
  const place = d.place && (isSpan(d.place) || d.place.node !== "") ? told(d.place) : undefined;
  const help = d.help ?? wayOut(d.id, place && !isSpan(place) ? place.op : undefined);
  const { place: _, ...rest } = d;
  return {
    ...rest,
    ...(place ? { place } : {}),
    ...(d.notes ? { notes: d.notes.map((n) => ({ ...n, place: told(n.place) })) } : {}),
    ...(help && d.severity === "error" ? { help } : {}),
  };
}

/** The diagnostic of a file that could not be read. */
export function withWayOut(d: Diagnostic): Diagnostic {
  const help = d.help ?? wayOut(d.id, undefined);
  return help ? { ...d, help } : d;
}

/** A place that names a node or a tensor of the model. */
function known(place: NodePlace, model: RawModel, typeOf: TypeOf): NodePlace {
  if (place.op !== undefined || place.span) return place;
  const node = model.nodes.find((n) => n.name === place.node);
  if (node) return nodePlace(place.file, node, typeOf);
  const named = [...model.inputs, ...model.outputs].find((v) => v.name === place.node);
  const span = (named ?? model.initialisers.get(place.node))?.span;
  return span ? { ...place, span } : place;
}

/** Runs a part of the import; what it refuses is told with places. */
export function locating<T>(model: RawModel, typeOf: TypeOf, body: () => T): T {
  try {
    return body();
  } catch (e) {
    if (!(e instanceof Refusal)) throw e;
    throw new Refusal(...e.diagnostics.map((d) => located(d, model, typeOf)));
  }
}
