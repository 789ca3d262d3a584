/** One network as firmware on gap8sim: is it right, how fast is it, where do the cycles go. */
import type { TileKernel } from "../../src/backends/pulp/contract.js";
import { macsOfProgram } from "../../src/backends/pulp/firmware/network.js";
import { checkFirmware, makeFirmware, tileKernels } from "../../src/backends/pulp/index.js";
import { tileShape } from "../../src/backends/pulp/planner/geometry.js";
import {
  type Measured,
  measureFirmware,
  type Phase,
  phaseNames,
} from "../../src/backends/pulp/report/index.js";
import { wasmEngine } from "../../src/backends/wasm/index.js";
import { randomTensor } from "../../src/data/random-tensor.js";
import { error, Refusal } from "../../src/ir/diagnostic.js";
import type { Graph } from "../../src/ir/graph.js";
import type { Tensor } from "../../src/ir/tensor.js";
import type { Network } from "./networks.js";

/** Where the cycles of one inference go: those of core 0 in layers by phase, and those from call to return outside of layers. */
export type Spent = Readonly<Record<Phase | "call", number>>;
export interface FirmwareSpeed {
  readonly network: Network;
  readonly macs: number;
  readonly layers: number;
  readonly tiles: number;
  /** Cluster cycles from call to return, caches warm. */
  readonly gvsoc: number;
  readonly rtl: number;
  /** In profile gvsoc. */
  readonly spent: Spent;
  /** What the kernels' cycle models say of every layer as one tile, added up. */
  readonly kernelsAlone: number;
  /** Waiting for instructions, mean of the cores. */
  readonly fetch: number;
  /** Bytes by memory. */
  readonly l1: number;
  readonly l2: number;
  readonly l3: number;
  /** Of searching tiles, planning memory and writing C. */
  readonly planSeconds: number;
}

const cores = 8;
/** The budgets of the targets. */
export const budgets = { l1: 44 * 1024, l2: 400 * 1024 };

/** Kernels that remember which layers they were taken for, and the sum of their models over these layers as single tiles. */
function remembering() {
  const alone = new Map<string, number>();
  const kernels = tileKernels.map(
    (k): TileKernel => ({
      ...k,
      emit(layer, layouts, name, tile) {
        alone.set(layer.name, k.cycles(layer, layouts, tileShape(layer, layer.out), cores));
        return k.emit(layer, layouts, name, tile);
      },
    }),
  );
  return { kernels, sum: (names: readonly string[]) => names.reduce((n, l) => n + (alone.get(l) ?? 0), 0) };
}

const inputsOf = (graph: Graph, seed: number): readonly Tensor[] =>
  graph.inputs.map((v, i) => randomTensor(v.type, seed * 1000 + i));

/** By engine `wasm`: the specification takes minutes for the large ones. */
async function vectorsOf(graph: Graph) {
  const session = await wasmEngine.prepare(graph);
  const of = async (inputs: readonly Tensor[]) => ({ inputs, values: new Map(await session.run(inputs)) });
  const vectors = [await of(inputsOf(graph, 1)), await of(inputsOf(graph, 2))];
  await session.dispose();
  return vectors;
}

/** Throws a `Refusal` where a CRC differs: cycles of a wrong result are not worth knowing. */
export async function speedOf(network: Network): Promise<FirmwareSpeed> {
  const graph = await network.graph();
  const vectors = await vectorsOf(graph);
  const { kernels, sum } = remembering();
  const begin = performance.now();
  const project = makeFirmware(graph, {
    cores,
    ...budgets,
    vectors,
    tileKernels: kernels,
    prefix: "network",
  });
  const planSeconds = (performance.now() - begin) / 1000;
  const { ok, console } = await checkFirmware(project);
  if (!ok) throw new Refusal(error("bench/wrong", `${network.name}: ${console}`));
  const { inputs } = vectors[0]!;
  const gvsoc = await measureFirmware(project, { profile: "gvsoc", inputs });
  const rtl = await measureFirmware(project, { profile: "rtl", inputs });
  const { program } = project.emission;
  const bytes = (level: string) => program.levels.find((l) => l.level === level)?.bytes ?? 0;
  return {
    network,
    macs: macsOfProgram(program),
    layers: program.layers.length,
    tiles: program.layers.reduce((n, l) => n + l.tiles, 0),
    gvsoc: gvsoc.cycles,
    rtl: rtl.cycles,
    spent: spentBy(gvsoc),
    kernelsAlone: sum(program.layers.map((l) => l.name)),
    fetch: gvsoc.layers.reduce((n, l) => n + (l.causes.fetch ?? 0), 0) / cores,
    l1: bytes("l1"),
    l2: bytes("l2"),
    l3: bytes("l3"),
    planSeconds,
  };
}

function spentBy({ cycles, layers }: Measured): Spent {
  const within = layers.reduce((n, l) => n + l.cycles, 0);
  const phases = phaseNames.map((p) => [p, layers.reduce((n, l) => n + l.phases[p], 0)] as const);
  return { ...(Object.fromEntries(phases) as Record<Phase, number>), call: cycles - within };
}
