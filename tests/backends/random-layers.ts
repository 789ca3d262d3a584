/** Random integer layers and small networks that pass the verifier, for comparing engines. */
import fc from "fast-check";
import { GraphBuilder } from "../../src/ir/build.js";
import type { Graph, Value } from "../../src/ir/graph.js";
import { printModule } from "../../src/ir/print.js";
import type { Tensor } from "../../src/ir/tensor.js";
import { type Draw, drawFrom, drawTensor } from "./random-draw.js";
import { drawNetwork } from "./random-networks.js";
import { layers } from "./random-ops.js";

export interface LayerCase {
  readonly graph: Graph;
  readonly inputs: readonly Tensor[];
  /** Other inputs, for a second run of the same session. */
  readonly again: readonly Tensor[];
}

/** Every integer op, and some that are worth a case of their own. */
export const layerNames: readonly string[] = Object.keys(layers);

/** One layer of the op, now and then with more nodes around it. */
export const layerArbitrary = (name: string): fc.Arbitrary<LayerCase> =>
  cases((d, b) => [layers[name]!(d, b)]);

/** Up to seven blocks of layers, branches included. */
export const networkArbitrary: fc.Arbitrary<LayerCase> = cases(drawNetwork);

/** Valid graphs that end in what `build` gives, with inputs. */
export function cases(build: (d: Draw, b: GraphBuilder) => readonly Value[]): fc.Arbitrary<LayerCase> {
  return fc.gen().map((g) => {
    const d = drawFrom(g);
    const b = new GraphBuilder("random", "integer");
    const graph = b.finish(build(d, b));
    const drawInputs = () => graph.inputs.map((v) => drawTensor(d, v.type));
    return shown({ graph, inputs: drawInputs(), again: drawInputs() });
  });
}

/** A counterexample prints as IR text and inputs. */
const shown = (c: LayerCase): LayerCase & fc.WithToStringMethod => ({
  ...c,
  [fc.toStringMethod]: () =>
    [
      printModule({ graphs: [c.graph], meta: {} }),
      ...c.inputs.map(({ data }) => `[${data.join(", ")}]`),
    ].join("\n"),
});
