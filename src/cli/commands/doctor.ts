import { type Command, exit } from "../command.js";
import { version } from "../version.js";

interface Finding {
  readonly what: string;
  readonly found: string | undefined;
  /** What is lost without it, and how to get it. */
  readonly without: string;
}

async function importable(name: string): Promise<string | undefined> {
  try {
    import.meta.resolve(name);
    return "installed";
  } catch {
    return undefined;
  }
}

async function examine(): Promise<readonly Finding[]> {
  const { findCompilers } = await import("../../backends/c/index.js");
  const { findCrossCompiler } = await import("../../backends/pulp/index.js");
  const [compilers, cross] = await Promise.all([findCompilers(), findCrossCompiler()]);
  const host = compilers.find((c) => c.kind === "cc");
  const yowasp = compilers.find((c) => c.kind === "yowasp");
  return [
    { what: "Node", found: process.versions.node, without: "" },
    {
      what: "C compiler",
      found: host?.version,
      without: "C goes through @yowasp/clang instead; to get one: sudo apt-get install -y gcc libc6-dev make",
    },
    {
      what: "@yowasp/clang",
      found: yowasp?.version,
      without: "needed only without a C compiler; to get it: npm install @yowasp/clang",
    },
    {
      what: "RISC-V compiler",
      found: cross?.version,
      without: "firmware for gap8; to get it: sudo apt-get install -y gcc-riscv64-unknown-elf",
    },
    { what: "binaryen", found: await importable("binaryen"), without: "engine wasm; to get it: npm install" },
  ];
}

export const command: Command = {
  name: "doctor",
  summary: "what is installed, and how to get the rest",
  args: "",
  standalone: true,
  positionals: { min: 0, max: 0 },
  options: {},
  examples: [["doctor", "check this machine"]],
  async run(call) {
    const findings = await examine();
    call.print(`pulsec ${version}`);
    for (const f of findings)
      call.print(`${f.found ? "ok     " : "missing"}  ${f.what.padEnd(15)} ${f.found ?? f.without}`);
    const canCompile = findings.some(
      (f) => f.found && (f.what === "C compiler" || f.what === "@yowasp/clang"),
    );
    if (!canCompile) call.print("engine c cannot run here: no C compiler of either kind");
    call.emit({ ok: canCompile, version, findings });
    return canCompile ? exit.ok : exit.wrongInput;
  },
};
