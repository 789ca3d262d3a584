/** `npm run examples`: writes the data of examples/*.pulse, the same bytes every time. Synthetic: shapes of signals, no recordings. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type RawArray, writeNpz } from "../src/data/tensor-files/index.js";
import { randomFrom } from "../src/ir/random.js";

const folder = path.join(path.dirname(fileURLToPath(import.meta.url)), "..", "..", "examples");
const samples = 12;

const floats = (name: string, shape: readonly number[], rows: readonly (readonly number[])[]): RawArray => ({
  name,
  shape: [samples, ...shape],
  dtype: "f4",
  data: Float32Array.from(rows.flat()),
});
const labels = (name: string, of: readonly number[]): RawArray => ({
  name,
  shape: [samples],
  dtype: "i4",
  data: Int32Array.from(of),
});
const each = <T>(make: (sample: number, next: () => number) => T, seed: number): readonly T[] =>
  Array.from({ length: samples }, (_, s) => make(s, randomFrom(seed + s)));
const bump = (x: number, at: number, width: number): number => Math.exp(-(((x - at) / width) ** 2));

/** Four seconds of a pulse wave at 64 Hz, and the arterial pressure behind it as (mmHg - 100) / 25. */
function pulses(_: number, next: () => number): { ppg: number[]; pressure: number[] } {
  const [rate, start, reflection] = [1 + 0.8 * next(), next(), 0.3 + 0.3 * next()];
  const [systolic, diastolic] = [105 + 40 * next(), 65 + 20 * next()];
  const wave = (i: number, sharp: number): number => {
    const phase = (start + (rate * i) / 64) % 1;
    return bump(phase, 0.2, 0.11 / sharp) + reflection * bump(phase, 0.5, 0.16 / sharp);
  };
  const index = Array.from({ length: 256 }, (_, i) => i);
  return {
    ppg: index.map((i) => 2 * wave(i, 1) - 0.8 + 0.06 * (next() - 0.5)),
    pressure: index.map((i) => (diastolic + (systolic - diastolic) * wave(i, 1.15) - 100) / 25),
  };
}

/** One lead of an electrocardiogram, two seconds at 256 Hz; the class decides which wave is changed. */
function heartbeat(kind: number, next: () => number): number[] {
  const rate = 0.9 + 0.7 * next() + (kind === 4 ? 0.8 : 0);
  const start = next();
  const heights = [kind === 1 ? 0 : 0.15, -0.12, kind === 2 ? 0.6 : 1.2, -0.25, kind === 3 ? -0.3 : 0.3];
  const waves = [0.2, 0.31, 0.34, 0.37, 0.6];
  const widths = [0.035, 0.01, kind === 2 ? 0.03 : 0.012, 0.012, 0.06];
  return Array.from({ length: 512 }, (_, i) => {
    const phase = (start + (rate * i) / 256) % 1;
    const beat = waves.reduce((sum, at, k) => sum + heights[k]! * bump(phase, at, widths[k]!), 0);
    return beat + 0.04 * (next() - 0.5);
  });
}

/** 49 frames of 10 cepstral coefficients: a few syllables; the word decides where they lie. */
function word(kind: number, next: () => number): number[] {
  const syllables = Array.from({ length: 3 }, (_, k) => ({
    time: 8 + 12 * k + (kind % 4) * 2 + 3 * next(),
    pitch: ((kind * 3 + k * 4) % 10) + next(),
  }));
  return Array.from({ length: 490 }, (_, i) => {
    const [frame, coefficient] = [Math.floor(i / 10), i % 10];
    const sound = syllables.reduce(
      (sum, s) => sum + bump(frame, s.time, 4) * Math.cos(0.6 * (coefficient - s.pitch)),
      0,
    );
    return 1.5 * sound + 0.2 * (next() - 0.5);
  });
}

/** Every file by its name in examples/. */
export function exampleData(): ReadonlyMap<string, Uint8Array> {
  const waves = each(pulses, 100);
  const hearts = each((s) => s % 5, 0);
  const words = each((s) => s, 0);
  return new Map([
    [
      "unet.npz",
      writeNpz([
        floats(
          "ppg",
          [256, 1],
          waves.map((w) => w.ppg),
        ),
        floats(
          "pressure",
          [256, 1],
          waves.map((w) => w.pressure),
        ),
      ]),
    ],
    [
      "resnet_se.npz",
      writeNpz([
        floats(
          "ecg",
          [512, 1],
          each((s, next) => heartbeat(hearts[s]!, next), 200),
        ),
        labels("classes", hearts),
      ]),
    ],
    ["dscnn.npz", writeNpz([floats("mfcc", [49, 10, 1], each(word, 300)), labels("keyword", words)])],
  ]);
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const [name, bytes] of exampleData()) {
    writeFileSync(path.join(folder, name), bytes);
    console.log(`examples/${name}`);
  }
