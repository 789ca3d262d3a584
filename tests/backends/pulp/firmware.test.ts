/** Firmware projects: what they hold, what builds from them, what their test program finds. */
import path from "node:path";
import { crc32 } from "node:zlib";
import * as assert from "uvu/assert";
import { checkFirmware } from "../../../src/backends/pulp/firmware/check.js";
import type { Emission } from "../../../src/backends/pulp/firmware/emit.js";
import { networkSource } from "../../../src/backends/pulp/firmware/network.js";
import {
  bootSources,
  type FirmwareOptions,
  makeFirmware,
} from "../../../src/backends/pulp/firmware/project.js";
import { buildFirmware } from "../../../src/backends/pulp/firmware/toolchain.js";
import { attempt, Refusal } from "../../../src/ir/diagnostic.js";
import type { Graph } from "../../../src/ir/graph.js";
import { bytesOf } from "../../../src/ir/tensor.js";
import { runFirmware } from "../../gap8sim/simulated.js";
import { suite } from "../../harness.js";
import {
  armCompiler,
  crossCompiler,
  crossFlags,
  hasArmCompiler,
  hasCrossCompiler,
  hasHostCompiler,
  here,
  outcome,
  run,
  smallNetwork,
  vectorOf,
  wideNetwork,
  within,
} from "./tools.js";

const test = suite("pulp firmware");
const cross = hasCrossCompiler ? test : test.skip;
const host = hasHostCompiler ? test : test.skip;

async function project(graph: Graph, options: FirmwareOptions = {}) {
  const vectors = [await vectorOf(graph, 1), await vectorOf(graph, 2)];
  return makeFirmware(graph, { vectors, ...options });
}
const strict = "-std=gnu11 -Wall -Wextra -Werror -O2".split(" ");
const textOf = (files: ReadonlyMap<string, string | Uint8Array>, name: string): string =>
  String(files.get(name));

host("make host checks every layer and both outputs of two inferences", async () => {
  const { files, emission } = await project(smallNetwork());
  await within(files, async (folder) => {
    const { code, stdout } = await outcome("make", ["-s", "host", "CFLAGS=-O1 -Werror"], folder);
    const crcs = 2 * (emission.program.layers.length + 1);
    assert.is(stdout, `all ${crcs} CRCs equal, 2 inferences\n`);
    assert.is(code, 0);
  });
});

host("CHECK=0 leaves out what is between the layers", async () => {
  const { files } = await project(smallNetwork());
  await within(files, async (folder) => {
    const { stdout } = await outcome("make", ["-s", "host", "CHECK=0", "CFLAGS=-O1 -Werror"], folder);
    assert.is(stdout, "all 2 CRCs equal, 2 inferences\n");
  });
});

host("a changed weight is found in the layer that reads it", async () => {
  const { files } = await project(smallNetwork());
  const wrong = (await project(smallNetwork({ salt: 1 }))).files.get("network_weights.c")!;
  await within(new Map([...files, ["network_weights.c", wrong]]), async (folder) => {
    const { code, stdout } = await outcome("make", ["-s", "host"], folder);
    assert.match(
      stdout,
      /^first divergence: vector 0, value a(\.sum)?: expected CRC [0-9a-f]{8}, got [0-9a-f]{8}\n/,
    );
    assert.is(code, 2, "make's code for a failing recipe");
  });
});

cross("the test program boots on the simulator, with 1, 3 and 8 cores", async () => {
  for (const cores of [1, 3, 8]) {
    const made = await project(smallNetwork(), { cores });
    const { ok, console } = await checkFirmware(made);
    assert.match(console, /^all \d+ CRCs equal, 2 inferences$/, `${cores} cores`);
    assert.ok(ok);
  }
});

cross("with transfers that block it computes the same", async () => {
  const { ok, console } = await checkFirmware(await project(smallNetwork(), { safeDma: true }));
  assert.ok(ok, console);
});

cross("layers without tile kernel run on one core, from L2", async () => {
  const made = await project(smallNetwork(), { tileKernels: [] });
  assert.ok([...made.files.keys()].includes("portable/layers.c"));
  const { ok, console } = await checkFirmware(made);
  assert.ok(ok, console);
});

cross("a firmware with other weights says which value differs", async () => {
  const made = await project(smallNetwork());
  const wrong = (await project(smallNetwork({ salt: 1 }))).files.get("network_weights.c")!;
  const { ok, console } = await checkFirmware({
    ...made,
    files: new Map([...made.files, ["network_weights.c", wrong]]),
  });
  assert.not(ok);
  assert.match(console, /^first divergence: vector 0, value a(\.sum)?: /);
});

async function compiled(
  compiler: string,
  flags: readonly string[],
  folder: string,
  sources: readonly string[],
) {
  for (const source of sources)
    await run(compiler, [...flags, ...strict, "-c", source, "-o", path.join(folder, "one.o")], {
      cwd: folder,
    });
}

