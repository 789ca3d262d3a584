/** Sections appended to a finished module: weights are written once; binaryen copies them several times. */

const sectionIds = { custom: 0, data: 11 } as const;

/** LEB128. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  do {
    const low = value % 128;
    value = Math.floor(value / 128);
    bytes.push(value > 0 ? low | 128 : low);
  } while (value > 0);
  return bytes;
}
/** The module, then `data` as the content of memory from byte 0 on (unless empty), then a custom section. */
export function appendSections(
  module: Uint8Array,
  data: Uint8Array,
  custom: { readonly name: string; readonly bytes: Uint8Array },
): Uint8Array {
  const name = new TextEncoder().encode(custom.name);
  // One segment: kind 0 (active, memory 0), offset expression `i32.const 0; end`, length, bytes.
  const segment = [1, 0, 0x41, 0, 0x0b, ...unsigned(data.length)];
  const parts: Uint8Array[] = [module];
  if (data.length > 0) parts.push(...section(sectionIds.data, Uint8Array.from(segment), data));
  parts.push(
    ...section(sectionIds.custom, Uint8Array.from([...unsigned(name.length), ...name]), custom.bytes),
  );
  return concatenated(parts);
}

const section = (id: number, head: Uint8Array, body: Uint8Array): Uint8Array[] => [
  Uint8Array.from([id, ...unsigned(head.length + body.length)]),
  head,
  body,
];

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
