/** Every setting that `train`, its phases and `deploy` take: what it means and which values it has. */

export type SettingKind =
  | { readonly kind: "integer"; readonly min: number; readonly max?: number }
  /** `above`: larger than this; `min`: at least this. */
  | { readonly kind: "number"; readonly above?: number; readonly min?: number; readonly max?: number }
  /** Any dotted word, or one of those listed. */
  | { readonly kind: "word"; readonly of?: readonly string[] }
  | { readonly kind: "file" }
  /** A number with a unit of the table. */
  | { readonly kind: "quantity"; readonly unit: keyof typeof units }
  /** One number or a list, each one of those listed. */
  | { readonly kind: "choices"; readonly of: readonly number[]; readonly by?: readonly string[] };

export interface SettingRow {
  readonly summary: string;
  readonly value: SettingKind;
}
export type SettingTable = Readonly<Record<string, SettingRow>>;

/** Factors to bytes and hertz. */
export const units = {
  size: { B: 1, KiB: 2 ** 10, MiB: 2 ** 20 },
  frequency: { Hz: 1, kHz: 1e3, MHz: 1e6, GHz: 1e9 },
} as const satisfies Record<string, Readonly<Record<string, number>>>;

const bits = [8, 4, 2] as const;
const count = { kind: "integer", min: 1 } as const;
const rate = { kind: "number", above: 0 } as const;

export const trainSettings: SettingTable = {
  seed: { summary: "Where all randomness starts.", value: { kind: "integer", min: 0, max: 2 ** 32 - 1 } },
  loss: {
    summary: "What training makes small.",
    value: { kind: "word", of: ["mse", "mae", "huber", "cross_entropy"] },
  },
  batch: { summary: "Samples per step.", value: count },
};

export const phaseSettings: SettingTable = {
  epochs: { summary: "Passes over the data, at most.", value: count },
  lr: { summary: "Learning rate of weights.", value: rate },
  arch_lr: { summary: "Learning rate of what is searched.", value: rate },
  use: { summary: "The search pass that is active.", value: { kind: "word" } },
  cost: { summary: "What a search pays for.", value: { kind: "word" } },
  lambda: { summary: "How much the cost weighs beside the loss.", value: { kind: "number", min: 0 } },
  patience: { summary: "Epochs without progress after which the phase ends.", value: count },
};

const size = { kind: "quantity", unit: "size" } as const;

export const deploySettings: SettingTable = {
  l1: { summary: "Memory of the cluster that the network may take.", value: size },
  l2: { summary: "Memory of the chip that the network may take.", value: size },
  clock: { summary: "Clock of the cores.", value: { kind: "quantity", unit: "frequency" } },
  weights: {
    summary: "Bits of weights, or those to choose from.",
    value: { kind: "choices", of: bits, by: ["layer"] },
  },
  activations: {
    summary: "Bits of activations, or those to choose from.",
    value: { kind: "choices", of: bits, by: ["layer"] },
  },
  calibrate: { summary: "Data from which ranges of activations are taken.", value: { kind: "file" } },
  test: { summary: "Inputs that the deployed network is verified on.", value: { kind: "file" } },
};

/** What `deploy ... to` may name. */
export const targets = ["gap8", "c"] as const;

/** How a value is written, in words. */
export function settingValues(row: SettingRow): string {
  const { value } = row;
  switch (value.kind) {
    case "integer":
      return value.max === undefined
        ? `whole number >= ${value.min}`
        : `whole number in [${value.min}, ${value.max}]`;
    case "number":
      return value.above === undefined ? `number >= ${value.min}` : `number > ${value.above}`;
    case "word":
      return value.of ? value.of.join(", ") : "a word";
    case "file":
      return "a file name in quotes";
    case "quantity":
      return `a number with ${Object.keys(units[value.unit]).join(", ")}`;
    case "choices":
      return `${value.of.join(", ")} or a list of them${value.by ? `, by ${value.by.join(" or ")}` : ""}`;
  }
}
