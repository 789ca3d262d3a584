/** `--kernel conv=my.c`: kernels of the user's own in firmware. */
import path from "node:path";
import { type Linked, linkedKernel, readBinding } from "../golden/index.js";
import type { Graph } from "../ir/graph.js";
import { type Call, refuse, UsageError } from "./command.js";
import { readBytes, readText } from "./files.js";
import { bindingBeside } from "./golden/test.js";

/** A command says once what it found. */
const known = new WeakMap<Call, readonly Linked[]>();

/** In the order in which they were given. Says which layers each takes; refuses one that takes none. */
export function linkedKernels(
  call: Call,
  kernels: readonly string[],
  { graph, cores = 8 }: { readonly graph: Graph; readonly cores?: number | undefined },
): readonly Linked[] {
  const given = known.get(call);
  if (given) return given;
  const made = kernels.map((text) => {
    const [, layers, source] = /^([^=]+)=(.+)$/.exec(text) ?? [];
    if (!layers || !source) throw new UsageError(`--kernel takes OP=FILE.c or VALUE=FILE.c, not ${text}`);
    const linked = linkedFrom(call, layers.replace(/^%/, ""), source);
    announce(call, text, source, linked.claims(graph, cores));
    return linked;
  });
  known.set(call, made);
  return made;
}

function linkedFrom(call: Call, layers: string, source: string): Linked {
  readBytes(source);
  const file = bindingBeside(source);
  const binding = readBinding(readText(file), { file, ops: call.toolchain.ops });
  const beside = (name: string) => path.resolve(path.dirname(file), name);
  readBytes(beside(binding.adapter));
  const sources = [path.resolve(source), ...binding.sources.map(beside)];
  return linkedKernel({ binding, adapter: beside(binding.adapter), sources, layers });
}

function announce(call: Call, option: string, source: string, claims: ReturnType<Linked["claims"]>): void {
  const why = claims.flatMap(({ value, refused }) => (refused ? [`%${value}: ${refused}`] : []));
  const taken = claims.filter((c) => !c.refused);
  if (taken.length === 0)
    refuse("golden/no-layer", `${source} fits no layer that --kernel ${option} names`, {
      found: why.length > 0 ? why.join("; ") : "no layer of this op or name",
      help: "pulsec golden test KERNEL.c --model MODEL says which layers a kernel is for; the binding says shapes, storage and attributes",
    });
  call.note(`${source} computes ${taken.map((c) => `%${c.value}`).join(", ")}`);
  if (why.length > 0) call.note(`and not ${why.join("; ")}`);
}
