/** Names as they stand in the text of a schedule without quotes: `%x`, `@conv`, `@add:i32`, `conv.x0`, `conv-plain`. */
export const wordPattern = /[%@]?[A-Za-z_](?:[\w.:]|-(?=\w))*/y;

export function isWord(name: string): boolean {
  wordPattern.lastIndex = 0;
  return wordPattern.exec(name)?.[0] === name;
}
