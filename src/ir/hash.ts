/** Content hashes: what a param or a module is, independent of container, spans and machine. */
import { createHash } from "node:crypto";
import { type Module, type Param, paramsOf } from "./graph.js";
import { printGraph } from "./print.js";
import { bytesOf } from "./tensor.js";
import { printType } from "./type.js";

/** sha256 of a param's type and little-endian element bytes (sub-byte: one element per byte). */
export function contentHash(param: Param): string {
  return createHash("sha256")
    .update(`${printType(param.type)}\n`)
    .update(bytesOf(param.data))
    .digest("hex");
}

/** sha256 of the canonical text of the graphs, without spans and comments, and of each param's content in name order. */
export function moduleHash(module: Module): string {
  const hash = createHash("sha256");
  for (const graph of module.graphs) {
    const { comments: _, ...bare } = graph;
    hash.update(printGraph({ ...bare, nodes: graph.nodes.map(({ comments: _c, ...node }) => node) }));
  }
  for (const param of paramsOf(module.graphs).toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    hash.update(`param @${param.name}${param.trainable ? " trainable" : ""} ${contentHash(param)}\n`);
  }
  return hash.digest("hex");
}
