/** The output of the program: one line buffer per core, lines in the order in which they were completed. */

export interface Console {
  put(core: number, byte: number): void;
  write(core: number, text: string): void;
  /** Hands out what has no end of line yet, core by core. */
  flush(): void;
  text(): string;
}

/** `print` gets each line with its line feed as soon as it is complete. */
export function createConsole(print?: (text: string, core: number) => void): Console {
  const pending = new Map<number, number[]>();
  const lines: string[] = [];
  const decoder = new TextDecoder();
  const emit = (core: number, bytes: number[]) => {
    const text = decoder.decode(new Uint8Array(bytes));
    lines.push(text);
    print?.(text, core);
  };
  const put = (core: number, byte: number) => {
    let buffer = pending.get(core);
    if (!buffer) pending.set(core, (buffer = []));
    buffer.push(byte & 0xff);
    if (byte !== 10) return;
    pending.set(core, []);
    emit(core, buffer);
  };
  const encoder = new TextEncoder();
  return {
    put,
    write: (core, text) => {
      for (const byte of encoder.encode(text)) put(core, byte);
    },
    flush: () => {
      for (const [core, buffer] of pending) if (buffer.length > 0) emit(core, buffer);
      pending.clear();
    },
    text: () => lines.join(""),
  };
}
