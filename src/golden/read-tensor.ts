/** The tensors of a binding file: storage, axes, layout, packing. */
import { isStorage, type Storage, storages } from "../ir/storage.js";
import { type BoundTensor, isStorageNarrow, resultName } from "./binding.js";
import type { Entry } from "./entry.js";
import { type Expression, ExpressionError, parseExpression } from "./expression.js";
import { cElements, elementOf, packings, parseLayout } from "./memory.js";

export function readTensor(name: string, e: Entry): BoundTensor {
  e.only(..."storage shape axes layout element packing zero range slack mutable".split(" "));
  const storage = storageOf(e.at("storage"));
  const axes = e.at("axes").text();
  if (!/^[A-Z]*$/.test(axes) || new Set(axes).size < axes.length)
    e.at("axes").refuse("axes are different capital letters, one per dimension, in pulsec's order");
  const narrow = isStorageNarrow(storage);
  const packing = e.at("packing").oneOf(packings, narrow ? "low-first" : "none");
  if (packing !== "none" && !narrow) e.at("packing").refuse(`elements of ${storage} fill whole bytes`);
  const shape = name === resultName ? undefined : e.at("shape").map(readExpression);
  if (shape && shape.length !== axes.length)
    e.at("axes").refuse(`${name} has ${shape.length} dimensions and ${axes.length} axes`);
  return {
    name,
    storage,
    axes,
    ...layoutOf(e.at("layout"), axes),
    ...(shape ? { shape } : {}),
    element: packing === "none" ? e.at("element").oneOf(cElements, elementOf(storage)) : "uint8_t",
    packing,
    zero: zeroPoints(e.at("zero"), storage),
    ...(e.at("range").present ? { range: rangeOf(e.at("range")) } : {}),
    slack: e.at("slack").present ? e.at("slack").whole(0, 1024) : 0,
    mutable: e.at("mutable").flag(),
  };
}

function storageOf(e: Entry): Storage {
  const storage = e.text();
  if (isStorage(storage) && storage !== "f32") return storage;
  const integers = Object.keys(storages).filter((s) => s !== "f32");
  return e.refuse(`${storage} is no integer storage`, { expected: integers.join(", ") });
}

/** Where nothing is said, memory has pulsec's order. */
function layoutOf(e: Entry, axes: string): Pick<BoundTensor, "layout" | "levels"> {
  const layout = e.text(axes);
  const levels = parseLayout(axes, layout);
  if (levels) return { layout, levels };
  return e.refuse(`${layout} is no order of the axes ${axes}`, {
    help: `write each axis once: ${axes}, ${[...axes].reverse().join("")}; OHW2o puts pairs of O side by side`,
  });
}

function zeroPoints(e: Entry, storage: Storage): readonly number[] {
  if (!e.present) return [0];
  const { min, max } = storages[storage];
  return (e.isList ? e.items() : [e]).map((z) => z.whole(min, max));
}

function rangeOf(e: Entry): readonly [number, number] {
  const [lo, hi] = e.items().map((n) => n.whole(-(2 ** 53), 2 ** 53));
  if (lo === undefined || hi === undefined || lo > hi) return e.refuse("a range is [lowest, highest]");
  return [lo, hi];
}

/** Numbers and texts alike. */
export function readExpression(e: Entry): Expression {
  try {
    return parseExpression(e.numberOrText());
  } catch (failure) {
    if (!(failure instanceof ExpressionError)) throw failure;
    return e.refuse(`this is no expression: ${failure.message}`, {
      expected: "whole numbers, sizes (H), x.h, stride[0], cores, and + - * / % ( )",
    });
  }
}
