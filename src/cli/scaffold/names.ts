/** Names of new passes and ops, and what they are called in files and in code. */
import { UsageError } from "../command.js";

export interface Names {
  /** As pipelines or models write it, and as the file is called. */
  readonly name: string;
  /** As code writes it. */
  readonly identifier: string;
}

const camel = (name: string): string =>
  name.replace(/[-_.]+(\w)/g, (_, letter: string) => letter.toUpperCase()).replace(/[-_.]+$/, "");

/** Words of JavaScript, and what the files of the templates call things themselves. */
const taken = new Set(
  (
    "arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for " +
    "function if implements import in instanceof interface let new null package private protected public return static super switch " +
    "this throw true try typeof var void while with yield " +
    "after assert before check defineConfig defineOp definePass engine engines file floatEngine graph inputs intEngine mainGraph maxpool " +
    "module opNamed ops output parseModule printModule randomTensor relu rewrite rule run runPasses session tensor tensorType test text " +
    "unwrap valueCheck values wasmEngine zeroPoint"
  ).split(" "),
);

function namesOf(name: string, pattern: RegExp, kind: "pass" | "op", example: string): Names {
  if (!pattern.test(name))
    throw new UsageError(
      `${JSON.stringify(name)} is no name of ${kind === "op" ? "an op" : "a pass"}; write it as ${example}`,
    );
  const identifier = camel(name);
  return {
    name,
    identifier: taken.has(identifier) ? `${identifier}${kind === "op" ? "Op" : "Pass"}` : identifier,
  };
}

export const passNames = (name: string): Names =>
  namesOf(name, /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, "pass", "my-pass");
export const opNames = (name: string): Names => namesOf(name, /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/, "op", "my_op");
