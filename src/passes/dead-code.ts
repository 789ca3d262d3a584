import type { PlainPass } from "../ir/contracts.js";
import { removeDead } from "../ir/rewrite.js";

export const deadCode: PlainPass = {
  name: "dead-code",
  summary: "Removes nodes whose result no output needs. Inputs stay: they are the graph's signature.",
  run: removeDead,
};
