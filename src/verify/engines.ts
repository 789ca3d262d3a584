/** Runs engines on the same inputs and compares every value with the reference's, in graph order. */
import type { ComputedTile, Engine, Session } from "../ir/contracts.js";
import type { Graph } from "../ir/graph.js";
import type { Tensor } from "../ir/tensor.js";
import { sizes } from "../ir/type.js";
import { comparable, type Difference, difference } from "./difference.js";

/** One inference: inputs in the graph's order. */
export interface TestVector {
  readonly name: string;
  readonly inputs: readonly Tensor[];
}

export interface ValueDifference {
  readonly value: string;
  readonly op: string;
  /** 1 for the graph's first node. */
  readonly layer: number;
  /** Absent when the engine gave no such output, or one of another size. */
  readonly difference?: Difference;
  /** Of the first value that differs, where the engine computes it tile by tile. */
  readonly tile?: DifferingTile;
}

/** The first tile, in the order of their computation, with an element that differs. */
export interface DifferingTile extends ComputedTile {
  /** Tiles with such elements. */
  readonly differing: number;
}

export interface EngineOutcome {
  readonly engine: string;
  /** Why it cannot run the graph; then nothing was compared. */
  readonly refusals: readonly string[];
  /** Values compared per vector; a fusing engine may not expose all. */
  readonly compared: number;
  /** The first vector with a difference, and all values that differ there, in graph order. */
  readonly vector?: string;
  readonly differences: readonly ValueDifference[];
}

/** Whether engines gave the same bytes, and where they first did not. */
export interface EngineReport {
  readonly ok: boolean;
  readonly reference: string;
  /** Nodes of the graph. */
  readonly values: number;
  readonly vectors: number;
  readonly engines: readonly EngineOutcome[];
}

/**
 * Compares `engines` with `reference` on every vector. An engine that refuses the graph fails the report.
 * An engine is not run any further after the first vector with a difference.
 */
export async function compareEngines(
  graph: Graph,
  reference: Engine,
  engines: readonly Engine[],
  vectors: readonly TestVector[],
): Promise<EngineReport> {
  const runs: Run[] = [];
  const session = await reference.prepare(graph);
  try {
    for (const engine of engines) runs.push(await start(engine, graph));
    for (const vector of vectors) {
      const expected = await session.run(vector.inputs);
      for (const run of runs) await compare(run, graph, vector, expected);
    }
  } finally {
    await Promise.all([session, ...runs.map((r) => r.session)].map((s) => s?.dispose()));
  }
  const outcomes = runs.map((r) => r.outcome);
  const ok = outcomes.every((o) => o.refusals.length === 0 && o.differences.length === 0);
  return {
    ok,
    reference: reference.name,
    values: graph.nodes.length,
    vectors: vectors.length,
    engines: outcomes,
  };
}

interface Run {
  readonly session: Session | undefined;
  outcome: EngineOutcome;
}

async function start(engine: Engine, graph: Graph): Promise<Run> {
  const refusals = engine.refuses(graph);
  const session = refusals.length === 0 ? await engine.prepare(graph) : undefined;
  return { session, outcome: { engine: engine.name, refusals, compared: 0, differences: [] } };
}

async function compare(
  run: Run,
  graph: Graph,
  vector: TestVector,
  expected: ReadonlyMap<string, Tensor>,
): Promise<void> {
  if (!run.session || run.outcome.differences.length > 0) return;
  const got = await run.session.run(vector.inputs);
  const { session } = run;
  const differences = withTile(compareValues(graph, expected, got), expected, got, session);
  const compared = graph.nodes.filter((n) => got.has(n.result.name)).length;
  run.outcome = {
    ...run.outcome,
    compared,
    differences,
    ...(differences.length > 0 ? { vector: vector.name } : {}),
  };
}

/** The same with the first one's tile. */
export function withTile(
  differences: readonly ValueDifference[],
  expected: ReadonlyMap<string, Tensor>,
  got: ReadonlyMap<string, Tensor>,
  session: Pick<Session, "tiles">,
): readonly ValueDifference[] {
  const [first, ...rest] = differences;
  const computed = first?.difference && session.tiles?.(first.value);
  if (!first || !computed) return differences;
  const [want, have] = [expected.get(first.value)!, got.get(first.value)!].map((t) => comparable(t.data));
  const wrong = new Set<number>();
  for (let i = 0; i < want!.length; i++) {
    const tile = want![i] === have![i] ? undefined : computed.at(i);
    if (tile !== undefined) wrong.add(tile);
  }
  if (wrong.size === 0) return differences;
  const tile = { ...computed.tiles[Math.min(...wrong)]!, differing: wrong.size };
  return [{ ...first, tile }, ...rest];
}

/** All node results that differ, in graph order. A value that `got` lacks is one only if it is an output. */
export function compareValues(
  graph: Graph,
  expected: ReadonlyMap<string, Tensor>,
  got: ReadonlyMap<string, Tensor>,
): readonly ValueDifference[] {
  const outputs = new Set(graph.outputs.map((v) => v.name));
  return graph.nodes.flatMap(({ op, result }, i) => {
    const [want, have] = [expected.get(result.name), got.get(result.name)];
    const where = { value: result.name, op: op.name, layer: i + 1 };
    if (!want || !have) return want && outputs.has(result.name) ? [where] : [];
    if (want.data.length !== have.data.length) return [where];
    const found = difference(sizes(result.type), want.data, have.data);
    return found ? [{ ...where, difference: found }] : [];
  });
}
