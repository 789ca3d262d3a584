/** Random modules that use all that text and container must carry: every storage, scale, comment, place and origin. */
import fc from "fast-check";
import { GraphBuilder, makeParam, type ParamOptions } from "../../src/ir/build.js";
import type { Place } from "../../src/ir/diagnostic.js";
import type { Commented, Graph, Module, Param, Value } from "../../src/ir/graph.js";
import { clip } from "../../src/ir/ops/clip.js";
import { conv } from "../../src/ir/ops/conv.js";
import { relu } from "../../src/ir/ops/relu.js";
import { requant } from "../../src/ir/ops/requant.js";
import { printModule } from "../../src/ir/print.js";
import {
  activationStorages,
  type Data,
  type Storage,
  storages,
  weightStorages,
} from "../../src/ir/storage.js";
import { allocate } from "../../src/ir/tensor.js";
import { type Quant, type TensorType, tensorType } from "../../src/ir/type.js";

/** Draws one of `arbitrary`; a module is one run of such draws, which fast-check shrinks together. */
type Draw = <T>(arbitrary: fc.Arbitrary<T>) => T;

const word = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.]{0,6}$/);
const line = fc.string({ unit: "grapheme", maxLength: 12 }).map((s) => s.replace(/[\n\r]/g, " ").trimEnd());
const some = <T>(d: Draw, arbitrary: fc.Arbitrary<T>): T | undefined =>
  d(fc.option(arbitrary, { nil: undefined }));
const comments = (d: Draw): Commented => {
  const lines = some(d, fc.array(line, { minLength: 1, maxLength: 3 }));
  const remark = some(d, line);
  return { ...(lines ? { comments: lines } : {}), ...(remark === undefined ? {} : { remark }) };
};

const place: fc.Arbitrary<Place> = fc.oneof(
  fc.record({ file: word, node: fc.string({ unit: "grapheme", maxLength: 8 }) }),
  fc.record({ file: word, start: fc.nat(), end: fc.nat() }),
);
const places = (d: Draw): readonly Place[] => d(fc.array(place, { minLength: 1, maxLength: 2 }));
const scale = fc.oneof(
  fc.constantFrom(1, 0.5, 1e-30, 1e30),
  fc.double({ min: 1e-12, max: 1e12, noNaN: true }),
);

const element = (storage: Storage): fc.Arbitrary<number | bigint> => {
  if (storage === "f32") return fc.float({ noNaN: true });
  if (storage === "i64") return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  return fc.integer({ min: storages[storage].min, max: storages[storage].max });
};

/** `limit` keeps the sums of convolutions provable. */
function drawData(d: Draw, storage: Storage, count: number, limit = Infinity): Data {
  const data = allocate(storage, count);
  for (let i = 0; i < count; i++) {
    const v = d(element(storage));
    data[i] = typeof v === "bigint" || Math.abs(v) <= limit ? v : v % limit;
  }
  return data;
}

class Names {
  #count = 0;
  fresh = (d: Draw): string => `${d(word)}.${this.#count++}`;
}

function drawQuant(d: Draw, storage: Storage): Quant | undefined {
  const { min, max } = storages[storage];
  return some(d, fc.record({ scale, zero: fc.integer({ min, max }) }));
}

const paramOptions = (d: Draw): ParamOptions => {
  const origin = some(
    d,
    fc.record(
      {
        param: fc.string({ unit: "grapheme" }),
        kept: fc.array(fc.array(fc.nat(99)), { minLength: 1 }),
        bits: fc.nat(8),
      },
      { requiredKeys: ["param"] },
    ),
  );
  return { trainable: d(fc.boolean()), places: places(d), ...(origin ? { origin } : {}), ...comments(d) };
};

function drawParam(d: Draw, names: Names, type: TensorType, limit?: number): Param {
  const count = type.shape.reduce<number>((n, size) => n * Number(size), 1);
  return makeParam(names.fresh(d), type, drawData(d, type.storage, count, limit), paramOptions(d));
}

