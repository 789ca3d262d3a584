/** The whole comparison with onnxruntime. */
import { compare, type Failed, type Timed } from "./compare.js";
import { type Method, quick, thorough } from "./measure.js";
import { peerVersion } from "./peers.js";
import type { WasmResult } from "./report.js";
import { callRow, type Row, rows } from "./rows.js";
import { throughputs } from "./throughput.js";

export async function benchWasm(options: {
  readonly quick: boolean;
  said(text: string): void;
}): Promise<WasmResult> {
  const method = options.quick ? quick : thorough;
  const call = await compare(callRow, method);
  if ("error" in call) throw new Error(call.error);
  const done: (Timed | Failed)[] = [];
  for (const row of rows()) {
    options.said(`${row.kind}: ${row.name}`);
    done.push(await attempted(row, method));
  }
  return {
    peerVersion: await peerVersion(),
    method,
    call,
    rows: done,
    throughputs: await throughputs(method),
  };
}

/** One row that cannot be built or run costs the others nothing. */
async function attempted(row: Row, method: Method): Promise<Timed | Failed> {
  try {
    return await compare(row, method);
  } catch (e) {
    return { kind: row.kind, name: row.name, error: (e as Error).message };
  }
}
