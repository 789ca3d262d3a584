/** One graph for every op and variant that the kernels of the gap8 target tell apart. */
import type { Value } from "../src/ir/graph.js";
import type { Attrs } from "../src/ir/op.js";
import { type IntStorage, storages } from "../src/ir/storage.js";
import { tensorType } from "../src/ir/type.js";
import { image, line, type Maker, row } from "./gap8-case.js";

export { type Row, rows } from "./gap8-case.js";

/** x, weights and attributes of a convolution. */
function convolution(
  what: string,
  x: readonly number[],
  w: readonly number[],
  attrs: Attrs = {},
  {
    of = "i8",
    by = "i8",
    to = "i8",
    zero,
    name = "conv",
  }: Partial<Record<"of" | "by" | "to", IntStorage>> & {
    readonly zero?: number;
    readonly name?: string;
  } = {},
): void {
  row(name, what, (m) => m.scaled(m.op(name, [m.x(of, x, zero), m.param(by, w)], attrs), to));
}

function convolutions(): void {
  convolution("k = 3", line(16), [16, 3, 16]);
  convolution("3 x 3", image(16), [16, 3, 3, 16], { pads: [1, 1, 1, 1] });
  convolution("channels that are no multiple of 4", line(13), [7, 3, 13]);
  convolution("dilated", line(16), [16, 3, 16], { dilation: [2] });
  convolution("strided", line(16), [16, 3, 16], { stride: [2] });
  convolution("zero point", line(16), [16, 3, 16], { pads: [1, 1] }, { of: "u8", zero: 3 });
  convolution("4-bit weights", line(16), [16, 3, 16], {}, { by: "i4" });
  convolution("2-bit weights", line(16), [16, 3, 16], {}, { by: "i2" });
  convolution("4-bit inputs", line(16), [16, 3, 16], {}, { of: "u4" });
  convolution("16-bit inputs", line(16), [16, 3, 16], {}, { of: "i16" });
  convolution("16-bit inputs and weights", line(16), [16, 3, 16], {}, { of: "i16", by: "i16" });
  convolution("16-bit weights", line(16), [16, 3, 16], {}, { by: "i16" });
  convolution("16-bit results", line(16), [16, 3, 16], {}, { to: "i16" });
}

function groups(): void {
  convolution("groups of 4 or a multiple", line(16), [16, 3, 4], { groups: 4 });
  convolution("groups of 6 inputs, 4 outputs", line(12), [8, 3, 6], { groups: 2 });
  convolution("groups of 3 inputs, 6 outputs", line(12), [24, 3, 3], { groups: 4 });
  convolution("groups of 3 inputs, 3 outputs", line(12), [12, 3, 3], { groups: 4 });
  convolution("depthwise", line(16), [16, 3, 1], { groups: 16 });
  convolution("depthwise, 3 x 3", image(16), [16, 3, 3, 1], { groups: 16 });
  convolution("depthwise, 2 outputs per channel", line(16), [32, 3, 1], { groups: 16 });
  convolution("depthwise, 4 outputs per channel", line(16), [64, 3, 1], { groups: 16 });
  convolution("depthwise, 16-bit inputs", line(16), [16, 3, 1], { groups: 16 }, { of: "i16" });
  convolution("depthwise, 16-bit weights", line(16), [16, 3, 1], { groups: 16 }, { by: "i16" });
  convolution("depthwise, stride 5", line(16), [16, 3, 1], { groups: 16, stride: [5] });
}

function borders(): void {
  for (const pad_mode of ["edge", "reflect"])
    convolution(`pads ${pad_mode}`, line(16), [16, 3, 16], { pads: [1, 1], pad_mode });
  convolution("depthwise, pads edge", line(16), [16, 3, 1], { groups: 16, pads: [1, 1], pad_mode: "edge" });
  convolution("batch of 2", [2, 32, 16], [16, 3, 16]);
  row("conv", "64-bit requant", (m) =>
    m.scaled(m.op("conv", [m.x("i8", line(16)), m.param("i8", [16, 3, 16])]), "i8", true),
  );
  row("conv", "i32 results", (m) => m.op("conv", [m.x("i8", line(16)), m.param("i8", [16, 3, 16])]));
}

