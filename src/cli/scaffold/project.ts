/** The files of `pulsec init`: a model with its data, a configuration, and what npm and an editor want to know. */
import { writeNpz } from "../../data/tensor-files/index.js";
import { randomFrom } from "../../ir/random.js";
import { newConfig } from "./register.js";

const model = `\
// Which of three waves is it? The weights are random until the network is trained.
model waves {
  input x: [64, 1]  // length, channels
  a = x |> conv(out: 8, kernel: 5, stride: 2, pad: same) |> relu |> maxpool(2)
  b = a |> conv(out: 16, kernel: 3, pad: same) |> relu
  output kind = b |> global_avgpool |> flatten |> linear(3)
}

deploy waves to gap8 {
  weights 8
  calibrate "waves.npz"
}
`;

const readme = (name: string): string => `\
# ${name}
\`npx pulsec compile model.pulse -o out && npx pulsec verify out\`: the model in waves as C and WebAssembly, every layer compared.
\`npx pulsec pass new my-pass\` or \`npx pulsec op new my_op\`, then \`node --test\`: a pass or an op of your own, with its test.
`;

const packageJson = (name: string, version: string): string =>
  `${JSON.stringify(
    {
      name,
      private: true,
      type: "module",
      scripts: { test: "node --test" },
      dependencies: { pulsec: `^${version}` },
    },
    undefined,
    2,
  )}\n`;

/** For editors and \`tsc\`; pulsec itself only takes the types away. */
const tsconfig = `\
{
  "compilerOptions": {
    "target": "ES2022",
    "module": "NodeNext",
    "strict": true,
    "noEmit": true,
    "skipLibCheck": true,
    "allowImportingTsExtensions": true,
    "erasableSyntaxOnly": true
  },
  "exclude": ["node_modules", "out"]
}
`;

const [samples, length] = [24, 64];

/** Sine, triangle and square waves with some noise, and which of them each is: the same bytes every time. */
function waves(): Uint8Array {
  const shapes = [
    Math.sin,
    (p: number) => (2 / Math.PI) * Math.asin(Math.sin(p)),
    (p: number) => Math.sign(Math.sin(p)),
  ];
  const next = randomFrom(1);
  const rows = Array.from({ length: samples }, (_, s) => {
    const [rate, start] = [2 + 4 * next(), 2 * Math.PI * next()];
    return Array.from(
      { length },
      (_, i) => shapes[s % 3]!(start + (2 * Math.PI * rate * i) / length) + 0.2 * (next() - 0.5),
    );
  });
  return writeNpz([
    { name: "x", shape: [samples, length, 1], dtype: "f4", data: Float32Array.from(rows.flat()) },
    { name: "kind", shape: [samples], dtype: "i4", data: Int32Array.from(rows, (_, s) => s % 3) },
  ]);
}

/** By their paths in the project's folder. */
export const projectFiles = (name: string, version: string): ReadonlyMap<string, string | Uint8Array> =>
  new Map<string, string | Uint8Array>([
    ["README.md", readme(name)],
    ["package.json", packageJson(name, version)],
    ["tsconfig.json", tsconfig],
    ["pulsec.config.ts", newConfig()],
    ["model.pulse", model],
    ["waves.npz", waves()],
  ]);