cross("bare metal compiles without a warning", async () => {
  for (const tileKernels of [undefined, []]) {
    const { files, networkSources } = await project(smallNetwork(), tileKernels ? { tileKernels } : {});
    await within(files, (folder) =>
      compiled(crossCompiler, [...crossFlags, "-isystem", "gap8/include", "-DSMALL_TRACE"], folder, [
        ...networkSources,
        "gap8/platform.c",
        "test/main.c",
        "test/vectors.c",
      ]),
    );
  }
});

cross("the build for the vendor's SDK compiles against the public API", async () => {
  const { files, networkSources } = await project(smallNetwork(), { l2: 1100 });
  const stub = ["-isystem", path.join(here, "pmsis"), "-isystem", "gap8/include", "-DPULSEC_PMSIS"];
  await within(files, (folder) =>
    compiled(crossCompiler, [...crossFlags, ...stub, "-DSMALL_TRACE"], folder, [
      ...networkSources,
      "pmsis/platform.c",
      "test/main.c",
      "test/vectors.c",
    ]),
  );
});

(hasArmCompiler ? test : test.skip)("the portable C compiles for Cortex-M4", async () => {
  const { files, networkSources } = await project(smallNetwork());
  await within(files, (folder) =>
    compiled(
      armCompiler,
      ["-mcpu=cortex-m4", "-ffreestanding", "-isystem", "gap8/include"],
      folder,
      networkSources,
    ),
  );
});

/** A program with two networks, one with constants in L3, that calls them in turn and prints CRCs of what they give. */
async function bothNetworks() {
  const [a, b] = [smallNetwork({ name: "one" }), wideNetwork(4, 64)];
  const one = makeFirmware(a, { prefix: "one" });
  const two = makeFirmware(b, { prefix: "two", l2: 12 * 1024 });
  assert.ok(two.emission.memories.l3 > 0);
  const files = new Map<string, string | Uint8Array>();
  for (const [name, content] of one.files) {
    files.set(`one/${name}`, content);
    if (/^(gap8|host)\/|^pulsec_/.test(name)) files.set(name, content);
  }
  for (const [name, content] of two.files) files.set(`two/${name}`, content);
  const [seeds, macros] = [[1, 2], { one: a, two: b }];
  const vectors = await Promise.all(
    Object.entries(macros).flatMap(([name, graph]) =>
      seeds.map(async (seed) => ({
        name,
        seed,
        ...(await vectorOf(graph, seed)),
        output: graph.outputs[0]!,
      })),
    ),
  );
  const array = ({ name, seed, inputs }: (typeof vectors)[number]) =>
    `static const uint8_t ${name}${seed}[] __attribute__((aligned(4))) = {${[...inputs[0]!.data].join(", ")}};`;
  // one, two, one, two: each with another input than before.
  const order = seeds.flatMap((seed) => vectors.filter((v) => v.seed === seed));
  const calls = order.map(
    ({ name, seed }) => `  ${name}_run(${name}${seed}, y_${name}); show(y_${name}, sizeof y_${name});`,
  );
  const text = `#include "one/network.h"
#include "pulsec_crc.h"
#include "pulsec_platform.h"
#include "two/network.h"
${vectors.map(array).join("\n")}
static int8_t y_one[ONE_Y_ELEMENTS] __attribute__((aligned(4)));
static uint8_t y_two[TWO_Y3_ELEMENTS] __attribute__((aligned(4)));
static void show(const void *y, uint32_t bytes) {
  pulsec_print_hex(pulsec_crc32(0, y, 1, 0, bytes));
  pulsec_print(" ");
}
int main(void) {
  if (pulsec_open() != 0) return 1;
${calls.join("\n")}
  pulsec_close();
  return 0;
}
`;
  files.set("main.c", text);
  const sources = [
    "main.c",
    ...one.networkSources.map((f) => `one/${f}`),
    ...two.networkSources.map((f) => `two/${f}`),
  ];
  const printed = order
    .map(({ values, output }) =>
      crc32(bytesOf(values.get(output.name)!.data))
        .toString(16)
        .padStart(8, "0"),
    )
    .join(" ");
  return { files, sources, printed };
}

host("two networks in one program give what each gives alone, in turn and with changing inputs", async () => {
  const { files, sources, printed } = await bothNetworks();
  await within(files, async (folder) => {
    await run("cc", [...strict, "-flax-vector-conversions", ...sources, "host/platform.c", "-o", "both"], {
      cwd: folder,
    });
    const { code, stdout } = await outcome(path.join(folder, "both"), []);
    assert.is(stdout.trim(), printed);
    assert.is(code, 0);
  });
});