function transposed(): void {
  const t = { name: "conv_transpose" };
  convolution("stride 2", line(16), [16, 3, 16], { stride: [2] }, t);
  convolution("stride above the kernel", line(16), [16, 2, 16], { stride: [3] }, t);
  convolution("output padding", line(16), [16, 3, 16], { stride: [2], output_padding: [1] }, t);
  convolution("zero point", line(16), [16, 3, 16], { stride: [2] }, { ...t, of: "u8", zero: 3 });
  convolution("groups", line(16), [16, 3, 4], { stride: [2], groups: 4 }, t);
  convolution("depthwise", line(16), [16, 3, 1], { stride: [2], groups: 16 }, t);
  convolution("images", image(16), [16, 3, 3, 16], { stride: [2, 2] }, t);
}

function products(): void {
  const l = { name: "linear" };
  convolution("a vector", [1, 64], [10, 64], {}, l);
  convolution("several vectors", [1, 8, 64], [10, 64], {}, l);
  convolution("a batch of 2", [2, 8, 64], [10, 64], {}, l);
  convolution("16-bit weights", [1, 64], [10, 64], {}, { ...l, by: "i16" });
  row("matmul", "two values", (m) =>
    m.scaled(m.op("matmul", [m.x("i8", [1, 8, 16]), m.x("i8", [1, 16, 8])])),
  );
  row("matmul", "several matrices", (m) =>
    m.scaled(m.op("matmul", [m.x("i8", [1, 4, 8, 16]), m.x("i8", [1, 4, 16, 8])])),
  );
  row("matmul", "a batch", (m) => m.scaled(m.op("matmul", [m.x("i8", [4, 8, 16]), m.x("i8", [4, 16, 8])])));
}

function elementWise(): void {
  for (const name of ["add", "sub", "mul"]) {
    const two = (
      what: string,
      a: readonly number[],
      b: readonly number[],
      s: IntStorage = "i8",
      wide = false,
    ) => row(name, what, (m) => m.scaled(m.op(name, [m.x("i8", a), m.x(s, b)]), "i8", wide));
    two("alike", line(16), line(16));
    two("i8 and u8", line(16), line(16), "u8");
    two("i8 and i16", line(16), line(16), "i16");
    two("one per channel", line(16), [1, 1, 16]);
    two("one per position", line(16), [1, 32, 1]);
    two("both broadcast", [1, 32, 1], [1, 1, 16]);
    two("64-bit requant", line(16), line(16), "i8", true);
    row(name, "a constant per channel", (m) =>
      m.scaled(m.op(name, [m.x("i8", line(16)), m.param("i8", [1, 1, 16])])),
    );
    row(name, "a constant per element", (m) =>
      m.scaled(m.op(name, [m.x("i8", line(16)), m.param("i8", line(16))])),
    );
    row(name, "batch of 2", (m) => m.scaled(m.op(name, [m.x("i8", [2, 4, 4]), m.x("i8", [2, 4, 4])])));
  }
}

function unary(): void {
  row("add", "five values", (m) => {
    const all = [1, 2, 3, 4].map(() => m.x("i8", line(16)));
    return m.scaled(all.reduce((sum, v) => m.op("add", [sum, v]), m.x("i8", line(16))));
  });
  row("add", "of sums (i32)", (m) => {
    const conv = () => m.op("conv", [m.x("i8", line(16)), m.param("i8", [16, 3, 16])]);
    return m.scaled(m.op("add", [conv(), conv()]));
  });
  for (const storage of ["i8", "i16", "i32"] as const)
    row("relu", storage, (m) => m.op("relu", [m.x(storage, line(16))]));
  row("clip", "i8", (m) => m.op("clip", [m.x("i8", line(16))], { lo: -3, hi: 40 }));
  row("requant", "i8 to i8, one multiplier", (m) => m.scaled(m.x("i8", line(16))));
  row("requant", "along another axis than channels", (m) => {
    const mul = m.b.param(
      "m",
      tensorType("i32", [32]),
      new Int32Array(32).map((_, i) => i),
    );
    const add = m.b.param("a", tensorType("i64", [1]), BigInt64Array.of(1n));
    return m.op(
      "requant",
      [m.x("i8", line(16)), mul, add],
      { shift: [3], axis: 1 },
      tensorType("i8", line(16)),
    );
  });
  for (const alpha of ["i8", "i32"] as const)
    row("prelu", `slopes of ${alpha}`, (m) =>
      m.scaled(m.op("prelu", [m.x("i8", line(16)), m.param(alpha, [16])], { positive: 8 })),
    );
  for (const of of ["i8", "u4"] as const)
    row("lut", `${of} to i8`, (m) => {
      const table = m.param("i8", [2 ** storages[of].bits]);
      return m.op("lut", [m.x(of, line(16)), table], {}, tensorType("i8", line(16)));
    });
  row("lut", "i8 to i16", (m) =>
    m.op("lut", [m.x("i8", line(16)), m.param("i16", [256])], {}, tensorType("i16", line(16))),
  );
}

