/** The command line: exit codes, help, --json, and that nothing is half-written. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as assert from "uvu/assert";
import { suite } from "../harness.js";
import { callPulsec } from "./in-process.js";
import { inTemporaryFolder, pulsec } from "./pulsec.js";

const network = "examples/biosignal/network.onnx";
const goldens = "examples/biosignal";
const test = suite("command line");

const tiny = `graph @double(%x: i8[1x4x1]) -> (%y: i32[1x4x1]) stage integer {
  %y = add %x, %x : i32[1x4x1]
}
`;

test("the program prints on its streams and ends with the exit code", () => {
  const sound = pulsec("check", network, "--json");
  assert.is(sound.code, 0);
  assert.is(JSON.parse(sound.out).ok, true);
  assert.is(sound.err, "");
  const wrong = pulsec("verfy");
  assert.is(wrong.code, 2);
  assert.is(wrong.out, "");
  assert.match(wrong.err, "did you mean verify?");
  assert.is(pulsec("check", "no-such-file.pir").code, 1);
});

test("--help lists every command with its summary, COMMAND --help its options and examples", async () => {
  const { code, out } = await callPulsec("--help");
  assert.is(code, 0);
  for (const name of ["check", "explain", "fmt", "opt", "import", "run", "compile", "verify", "doctor"]) {
    assert.match(out, new RegExp(`^  ${name} `, "m"));
    const help = await callPulsec(name, "--help");
    assert.is(help.code, 0);
    assert.match(help.out, "options:");
    assert.match(help.out, "examples:");
  }
});

test("wrong usage exits 2 and guesses what was meant", async () => {
  const command = await callPulsec("verfy");
  assert.is(command.code, 2);
  assert.match(command.err, "did you mean verify?");
  const option = await callPulsec("verify", network, "--angainst", goldens);
  assert.is(option.code, 2);
  assert.match(option.err, "did you mean --against?");
  assert.is((await callPulsec("run")).code, 2);
  assert.is((await callPulsec()).code, 2);
});

test("wrong input exits 1 with a diagnostic and no stack trace", async () => {
  const missing = await callPulsec("check", "no-such-file.pir");
  assert.is(missing.code, 1);
  assert.match(missing.err, "file/not-found");
  assert.not.match(missing.err, /\n\s+at /);
  const noModel = await callPulsec("check", "package.json");
  assert.is(noModel.code, 1);
  assert.match(noModel.err, "file/unknown-format");
});

test("check reports a wrong type with a code frame", async () => {
  await inTemporaryFolder(async (dir) => {
    const file = path.join(dir, "wrong.pir");
    writeFileSync(
      file,
      tiny
        .replace("-> (%y: i32[1x4x1])", "-> (%y: i32[1x4x1])")
        .replace(": i32[1x4x1]\n}", ": i16[1x4x1]\n}"),
    );
    const { code, err } = await callPulsec("check", file);
    assert.is(code, 1);
    assert.match(err, /wrong\.pir:2:/);
    assert.match(err, "^^^");
  });
});

test("fmt prints canonical text, is idempotent and keeps comments", async () => {
  await inTemporaryFolder(async (dir) => {
    const file = path.join(dir, "a.pir");
    writeFileSync(file, `// about the graph\n${tiny.replace("add %x, %x :", "add   %x,%x {mul=[1,1]}:")}`);
    assert.is((await callPulsec("fmt", "--check", file)).code, 1);
    assert.is((await callPulsec("fmt", "-w", file)).code, 0);
    assert.is(readFileSync(file, "utf8"), `// about the graph\n${tiny}`);
    assert.is((await callPulsec("fmt", "--check", file)).code, 0);
  });
});

test("fmt takes texts alone, and a binary file does not reach the terminal as it is", async () => {
  await inTemporaryFolder(async (dir) => {
    const [model, damaged] = [path.join(dir, "net.onnx"), path.join(dir, "net.pir")];
    for (const file of [model, damaged]) writeFileSync(file, "graph \u001b[31m\u0007\u009b2J\r\n");
    const refused = await callPulsec("fmt", "-w", damaged, model);
    assert.is(refused.code, 2);
    assert.match(refused.err, "fmt takes .pulse and .pir files");
    const { code, err } = await callPulsec("fmt", damaged);
    assert.is(code, 1);
    assert.match(err, "graph \u241b[31m\u2407\ufffd2J\n");
    assert.not.match(err, /[^\P{Cc}\n]/u);
  });
});

test("import, check, opt and run agree on text and container", async () => {
  await inTemporaryFolder(async (dir) => {
    const text = path.join(dir, "net.pir");
    assert.is((await callPulsec("import", network, "-o", text)).code, 0);
    assert.equal(readdirSync(dir).sort(), ["net.pir", "net.pmod"]);
    assert.is((await callPulsec("check", text, path.join(dir, "net.pmod"))).code, 0);
    const optimised = path.join(dir, "optimised.pmod");
    assert.is(
      (await callPulsec("opt", text, "--passes", "canonicalise,dead-code,deduplicate", "-o", optimised)).code,
      0,
    );
    const input = path.join("examples", "biosignal", "input.npy");
    const data: unknown[] = [];
    for (const model of [network, text, optimised]) {
      const { outputs } = JSON.parse((await callPulsec("run", model, "--input", input, "--json")).out);
      data.push(outputs.map((t: { data: readonly number[] }) => t.data));
    }
    assert.equal(data[0], data[1]);
    assert.equal(data[0], data[2]);
  });
});

test("verify exits 0 on the goldens of the demo network and 3 on a changed one, naming the element", async () => {
  assert.is((await callPulsec("verify", network, "--against", goldens, "--engine", "int,wasm")).code, 0);
  await inTemporaryFolder(async (dir) => {
    const layers = path.join(dir, "layers");
    const input = path.join("examples", "biosignal", "input.npy");
    assert.is((await callPulsec("run", network, "--input", input, "--dump-layers", layers)).code, 0);
    const changed = readdirSync(layers)
      .filter((f) => !/^(x|input|0)\b/.test(f))
      .sort()[0]!;
    const bytes = readFileSync(path.join(layers, changed));
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(path.join(layers, changed), bytes);
    const { code, out } = await callPulsec(
      "verify",
      network,
      "--against",
      layers,
      "--input",
      input,
      "--engine",
      "int",
    );
    assert.is(code, 3, out);
    assert.match(out, "first divergence");
    assert.match(out, changed.replace(".npy", ""));
  });
});

test("--json prints one object on stdout, failures included", async () => {
  for (const args of [
    ["check", network],
    ["doctor"],
    ["verify", network, "--engine", "wasm"],
    ["check", "no-such-file.pir"],
  ]) {
    const { out } = await callPulsec(...args, "--json");
    assert.is(typeof JSON.parse(out).ok, "boolean", args.join(" "));
  }
});

test("compile writes its folder as one step and never over a folder that is not its own", async () => {
  await inTemporaryFolder(async (dir) => {
    const out = path.join(dir, "out");
    const first = await callPulsec("compile", network, "-o", out);
    assert.is(first.code, 0, first.err);
    for (const file of ["network.c", "network.h", "network.wasm", "Makefile", "report.json", "model.pmod"]) {
      assert.ok(existsSync(path.join(out, file)), file);
    }
    assert.is((await callPulsec("compile", network, "-o", out)).code, 0, "its own folder may be replaced");
    assert.is((await callPulsec("verify", out, "--engine", "wasm")).code, 0, "the folder is a model");
    const foreign = path.join(dir, "mine");
    mkdirSync(foreign);
    writeFileSync(path.join(foreign, "thesis.tex"), "years of work");
    const refused = await callPulsec("compile", network, "-o", foreign);
    assert.is(refused.code, 1);
    assert.match(refused.err, "file/not-ours");
    assert.equal(readdirSync(foreign), ["thesis.tex"]);
    writeFileSync(path.join(foreign, "report.json"), "{}");
    assert.is(
      (await callPulsec("compile", network, "-o", foreign)).code,
      1,
      "a file of the same name does not make it ours",
    );
    writeFileSync(path.join(out, "my_main.c"), "int main(void) { return 0; }");
    const added = await callPulsec("compile", network, "-o", out);
    assert.is(added.code, 1);
    assert.match(added.err, "my_main.c");
    assert.ok(existsSync(path.join(out, "my_main.c")));
    assert.equal(readdirSync(dir).sort(), ["mine", "out"]);
  });
});

test("check looks at every file, whatever is wrong with the first, and prints one JSON object", async () => {
  const { code, out } = await callPulsec("check", "no-such-file.pir", network, "--json");
  assert.is(code, 1);
  assert.equal(
    JSON.parse(out).files.map((f: { ok: boolean }) => f.ok),
    [false, true],
  );
});

test("an input's name must exist, and is given once", async () => {
  const input = path.join("examples", "biosignal", "input.npy");
  const unknown = await callPulsec("run", network, "-i", `imput=${input}`);
  assert.is(unknown.code, 1);
  assert.match(unknown.err, "did you mean input?");
  const twice = await callPulsec("run", network, "-i", `input=${input}`, "-i", `input=${input}`);
  assert.match(twice.err, "given twice");
});

test("what pulsec writes it reads back as it was, also where both layouts have one shape", async () => {
  await inTemporaryFolder(async (dir) => {
    const file = path.join(dir, "square.pir");
    writeFileSync(file, tiny.replaceAll("1x4x1", "1x4x4"));
    const layers = path.join(dir, "layers");
    const first = JSON.parse((await callPulsec("run", file, "--dump-layers", layers, "--json")).out).outputs;
    const again = JSON.parse(
      (await callPulsec("run", file, "-i", path.join(layers, "x.npy"), "--json")).out,
    ).outputs;
    assert.equal(again, first);
  });
});

test("goldens that hold nothing prove nothing", async () => {
  await inTemporaryFolder(async (dir) => {
    const empty = path.join(dir, "empty.npz");
    writeFileSync(empty, Buffer.from(`PK\x05\x06${"\0".repeat(18)}`, "latin1"));
    const input = path.join("examples", "biosignal", "input.npy");
    const { code, err } = await callPulsec(
      "verify",
      network,
      "--against",
      empty,
      "--input",
      input,
      "--engine",
      "int",
    );
    assert.is(code, 1);
    assert.match(err, "file/no-goldens");
  });
});

test("the specification runs integer graphs only", async () => {
  await inTemporaryFolder(async (dir) => {
    const file = path.join(dir, "float.pir");
    writeFileSync(
      file,
      "graph @f(%x: f32[1x4x1]) -> (%y: f32[1x4x1]) stage float {\n  %y = relu %x : f32[1x4x1]\n}\n",
    );
    const { code, err } = await callPulsec("run", file, "--engine", "int");
    assert.is(code, 1);
    assert.match(err, "int runs integer graphs");
  });
});

test("a tensor larger than memory is refused, not tried", async () => {
  await inTemporaryFolder(async (dir) => {
    const file = path.join(dir, "huge.pir");
    writeFileSync(file, tiny.replaceAll("1x4x1", "1x40000x40000"));
    for (const command of ["run", "verify"]) {
      const { code, err } = await callPulsec(command, file);
      assert.is(code, 1);
      assert.match(err, "engine/refuses");
    }
  });
});

test("wrong usage is JSON too where JSON is asked for", async () => {
  const { code, out } = await callPulsec("verify", "--json");
  assert.is(code, 2);
  assert.is(JSON.parse(out).error.id, "usage");
});

test("places that cannot be written are diagnostics", async () => {
  await inTemporaryFolder(async (dir) => {
    const file = path.join(dir, "file");
    writeFileSync(file, "");
    const { code, err } = await callPulsec("import", network, "-o", path.join(file, "net.pmod"));
    assert.is(code, 1);
    assert.match(err, "file/unwritable");
  });
});

test.run();
