import type { CostModel } from "../../ir/contracts.js";
import { costOf } from "../../ir/cost.js";
import { type Call, type Command, exit, list, oneOf } from "../command.js";
import { modelOptions, openModel } from "../model.js";

export const command: Command = {
  name: "cost",
  summary: "what every layer costs: multiply-accumulates, bytes, or by a formula of your own",
  args: "MODEL",
  positionals: { min: 1, max: 1 },
  details: ({ costModels }) =>
    `A cost model is a formula over the sizes of a layer; a configuration may add some. The symbolic batch counts as 1.

cost models:
${costModels.map((m) => `  ${m.name.padEnd(16)}${m.unit}`).join("\n")}`,
  options: {
    ...modelOptions,
    by: { type: "string", value: "a,b", multiple: true, help: "cost models; default all" },
  },
  examples: [
    ["cost net.pulse", "a table of all layers"],
    ["cost net.pmod --by macs --json", "for a script"],
  ],
  async run(call) {
    const { graph } = await openModel(call, call.args[0]!);
    const models = chosen(call);
    const layers = graph.nodes.map((node) => ({
      value: node.result.name,
      op: node.op.name,
      costs: models.map((m) => costOf(m, node)),
    }));
    const totals = models.map((_, i) => layers.reduce((sum, l) => sum + l.costs[i]!, 0));
    call.print(
      table([
        ["", "", ...models.map((m) => (m.name === m.unit ? m.name : `${m.name} (${m.unit})`))],
        ...layers.map((l) => [`%${l.value}`, l.op, ...l.costs.map(shown)]),
        ["total", "", ...totals.map(shown)],
      ]),
    );
    const named = (costs: readonly number[]) => Object.fromEntries(models.map((m, i) => [m.name, costs[i]]));
    call.emit({
      ok: true,
      graph: graph.name,
      total: named(totals),
      layers: layers.map((l) => ({ ...l, costs: named(l.costs) })),
    });
    return exit.ok;
  },
};

function chosen(call: Call): readonly CostModel[] {
  const { costModels } = call.toolchain;
  const known = costModels.map((m) => m.name);
  const names = list(call.texts("by")).map((name) => oneOf("cost model", name, known));
  return names.length === 0 ? costModels : costModels.filter((m) => names.includes(m.name));
}

const shown = (cost: number): string => (Number.isInteger(cost) ? String(cost) : cost.toPrecision(6));

/** Numbers to the right. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((r) => r[i]!.length)));
  return rows
    .map((r) =>
      r
        .map((cell, i) => (i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
