/** Stacks of errors: which calls lie in a user's own files. */

/** A call in a file. */
export interface Frame {
  /** Its path. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

const pathOf = (url: string): string =>
  url.startsWith("file:") ? decodeURIComponent(url.replace(/^file:\/\/(?:\/(?=[A-Za-z]:))?/, "")) : url;

/** Where our own modules lie: their faults are ours. */
const ours = pathOf(new URL("..", import.meta.url).href);

/** The calls of an error's stack that lie in files, not in Node itself. Innermost first. */
export function framesOf({ stack = "" }: { readonly stack?: string }): readonly Frame[] {
  return stack.split("\n").flatMap((row) => {
    const [, url, line, column] = /(?:^|[\s(])((?:file:\/\/|\/)\S*?):(\d+)(?::(\d+))?\)?\s*$/.exec(row) ?? [];
    return url === undefined ? [] : { file: pathOf(url), line: Number(line), column: Number(column ?? 1) };
  });
}

/** Neither one of our modules nor a file of an installed package. */
export const isOfUser = ({ file }: Frame): boolean =>
  !file.startsWith(ours) && !/[\\/]node_modules[\\/]/.test(file);
