/** Files that programs open by semihosting: handles, and a folder that nothing leads out of. */
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as assert from "uvu/assert";
import {
  createOpenFiles,
  Errno,
  type FileStore,
  filesInMemory,
} from "../../src/backends/gap8sim/devices/open-files.js";
import { filesInFolder } from "../../src/backends/gap8sim/folder.js";
import { suite } from "../harness.js";
import { runFirmware } from "./simulated.js";
import { hasCrossCompiler, hostedElf, inTemporaryFolder, programs } from "./tools.js";

const test = suite("gap8sim files");
const bytes = (text: string) => new TextEncoder().encode(text);
const text = (b: Uint8Array | undefined | number) =>
  typeof b === "number" || b === undefined ? b : new TextDecoder().decode(b);
const mode = { r: 0, update: 2, w: 4, wPlus: 6, a: 8, aPlus: 10 };

test("a file is read from where the last read or seek left off", () => {
  const files = createOpenFiles(filesInMemory(new Map([["a", bytes("hello")]])), new Map());
  const a = files.open("a", mode.r);
  assert.is(files.length(a), 5);
  assert.is(text(files.read(a, 3)), "hel");
  assert.is(text(files.read(a, 9)), "lo");
  assert.is(text(files.read(a, 9)), "");
  files.seek(a, 1);
  assert.is(text(files.read(a, 2)), "el");
  assert.is(files.seek(a, 100), 0);
  assert.is(text(files.read(a, 1)), "", "behind the end");
});

test("what is written is saved by close and by flush", () => {
  const store = new Map([["old", bytes("abcdef")]]);
  const files = createOpenFiles(filesInMemory(store), new Map());
  const fresh = files.open("new", mode.w);
  files.write(fresh, bytes("one"));
  files.flush();
  assert.is(text(store.get("new")), "one");
  files.seek(fresh, 5);
  files.write(fresh, bytes("x"));
  files.close(fresh);
  assert.is(text(store.get("new")), "one\0\0x");
  const changed = files.open("old", mode.update);
  files.write(changed, bytes("AB"));
  const added = files.open("old", mode.a);
  files.write(added, bytes("!"));
  files.close(added);
  assert.is(text(store.get("old")), "abcdef!");
  files.close(changed);
  assert.is(text(store.get("old")), "ABcdef");
});

test("modes and handles are kept to, and errors have numbers", () => {
  const files = createOpenFiles(filesInMemory(new Map([["a", bytes("a")]])), new Map([["own", bytes("!")]]));
  const failed = (handle: number) => [handle, files.error()];
  const a = files.open("a", mode.r);
  assert.is(files.write(a, bytes("xy")), 2, "all of it");
  assert.equal(failed(files.open("b", mode.r)), [-1, Errno.noEntry]);
  assert.equal(failed(files.open("a", 12)), [-1, Errno.invalid]);
  assert.equal(failed(files.open("own", mode.w)), [-1, Errno.readOnly]);
  assert.equal(failed(files.close(77)), [-1, Errno.badHandle]);
  assert.equal(failed(files.seek(a, -1)), [-1, Errno.invalid]);
  assert.is(files.read(files.open("w", mode.w), 1), undefined, "not opened for reading");
  const huge = files.open("huge", mode.w);
  files.seek(huge, 2 ** 26);
  assert.is(files.write(huge, bytes("x")), 1);
  assert.is(files.error(), Errno.tooLarge);
  while (files.open("a", mode.r) >= 0);
  assert.is(files.error(), Errno.tooManyOpen);
});

/** A folder with a file, a folder and links, beside a file that nobody may read. */
function withFolder(body: (dir: string, of: (writable: boolean) => FileStore) => void): void {
  inTemporaryFolder((outer) => {
    const dir = path.join(outer, "program");
    mkdirSync(path.join(dir, "sub"), { recursive: true });
    mkdirSync(path.join(outer, "program-2"));
    writeFileSync(path.join(outer, "secret.txt"), "secret");
    writeFileSync(path.join(outer, "program-2", "b.txt"), "secret");
    writeFileSync(path.join(dir, "a.txt"), "a");
    writeFileSync(path.join(dir, "sub", "b.txt"), "b");
    symlinkSync(path.join(outer, "secret.txt"), path.join(dir, "link.txt"));
    symlinkSync(outer, path.join(dir, "out"));
    symlinkSync("sub", path.join(dir, "in"));
    symlinkSync(path.join(outer, "none.txt"), path.join(dir, "dangling.txt"));
    body(dir, (writable) => filesInFolder(dir, writable));
  });
}

test("a folder's files can be read, also below it and through links that stay inside", () =>
  withFolder((_dir, of) => {
    const { open } = of(false);
    assert.is(text(open("a.txt", "read")), "a");
    assert.is(text(open("sub/b.txt", "read")), "b");
    assert.is(text(open("./in/b.txt", "read")), "b");
    assert.is(open("none.txt", "read"), Errno.noEntry);
    assert.is(open("sub", "read"), Errno.isFolder);
    assert.is(open("a.txt", "update"), Errno.readOnly);
    assert.is(open("c.txt", "create"), Errno.readOnly);
  }));

test("no name leads out of the folder, for reading or writing", () =>
  withFolder((dir, of) => {
    const secret = path.join(dir, "..", "secret.txt");
    const hostile = [
      "../secret.txt",
      "sub/../../secret.txt",
      "..",
      "../program-2/b.txt",
      secret,
      "/etc/passwd",
      "C:\\secret.txt",
      "..\\secret.txt",
      "link.txt",
      "out/secret.txt",
      "dangling.txt",
      "",
      "a.txt\0",
      "x".repeat(5000),
    ];
    const store = of(true);
    for (const name of hostile)
      for (const use of ["read", "update", "create"] as const) {
        const found = store.open(name, use);
        assert.type(found, "number", `${use} ${JSON.stringify(name)}`);
        assert.is.not(store.save(name, bytes("x")), 0, JSON.stringify(name));
      }
    assert.is(readFileSync(secret, "utf8"), "secret");
    assert.not.ok(existsSync(path.join(dir, "..", "none.txt")));
  }));

test("a folder that may be written to gets new files", () =>
  withFolder((dir, of) => {
    const store = of(true);
    assert.is(text(store.open("sub/new.txt", "create")), "");
    assert.is(store.save("sub/new.txt", bytes("new")), 0);
    assert.is(readFileSync(path.join(dir, "sub", "new.txt"), "utf8"), "new");
    assert.is(store.open("none/new.txt", "create"), Errno.noEntry);
    assert.is(of(false).save("a.txt", bytes("x")), Errno.readOnly);
  }));

if (!hasCrossCompiler) test.skip("a C program copies a file: no riscv64-unknown-elf-gcc with picolibc");
else
  test("a C program copies a file, within its folder and where it may", () =>
    withFolder((dir, of) => {
      writeFileSync(path.join(dir, "in.txt"), "some text\n");
      const elf = hostedElf("gap8", path.join(programs, "files", "copy.c"), path.join(dir, "copy.elf"));
      const run = (writable: boolean) => runFirmware(elf, { files: of(writable) });
      const refused = `../secret.txt: errno ${Errno.access}\n`;
      assert.equal(run(false), {
        console: `out.txt: errno ${Errno.readOnly}\n10 bytes\n${refused}`,
        code: 0,
        end: "exit",
      });
      assert.is(run(true).console, `10 bytes\n${refused}`);
      assert.is(readFileSync(path.join(dir, "out.txt"), "utf8"), "SOME TEXT\n");
    }));

test.run();