cross("so they do on the target, where they share L1 and the HyperRAM", async () => {
  const { files, sources, printed } = await bothNetworks();
  const elf = await buildFirmware(files, { sources: [...bootSources, ...sources] });
  const { console, code } = runFirmware(elf);
  assert.is(console.trim(), printed);
  assert.is(code, 0);
});

test("other weights change data files and nothing else", async () => {
  const [old, fresh] = [await project(smallNetwork()), await project(smallNetwork({ salt: 1 }))];
  const changed = [...fresh.files].filter(
    ([name, content]) => Buffer.compare(Buffer.from(old.files.get(name) ?? ""), Buffer.from(content)) !== 0,
  );
  assert.equal(
    changed.map(([name]) => name),
    ["network_weights.c", "network_weights.bin", "test/vectors.c"],
  );
});

test("network.h says what the network takes; network.c where everything lies", async () => {
  const { files, emission } = await project(smallNetwork(), { name: "tcn", version: "9.9" });
  const header = textOf(files, "network.h");
  assert.match(header, "void tcn_run(const uint8_t x[TCN_X_ELEMENTS], int8_t y[TCN_Y_ELEMENTS]);");
  assert.match(header, `#define TCN_L1_BYTES ${emission.memories.l1}`);
  assert.match(header, "#define TCN_MACS 4608");
  const source = textOf(files, "network.c");
  for (const { name, level } of emission.program.blocks)
    assert.match(source, new RegExp(` ${level} .* ${name.replaceAll(".", "\\.")}, `), name);
  assert.not.match(source, /malloc/);
});

test("too little L3 names the layer with the most constants and the bytes that are missing", () => {
  const made = attempt(() => makeFirmware(wideNetwork(3, 64), { l2: 9000, l3: 4096 }));
  const [said] = made.diagnostics;
  assert.is(said?.id, "pulp/l3-budget");
  assert.match(said!.text, /the network needs \d+ bytes of L3, \d+ more than there are/);
  assert.match(said!.found!, /%y\d has the most constants, \d+ bytes/);
});

test("numbers of layers stay below those of phases, however many there are", () => {
  const { emission } = makeFirmware(smallNetwork());
  const { program } = emission;
  const count = 2045;
  const many: Emission = {
    ...emission,
    program: { ...program, layers: Array(count).fill(program.layers[0]) },
  };
  const texts = Array.from({ length: count }, (_, i) => ({ name: `layer_${i}`, text: "", portable: [] }));
  const facts = { name: "many", version: "1", hash: undefined, sources: new Map() };
  const source = networkSource(many, facts, texts, []);
  const marks = [...source.matchAll(/PULSEC_REGION\((\d+)\)/g)].map((m) => Number(m[1]));
  assert.is(Math.max(...marks), 2039);
  assert.match(source, "layer_2044(core)");
});

cross(
  "constants that do not fit L2 come from the HyperRAM, where the first inference puts them",
  async () => {
    const made = await project(wideNetwork(4, 64), { l2: 12 * 1024 });
    const { emission, files } = made;
    assert.ok(emission.memories.embedded);
    assert.ok(emission.memories.image.length >= 3 * 4096, "three of four layers");
    assert.is((files.get("network_l3.bin") as Uint8Array).length, emission.memories.image.length);
    const { ok, console } = await checkFirmware(made);
    assert.ok(ok, console);
  },
);

cross("values that do not fit L2 pass through windows in it, and are checked where they lie", async () => {
  const made = await project(smallNetwork({ length: 512, channels: 16 }), { l2: 6000 });
  const { program } = made.emission;
  const far = new Set(program.blocks.filter((b) => b.level === "l3").map((b) => b.name));
  assert.ok(program.layers.some((l) => far.has(l.result.at.block)));
  const { ok, console } = await checkFirmware(made);
  assert.is(console, `all ${2 * (program.layers.length + 1)} CRCs equal, 2 inferences`);
  assert.ok(ok);
});

cross("an image larger than L2 is read from a file", async () => {
  const made = await project(wideNetwork(5, 304), { l2: 200 * 1024 });
  const { emission, files } = made;
  assert.not(emission.memories.embedded);
  assert.is((files.get("network_l3.bin") as Uint8Array).length, emission.memories.image.length);
  const { ok, console } = await checkFirmware(made);
  assert.ok(ok, console);
});

test("a network that does not fit L2 is refused with what would help", () => {
  try {
    makeFirmware(smallNetwork({ length: 4000, channels: 64 }), { l2: 2000, tileKernels: [] });
    assert.unreachable();
  } catch (e) {
    assert.instance(e, Refusal);
    const [d] = (e as Refusal).diagnostics;
    assert.is(d!.id, "pulp/l2-budget");
    assert.ok(d!.help);
  }
});

test.run();
