/** End to end: cycles per inference of firmware on gap8sim, beside what is published and what we aim at. */
import { type Cells, markdownTable, table } from "../table.js";
import { budgets, type FirmwareSpeed, speedOf } from "./measure.js";
import { type Network, networks } from "./networks.js";

const millions = (n: number): string => (n / 1e6).toFixed(2);
const thousands = (n: number): string => (n / 1e3).toFixed(0);

const about = `Cluster cycles of one inference on gap8sim, eight cores, tiles in ${budgets.l1 / 1024} KiB of L1, constants and values in ${budgets.l2 / 1024} KiB of L2: the second of two, from the call of \`run\` on the fabric controller to its return, everything included. Arguments lie in L2; constants that do not fit there are in the HyperRAM before. Before a network is timed, the program that ships runs two inferences, and the CRC of every layer equals that of engine \`wasm\`.`;

const caveat =
  "The paper's networks are not ours: its Table 5 (GAP8 at 100 MHz, DORY with PULP-NN and PULP-NN-Mixed) does not state its layers, and its column of MACs cannot be multiply-accumulates. A, B, C and V-Net have the same structure, input and sizes, with random weights. A ratio to the paper is one of cycles of two networks that are alike, no more; theirs were measured on the chip, ours on a model of it.";

/** Cycles against the paper's, the target, DORY's rate. */
const headline = (speeds: readonly FirmwareSpeed[]): Cells => [
  ["like the paper's", "MMAC", "gvsoc", "rtl", "target", "target / gvsoc", "paper", "paper / gvsoc"],
  ...speeds.flatMap(({ network: n, macs, gvsoc, rtl }) =>
    n.published && n.target
      ? [
          [
            `${n.name}, like ${n.published.name}`,
            millions(macs),
            `${millions(gvsoc)} M`,
            `${millions(rtl)} M`,
            `${millions(n.target)} M`,
            (n.target / gvsoc).toFixed(2),
            `${millions(n.published.cycles)} M`,
            (n.published.cycles / gvsoc).toFixed(1),
          ],
        ]
      : [],
  ),
];

const rates = (speeds: readonly FirmwareSpeed[]): Cells => [
  [
    "network",
    "MMAC",
    "kcycles, gvsoc",
    "rtl",
    "MAC/cycle",
    "target",
    "DORY's",
    "layers",
    "tiles",
    "L1 KiB",
    "L2 KiB",
    "L3 KiB",
    "tile search s",
  ],
  ...speeds.map((s) => [
    s.network.name,
    millions(s.macs),
    thousands(s.gvsoc),
    thousands(s.rtl),
    (s.macs / s.gvsoc).toFixed(2),
    rateOf(s.network, s.macs),
    s.network.dory?.toFixed(2) ?? "",
    String(s.layers),
    String(s.tiles),
    ...[s.l1, s.l2, s.l3].map((n) => (n / 1024).toFixed(0)),
    s.planSeconds.toFixed(1),
  ]),
];

const rateOf = ({ target, targetRate }: Network, macs: number): string =>
  (targetRate ?? (target ? macs / target : undefined))?.toFixed(2) ?? "";

const gapAbout =
  "Where they go, in per cent of an inference in profile gvsoc: what core 0 does. *kernels*: inside of kernels, of which *alone* is what their cycle models give for every layer as one tile with all data in L1: the limit of these kernels; the rest of *kernels* is that tiles are smaller, and instructions that are not in the cache. *dma*, *l3*: waiting for transfers; *borders*: writing paddings; *barriers*: waiting for other cores between tiles; *control*: addresses and programming of transfers; *call*: waking the cluster, forking, returning. *fetch*: waiting for instructions, mean of the cores, contained in the others.";

const gaps = (speeds: readonly FirmwareSpeed[]): Cells => [
  ["network", "alone", "kernels", "dma", "l3", "borders", "barriers", "control", "call", "fetch"],
  ...speeds.map(({ network, gvsoc, spent, kernelsAlone, fetch }) => {
    const { kernel, dma, l3, border, barrier, control, call } = spent;
    const parts = [kernelsAlone, kernel, dma, l3, border, barrier, control, call, fetch];
    return [network.name, ...parts.map((n) => ((100 * n) / gvsoc).toFixed(1))];
  }),
];

/** The bench as `npm run bench` prints it; `quick` measures the networks with a target alone. */
export async function firmware(quick: boolean): Promise<{ json: unknown; terminal: string; page: string }> {
  const speeds: FirmwareSpeed[] = [];
  for (const network of networks()) {
    if (quick && !network.target && !network.targetRate) continue;
    const speed = await speedOf(network);
    speeds.push(speed);
    console.error(
      `bench: ${network.name}: ${thousands(speed.gvsoc)} kcycles, ${thousands(speed.rtl)} in rtl`,
    );
  }
  const text = (render: (rows: Cells) => string): string =>
    [
      about,
      render(headline(speeds)),
      caveat,
      render(rates(speeds)),
      "DORY's rate of TCN_T is what its repository recorded in 2021 on GVSOC, for a network then marked broken. The tile search is that of the whole network, with memory planning and writing C; it should take less than 5 s.",
      gapAbout,
      render(gaps(speeds)),
    ].join("\n\n");
  const json = speeds.map(({ network: { name }, ...rest }) => ({ name, ...rest }));
  return { json, terminal: text(table), page: text(markdownTable) };
}