/** Weights whose scale is none, one number, or one per output channel. */
function drawWeights(d: Draw, names: Names, shape: readonly number[], scaled: boolean): Param {
  const storage = d(fc.constantFrom(...weightStorages));
  const type = tensorType(storage, shape, scaled ? { scale: d(scale), zero: 0 } : undefined);
  if (!scaled || d(fc.boolean())) return drawParam(d, names, type, 100);
  const scales = Float32Array.from({ length: shape[0]! }, () =>
    d(fc.float({ min: Math.fround(1e-6), max: 1e6, noNaN: true })),
  );
  const channels = makeParam(names.fresh(d), tensorType("f32", [shape[0]!]), scales, paramOptions(d));
  return drawParam(d, names, { ...type, quant: { scale: d(scale), zero: 0, channels, axis: 0 } }, 100);
}

/** x, then convolutions with their requants, each over whatever came before. */
function drawIntegerGraph(d: Draw, names: Names): Graph {
  const b = new GraphBuilder(names.fresh(d), d(fc.constantFrom("integer", "quantised")));
  const storage = d(fc.constantFrom(...activationStorages.filter((s) => s !== "i16")));
  const size = d(fc.integer({ min: 3, max: 6 }));
  let x: Value = b.input(
    names.fresh(d),
    tensorType(storage, [1, size, d(fc.integer({ min: 1, max: 4 }))], drawQuant(d, storage)),
    places(d),
  );
  const outputs: Value[] = [];
  for (let i = d(fc.integer({ min: 0, max: 3 })); i > 0; i--) {
    const channels = d(fc.integer({ min: 1, max: 5 }));
    const w = drawWeights(
      d,
      names,
      [channels, d(fc.constantFrom(1, 3)), x.type.shape[2] as number],
      x.type.quant !== undefined,
    );
    const named = () => ({ name: names.fresh(d), places: places(d), ...comments(d) });
    const acc = b.add(
      conv,
      [x, w],
      { pads: [1, 1], pad_mode: d(fc.constantFrom("constant", "edge")) },
      named(),
    );
    const to = d(fc.constantFrom(...activationStorages.filter((s) => s !== "i16")));
    const mul = drawParam(d, names, tensorType("i32", [d(fc.constantFrom(1, channels))]));
    const add = drawParam(d, names, tensorType("i64", [1]));
    const attrs = { shift: [d(fc.nat(62))], ...(d(fc.boolean()) ? { lo: 0 } : {}) };
    x = b.add(requant, [acc, mul, add], attrs, {
      ...named(),
      type: tensorType(to, acc.type.shape, drawQuant(d, to)),
    });
    if (d(fc.boolean())) outputs.push(acc);
  }
  return { ...b.finish([...outputs, x]), ...comments(d) };
}

function drawFloatGraph(d: Draw, names: Names): Graph {
  const b = new GraphBuilder(names.fresh(d), "float");
  const x = b.input(
    names.fresh(d),
    tensorType("f32", [d(fc.constantFrom<"N" | 1>("N", 1)), 5, 2]),
    places(d),
  );
  const w = drawParam(d, names, tensorType("f32", [3, 3, 2]));
  const named = () => ({ name: names.fresh(d), places: places(d), ...comments(d) });
  const y = b.add(conv, [x, w], { stride: [2], pads: [-1, 3] }, named());
  const z = b.add(relu, [y], {}, named());
  return {
    ...b.finish([b.add(clip, [z], { hi: d(fc.double({ noNaN: true, noDefaultInfinity: true })) }, named())]),
    ...comments(d),
  };
}

export const randomModule: fc.Arbitrary<Module> = fc.gen().map((g) => {
  const d: Draw = (arbitrary) => g(() => arbitrary);
  const names = new Names();
  const graphs = [
    drawIntegerGraph(d, names),
    ...(d(fc.boolean()) ? [drawFloatGraph(d, names)] : []),
    ...(d(fc.boolean()) ? [drawIntegerGraph(d, names)] : []),
  ];
  const meta = d(
    fc.dictionary(fc.oneof(word, fc.string({ unit: "grapheme" })), fc.string({ unit: "grapheme" }), {
      maxKeys: 3,
    }),
  );
  const ranged = d(
    fc.subarray(
      graphs.flatMap((graph) => graph.inputs.map((value) => ({ graph: graph.name, value: value.name }))),
    ),
  );
  const ranges = ranged.map((r) => ({ ...r, low: -d(scale), high: d(scale) }));
  const module: Module = {
    graphs,
    meta: Object.fromEntries(Object.entries(meta)),
    ...(ranges.length > 0 ? { ranges } : {}),
    ...comments(d),
  };
  return { ...module, [fc.toStringMethod]: () => printModule(module) };
});