function windows(): void {
  const max = (what: string, x: readonly number[], attrs: Attrs, storage: IntStorage = "i8") =>
    row("maxpool", what, (m) => m.op("maxpool", [m.x(storage, x)], attrs));
  const mean = (what: string, x: readonly number[], attrs: Attrs, storage: IntStorage = "u8") =>
    row("avgpool", what, (m) => m.scaled(m.op("avgpool", [m.x(storage, x)], attrs)));
  max("k = 2", line(16), { kernel: [2], stride: [2] });
  max("3 x 3", image(16), { kernel: [3, 3], stride: [2, 2], pads: [1, 1, 1, 1] });
  max("5 x 5", image(16), { kernel: [5, 5] });
  max("dilated", line(16), { kernel: [3], dilation: [2] });
  max("channels that are no multiple of 4", line(13), { kernel: [2], stride: [2] });
  max("i16", line(16), { kernel: [2], stride: [2] }, "i16");
  max("i32", line(16), { kernel: [2], stride: [2] }, "i32");
  mean("k = 2", line(16), { kernel: [2], stride: [2] });
  mean("k = 32", line(16), { kernel: [32], stride: [32] });
  mean("pads that count", line(16), { kernel: [3], pads: [1, 1], count_include_pad: true });
  mean("pads that do not count", line(16), { kernel: [3], pads: [1, 1] });
  mean("i16", line(16), { kernel: [2] }, "i16");
}

function reductions(): void {
  row("global_avgpool", "1-D", (m) => m.scaled(m.op("global_avgpool", [m.x("u8", line(16))])));
  row("global_avgpool", "2-D", (m) => m.scaled(m.op("global_avgpool", [m.x("u8", image(16))])));
  for (const name of ["reduce_mean", "reduce_sum"]) {
    const over = (what: string, x: readonly number[], axes: readonly number[], keepdims = true) =>
      row(name, what, (m) => m.scaled(m.op(name, [m.x("i8", x)], { axes, keepdims })));
    over("all of space", image(16), [1, 2]);
    over("all of space, dropped", line(16), [1], false);
    over("channels", line(16), [2]);
    over("channels, dropped", line(16), [2], false);
    over("height", image(16), [1]);
    over("width", image(16), [2]);
    over("width, dropped", image(16), [2], false);
    over("everything", line(16), [1, 2]);
  }
}

function resampled(): void {
  const up = (what: string, x: readonly number[], attrs: Attrs, storage: IntStorage = "i8") =>
    row("upsample", what, (m) => m.op("upsample", [m.x(storage, x)], attrs));
  for (const mode of ["nearest", "linear"]) {
    up(mode, line(16), { size: [64], mode });
    up(`${mode}, 2-D`, image(16), { size: [16, 24], mode });
    up(`${mode}, i16`, line(16), { size: [64], mode }, "i16");
    up(`${mode}, i32`, line(16), { size: [64], mode }, "i32");
  }
}

const made = (m: Maker, shape: readonly number[]): Value => m.op("relu", [m.x("i8", shape)]);

