/** What a module is, independent of container, spans and machine. */
import { createHash } from "node:crypto";
import { type Module, paramsOf } from "./graph.js";
import { contentHash } from "./hash.js";
import { printGraph } from "./print.js";

/** sha256 of the canonical text of the graphs, without spans and comments, and of each param's content in name order. */
export function moduleHash(module: Module): string {
  const hash = createHash("sha256");
  for (const graph of module.graphs) {
    const { comments: _, remark: _r, ...bare } = graph;
    hash.update(
      printGraph({ ...bare, nodes: graph.nodes.map(({ comments: _c, remark: _m, ...node }) => node) }),
    );
  }
  for (const param of paramsOf(module.graphs).toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    hash.update(`param @${param.name}${param.trainable ? " trainable" : ""} ${contentHash(param)}\n`);
  }
  return hash.digest("hex");
}
