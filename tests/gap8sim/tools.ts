/** The cross compiler, the host's compiler and QEMU: references that tests ask where they are installed. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { root } from "../harness.js";

const works = (command: string, ...args: readonly string[]): boolean =>
  spawnSync(command, args, { stdio: "ignore" }).status === 0;

export const crossCompiler = "riscv64-unknown-elf-gcc";
const qemu = "qemu-system-riscv32";
export const hasCrossCompiler = works(crossCompiler, "--specs=picolibc.specs", "--version");
export const hasQemu = works(qemu, "--version");
export const hasHostCompiler = works("cc", "--version");
export const hasObjdump = works("riscv64-unknown-elf-objdump", "--version");

/** Programs of the tests in C. */
export const programs = path.join(root, "tests", "gap8sim", "programs");

/** Runs `body` in a folder of its own. */
export function inTemporaryFolder<T>(body: (dir: string) => T): T {
  const dir = mkdtempSync(path.join(os.tmpdir(), "pulsec-gap8sim-"));
  try {
    return body(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const flags =
  "-march=rv32imc -mabi=ilp32 -misa-spec=2.2 -mno-relax -O1 -std=gnu11 -fwrapv -Wall -Wextra -Werror".split(
    " ",
  );
const library = ["--specs=picolibc.specs", "--oslib=semihost", "--crt0=hosted"];
/** Code and constants, then data and stack: L2 of GAP8, main memory of QEMU's `virt`. */
const places = {
  gap8: { code: 0x1c000000, codeSize: 0x60000, data: 0x1c060000, dataSize: 0x20000 },
  qemu: { code: 0x80000000, codeSize: 0x200000, data: 0x80200000, dataSize: 0x200000 },
};

/** A C program with picolibc that prints through semihosting, linked for either machine. */
export function hostedElf(
  machine: keyof typeof places,
  source: string,
  target: string,
  extra: readonly string[] = [],
): Uint8Array {
  const { code, codeSize, data, dataSize } = places[machine];
  const symbols = { __flash: code, __flash_size: codeSize, __ram: data, __ram_size: dataSize };
  const link = Object.entries(symbols).map(([name, v]) => `-Wl,--defsym=${name}=0x${v.toString(16)}`);
  execFileSync(crossCompiler, [...flags, ...library, ...extra, source, "-o", target, ...link]);
  return new Uint8Array(readFileSync(target));
}

export interface Printed {
  readonly code: number;
  readonly console: string;
}

/** What a program prints on QEMU's `virt` machine. */
export function runOnQemu(elf: string): Printed {
  const machine =
    "-M virt -bios none -display none -serial none -monitor none -chardev stdio,id=out -semihosting-config enable=on,target=native,chardev=out -kernel".split(
      " ",
    );
  const { status, stdout } = spawnSync(qemu, [...machine, elf], {
    input: "",
    encoding: "utf8",
    timeout: 20_000,
  });
  return { code: status ?? -1, console: stdout };
}

/** What a program prints when it is compiled for this machine. */
export function runOnHost(dir: string, source: string, extra: readonly string[] = []): string {
  const program = path.join(dir, "host");
  execFileSync("cc", ["-O0", "-std=gnu11", "-fwrapv", "-w", ...extra, source, "-o", program]);
  return execFileSync(program, { encoding: "utf8", timeout: 20_000 });
}
