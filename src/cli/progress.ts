/** Progress of long work: one line of a terminal, written over and over. */
import type { Engine } from "../ir/contracts.js";
import type { Call } from "./command.js";

/** The part of a terminal that is used. */
interface Terminal {
  readonly columns: number;
  write(text: string): unknown;
}

/** Some terminals say 0. */
const unknownWidth = 80;
/** At most one text in so many milliseconds is shown. */
const interval = 80;

/** Shows each text in place of the one before, cut to the terminal's width; "" clears the line. */
export function lineOn(terminal: Terminal): (text: string) => void {
  let [shown, last] = [false, 0];
  return (text) => {
    if (text === "" && !shown) return;
    const now = performance.now();
    if (text !== "" && shown && now - last < interval) return;
    terminal.write(`\r\x1b[K${text.slice(0, (terminal.columns || unknownWidth) - 1)}`);
    [shown, last] = [text !== "", now];
  };
}

/** The engine, with a line of progress for every inference: `calibrating 5/16`. */
export const watched = (
  engine: Engine,
  call: Pick<Call, "progress">,
  what: string,
  total: number,
): Engine => ({
  ...engine,
  async prepare(graph, options) {
    const session = await engine.prepare(graph, options);
    let done = 0;
    return {
      ...session,
      run(inputs) {
        call.progress(`${what} ${++done}/${total}`);
        return session.run(inputs);
      },
    };
  },
});
