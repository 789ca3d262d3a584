/** Types and params of a container: everything that the graphs refer to. */
import { makeParam } from "../../ir/build.js";
import { isName, type Origin, type Param } from "../../ir/graph.js";
import { type Data, packedBytes, type Storage, storages } from "../../ir/storage.js";
import { elements, type Quant, type TensorType, tensorType, wrongShape } from "../../ir/type.js";
import { wrongQuant } from "../../ir/verify.js";
import { unpackBits } from "./bits.js";
import type * as fb from "./generated/pulsec_generated.js";
import { damaged, list, readComments, readPlaces, required } from "./read-parts.js";
import { storageNamed } from "./vocabulary.js";

/** Finds a param by its index, for the scales of a type. */
type FindParam = (index: number) => Param | undefined;

/** The type of `what`, whose words stand in complaints. */
export function readType(type: fb.Type, what: string, find: FindParam): TensorType {
  const storage =
    storageNamed(type.storage()) ?? damaged(`${what} has the unknown storage ${type.storage()}`);
  const shape = list(type.shapeLength(), (i) => type.shape(i)!).map((d, i) => (d === 0 && i === 0 ? "N" : d));
  const wrong = wrongShape(shape);
  if (wrong) damaged(`${what}: ${wrong}`);
  const quant = type.quant();
  const read = tensorType(storage, shape, quant ? readQuant(quant, what, find) : undefined);
  const nonsense = wrongQuant(read);
  return nonsense ? damaged(`${what}: ${nonsense}`) : read;
}

function readQuant(quant: fb.Quant, what: string, find: FindParam): Quant {
  const plain = { scale: quant.scale(), zero: quant.zero() };
  if (quant.channels() === -1) return plain;
  const channels = find(quant.channels());
  if (channels?.type.storage !== "f32")
    return damaged(`${what} takes its scales from param ${quant.channels()}, which is no f32 param`);
  return { ...plain, channels, axis: quant.axis() };
}

/** Params whose types name no other param come first: scales have no scales. */
export function readParams(module: fb.Module): readonly Param[] {
  const stored = list(module.paramsLength(), (i) => required(module.params(i)));
  const params = new Map<number, Param>();
  const names = new Set<string>();
  const readAll = (wanted: (p: fb.Param) => boolean) => {
    for (const [i, param] of stored.entries()) {
      if (!wanted(param)) continue;
      const read = readParam(param, (index) => params.get(index));
      if (names.has(read.name)) damaged(`two params are named @${read.name}`);
      names.add(read.name);
      params.set(i, read);
    }
  };
  const scaled = (p: fb.Param) => (p.type()?.quant()?.channels() ?? -1) !== -1;
  readAll((p) => !scaled(p));
  readAll(scaled);
  return stored.map((_, i) => params.get(i)!);
}

function readParam(param: fb.Param, find: FindParam): Param {
  const name = required(param.name());
  if (!isName(name)) damaged("a param has no proper name");
  const type = readType(required(param.type()), `@${name}`, find);
  if (type.shape[0] === "N") damaged(`@${name} has a symbolic batch`);
  const origin = param.origin();
  return makeParam(name, type, readData(required(param.dataArray()), type, name), {
    trainable: param.trainable(),
    places: readPlaces(param),
    ...(origin ? { origin: readOrigin(origin) } : {}),
    ...readComments(param),
  });
}

/** A view of the file where its alignment allows; sub-byte elements are unpacked. */
function readData(bytes: Uint8Array, type: TensorType, name: string): Data {
  const count = elements(type);
  const size = packedBytes(type.storage, count);
  if (bytes.length !== size) damaged(`@${name} needs ${size} bytes of data, ${bytes.length} are there`);
  return storages[type.storage].bits < 8
    ? unpackBits(bytes, type.storage, count)
    : view(bytes, type.storage, count);
}

function view(bytes: Uint8Array, storage: Storage, count: number): Data {
  const View = storages[storage].array as unknown as {
    readonly BYTES_PER_ELEMENT: number;
    new (buffer: ArrayBufferLike, byteOffset: number, length: number): Data;
  };
  const { buffer, byteOffset } = bytes.byteOffset % View.BYTES_PER_ELEMENT === 0 ? bytes : bytes.slice();
  return new View(buffer, byteOffset, count);
}

function readOrigin(origin: fb.Origin): Origin {
  const kept = list(origin.keptLength(), (i) => required(origin.kept(i))).map((axis) =>
    list(axis.indicesLength(), (i) => axis.indices(i)!),
  );
  const bits = origin.bits();
  return {
    param: required(origin.param()),
    ...(kept.length > 0 ? { kept } : {}),
    ...(bits >= 0 ? { bits } : {}),
  };
}
