// Brings a fresh clone to a state in which it runs: npm packages, Debian packages when it may, the build.
// Plain JavaScript, because nothing is installed or built when it starts.
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
process.chdir(root);

const works = (command, ...args) => spawnSync(command, args, { stdio: "ignore" }).status === 0;
const say = (text) => console.error(`setup: ${text}`);

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  say(`Node ${process.versions.node} is too old; pulsec needs 20.19 or newer`);
  process.exit(1);
}

function installPackages() {
  const stamp = path.join("node_modules", ".pulsec-lock");
  const lock = createHash("sha256").update(readFileSync("package-lock.json")).digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  say("npm ci");
  execFileSync("npm", ["ci", "--include=dev", "--no-audit", "--no-fund"], {
    stdio: ["ignore", "ignore", "inherit"],
    // onnxruntime-node would fetch GPU libraries that nothing here uses; its CPU library is in the package.
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: "skip" },
  });
  writeFileSync(stamp, lock);
}

/** Debian packages behind the commands that the project uses; without them it still runs, more slowly or with fewer tests. */
const needs = [
  {
    name: "a C compiler",
    packages: ["gcc", "libc6-dev", "make"],
    present: () => works("cc", "--version") && works("make", "--version"),
    without: "C goes through @yowasp/clang",
  },
];
const testNeeds = [
  {
    name: "Python with NumPy",
    packages: ["python3", "python3-numpy"],
    present: () => works("python3", "-c", "import numpy") || works("/usr/bin/python3", "-c", "import numpy"),
    without: "the demo network's script is not re-run",
  },
  {
    name: "a RISC-V cross compiler with picolibc",
    packages: ["gcc-riscv64-unknown-elf", "picolibc-riscv64-unknown-elf"],
    present: () => works("riscv64-unknown-elf-gcc", "--specs=picolibc.specs", "--version"),
    without:
      "firmware is not built, and the simulator not compared with objdump, QEMU and the C definitions of Xpulpv2",
  },
  {
    name: "a cross compiler for Cortex-M",
    packages: ["gcc-arm-none-eabi"],
    present: () => works("arm-none-eabi-gcc", "--version"),
    without: "firmware is not compiled for Cortex-M4",
  },
  {
    name: "QEMU for RISC-V",
    packages: ["qemu-system-misc"],
    present: () => works("qemu-system-riscv32", "--version"),
    without: "the simulator is not compared with QEMU",
  },
];

function installDebian(wanted) {
  const missing = wanted.filter((need) => !need.present());
  if (missing.length === 0) return;
  const packages = missing.flatMap((need) => need.packages);
  const mayInstall = process.getuid?.() === 0 && works("apt-get", "--version");
  if (mayInstall) {
    say(`apt-get install ${packages.join(" ")}`);
    spawnSync("apt-get", ["update", "-qq"], { stdio: "ignore" });
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    if (
      spawnSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...packages], {
        stdio: "ignore",
        env,
      }).status === 0
    )
      return;
  }
  for (const need of missing)
    say(
      `${need.name} is missing (${need.without}); to install it: sudo apt-get install -y ${need.packages.join(" ")}`,
    );
}

checkNode();
installPackages();
installDebian(process.argv.includes("--tests") ? [...needs, ...testNeeds] : needs);
execFileSync(
  process.execPath,
  [path.join("node_modules", "typescript", "bin", "tsc"), "-p", "tsconfig.json"],
  { stdio: "inherit" },
);
