/**
 * What the grammars need of chevrotain, from the one file that its package holds beside its modules: those import 640 files
 * of lodash-es, which takes half a second.
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const bundle = new URL("../chevrotain.mjs", import.meta.resolve("chevrotain"));
const library: typeof import("chevrotain") = await import(
  existsSync(fileURLToPath(bundle)) ? bundle.href : "chevrotain"
);

export const { createToken, EmbeddedActionsParser, EOF, isRecognitionException, Lexer, tokenMatcher } =
  library;
