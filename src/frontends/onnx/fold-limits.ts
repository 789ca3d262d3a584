/** How many elements a file may make us compute. */
import { type Context, refuse } from "./context.js";
import { product } from "./shapes.js";

/**
 * More elements than any constant of a network that fits a microcontroller: a hostile file must not make us
 * allocate.
 */
const mostElements = 2 ** 23;
/** ... and in all constants that are computed while importing. */
export const mostFolded = 2 ** 25;

/** The shape of a constant that is about to be made. */
export function bounded(cx: Context, shape: readonly number[]): readonly number[] {
  const count = product(shape);
  if (shape.every((d) => Number.isSafeInteger(d) && d >= 0) && count <= mostElements) {
    if (cx.folded.elements + count > mostFolded) tooMany(cx);
    return shape;
  }
  refuse(cx, "onnx/shape", `its constant result would be [${shape.join("x")}]`, {
    expected: `at most ${mostElements} elements`,
  });
}

export function tooMany(cx: Context): never {
  refuse(cx, "onnx/shape", "with it, the constants that the file computes are too many", {
    expected: `at most ${mostFolded} elements`,
    help: "store them as initialisers",
  });
}
