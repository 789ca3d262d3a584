/** The networks whose firmware is measured, as integer graphs, with what others reached and what we aim at. */
import path from "node:path";
import { readGoldenFiles, sampleArrays } from "../../src/cli/goldens.js";
import { loadModel } from "../../src/cli/model.js";
import type { Graph } from "../../src/ir/graph.js";
import { type CaseFolder, caseFolders } from "../../tests/conformance/cases.js";
import { quantisedFile, type WeightBits } from "../../tests/conformance/quantised.js";
import { root, shared } from "../root.js";

/** What the paper (Table 5: GAP8 at 100 MHz, DORY with PULP-NN and PULP-NN-Mixed) says of the network that this one is like. */
interface Published {
  readonly name: string;
  readonly cycles: number;
}
export interface Network {
  readonly name: string;
  readonly about: string;
  graph(): Promise<Graph>;
  readonly published?: Published;
  /** MAC/cycle that DORY recorded for its own firmware of this network. */
  readonly dory?: number;
  /** Cycles in profile gvsoc. */
  readonly target?: number;
  /** MAC/cycle in profile gvsoc. */
  readonly targetRate?: number;
}

/** Bits of the weights of the convolutions, first to last. */
const mixed: WeightBits = [8, 8, 4, 8, 4, 8, 2, 8, 2, 8, 4, 8, 8, 8];
const narrow: WeightBits = [8, 4, 2, 4, 2, 4, 2, 4, 2, 4, 2, 4, 2, 8];

const written = (file: string, weights: WeightBits) => () => quantisedFile(path.join(root, file), weights);
const here = "bench/firmware/networks";

const likePaper: readonly Network[] = [
  {
    name: "A",
    about: "depthwise-separable U-Net, 8-bit weights",
    graph: written(`${here}/a.pulse`, 8),
    published: { name: "Best DBP", cycles: 13.2e6 },
    target: 2.6e6,
  },
  {
    name: "B",
    about: "A with weights of 8, 4 and 2 bits",
    graph: written(`${here}/a.pulse`, mixed),
    published: { name: "Best SBP", cycles: 24.1e6 },
    target: 2.9e6,
  },
  {
    name: "C",
    about: "a narrow one, most weights of 2 bits",
    graph: written(`${here}/c.pulse`, narrow),
    published: { name: "Best Params", cycles: 5.3e6 },
    target: 0.55e6,
  },
  {
    name: "V-Net",
    about: "8-bit weights, 0.5 MB of them in L3",
    graph: written(`${here}/vnet.pulse`, 8),
    published: { name: "VNet", cycles: 6.7e6 },
    target: 4.6e6,
  },
];

async function fromOnnx({ folder, model }: CaseFolder): Promise<Graph> {
  return (await loadModel(model, undefined, sampleArrays(readGoldenFiles(folder)))).graph;
}

/** Networks of others, by folder, and what is known of them. */
const fixtures: readonly (readonly [folder: string, known: Partial<Network>])[] = [
  ["dory/TCN_T", { dory: 4.29, targetRate: 8 }],
  ["dory/DVS_CNN_9inputs", {}],
  ["dory/Residual_connection_test_2", {}],
  ["dory/dscnn_test", {}],
  ["dory/eegnet_1d_8b_1xW", {}],
  ["dory/eegnetDW_1d_8b_1xW", {}],
  ["deeploy/models/KeywordSpotting", {}],
];

const examples: readonly Network[] = ["unet", "dscnn", "resnet_se"].flatMap((name) =>
  ([8, 4, 2] as const).map((weights) => ({
    name: `examples/${name}, ${weights} bit`,
    about: `${weights}-bit weights`,
    graph: written(`examples/${name}.pulse`, weights),
  })),
);

/** All of them, in the order of the page, as far as the shared material is there. */
export function networks(): readonly Network[] {
  const found = fixtures.flatMap(([name, known]): readonly Network[] => {
    const folder = shared(name);
    const about = `fixture of ${name.startsWith("dory") ? "DORY" : "Deeploy"}`;
    return (folder ? caseFolders(folder) : []).map((c) => ({
      name: path.basename(name),
      about,
      graph: () => fromOnnx(c),
      ...known,
    }));
  });
  return [...likePaper, ...found, ...examples];
}