function joins(): void {
  const joined = (what: string, axis: number, parts: (m: Maker) => Value[]) =>
    row("concat", what, (m) => m.op("concat", parts(m), { axis }));
  joined("channels, results of layers", 2, (m) => [made(m, line(16)), made(m, line(8))]);
  row("concat", "channels, results of layers, read by a layer", (m) =>
    m.op("relu", [m.op("concat", [made(m, line(16)), made(m, line(8))], { axis: 2 })]),
  );
  row("concat", "channels, no multiple of 4", (m) =>
    m.op("relu", [m.op("concat", [made(m, line(13)), made(m, line(7))], { axis: 2 })]),
  );
  row("concat", "channels, of inputs", (m) =>
    m.op("relu", [m.op("concat", [m.x("i8", line(16)), m.x("i8", line(8))], { axis: 2 })]),
  );
  row("concat", "channels, with zeros", (m) =>
    m.op("relu", [
      m.op("concat", [made(m, line(16)), m.b.param("z", tensorType("i8", line(8)), new Int8Array(256))], {
        axis: 2,
      }),
    ]),
  );
  row("concat", "channels, one value twice", (m) => {
    const v = made(m, line(16));
    return m.op("relu", [m.op("concat", [v, v], { axis: 2 })]);
  });
  row("concat", "channels, one value in two of them", (m) => {
    const [v, a, b] = [made(m, line(16)), made(m, line(8)), made(m, line(4))];
    return [m.op("concat", [v, a], { axis: 2 }), m.op("concat", [v, b], { axis: 2 })].map((c) =>
      m.op("relu", [c]),
    );
  });
  row("concat", "time", (m) =>
    m.op("relu", [m.op("concat", [made(m, line(16)), made(m, [1, 5, 16])], { axis: 1 })]),
  );
  row("concat", "height", (m) =>
    m.op("relu", [m.op("concat", [made(m, image(16)), made(m, image(16))], { axis: 1 })]),
  );
  row("concat", "width", (m) =>
    m.op("relu", [m.op("concat", [made(m, image(16)), made(m, image(16))], { axis: 2 })]),
  );
  joined("batch", 0, (m) => [m.x("i8", line(16)), m.x("i8", line(16))]);
}

function takes(): void {
  const cut = (what: string, x: readonly number[], attrs: Attrs) =>
    row("slice", what, (m) => m.op("relu", [m.op("slice", [m.op("relu", [m.x("i8", x)])], attrs)]));
  cut("time", line(16), { axis: 1, begin: 3, end: 20 });
  cut("time, every second", line(16), { axis: 1, begin: 3, end: 20, step: 2 });
  cut("height", image(16), { axis: 1, begin: 3, end: 8 });
  cut("channels", line(16), { axis: 2, begin: 4, end: 12 });
  cut("channels, no multiple of 4", line(16), { axis: 2, begin: 3, end: 12 });
  cut("channels, every second", line(16), { axis: 2, begin: 0, end: 16, step: 2 });
  cut("a part of a vector", [1, 16], { axis: 1, begin: 4, end: 12 });
  row("crop", "1-D", (m) => m.op("crop", [m.x("i8", line(16))], { edges: [1, 2] }));
  row("crop", "2-D", (m) => m.op("crop", [m.x("i8", image(16))], { edges: [1, 2, 0, 3] }));
  for (const pad_mode of ["constant", "edge", "reflect"]) {
    row("pad", pad_mode, (m) => m.op("pad", [m.x("i8", line(16))], { pads: [3, 3], pad_mode }));
    row("pad", `${pad_mode}, 2-D`, (m) =>
      m.op("pad", [m.x("i8", image(16))], { pads: [1, 2, 3, 0], pad_mode }),
    );
  }
  row("transpose", "time and channels", (m) => m.op("transpose", [m.x("i8", line(16))], { perm: [0, 2, 1] }));
  row("transpose", "channels first", (m) =>
    m.op("transpose", [m.x("i8", image(16))], { perm: [0, 3, 1, 2] }),
  );
  row("transpose", "channels last", (m) => m.op("transpose", [m.x("i8", image(16))], { perm: [0, 2, 3, 1] }));
  row("transpose", "height and width", (m) =>
    m.op("transpose", [m.x("i8", image(16))], { perm: [0, 2, 1, 3] }),
  );
  row("transpose", "batch and time", (m) => m.op("transpose", [m.x("i8", line(16))], { perm: [1, 0, 2] }));
  row("reshape", "any", (m) =>
    m.op("relu", [m.op("reshape", [m.op("relu", [m.x("i8", line(16))])], { shape: [1, 512] })]),
  );
}

for (const add of [
  convolutions,
  groups,
  borders,
  transposed,
  products,
  elementWise,
  unary,
  windows,
  reductions,
  resampled,
  joins,
  takes,
])
  add();
