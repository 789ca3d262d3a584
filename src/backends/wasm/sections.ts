/** Sections appended to a finished module. Binaryen copies data several times; weights are better written once, here. */

const sectionIds = { custom: 0, data: 11 } as const;

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  do {
    const low = value % 128;
    value = Math.floor(value / 128);
    bytes.push(value > 0 ? low | 128 : low);
  } while (value > 0);
  return bytes;
}
/** The i32.const operand of a data segment's offset: signed LEB128. */
function signed(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value | 0; ; rest >>= 7) {
    const low = rest & 127;
    const last = (rest >> 6 === 0 && !(low & 64)) || (rest >> 6 === -1 && !!(low & 64));
    if (last) return [...bytes, low];
    bytes.push(low | 128);
  }
}

/** The module followed by one active data segment (unless empty) and a custom section. */
export function appendSections(
  module: Uint8Array,
  data: { readonly address: number; readonly bytes: Uint8Array },
  custom: { readonly name: string; readonly bytes: Uint8Array },
): Uint8Array {
  const name = new TextEncoder().encode(custom.name);
  // One segment: kind 0 (active, memory 0), offset expression `i32.const address; end`, length, bytes.
  const segment = [...unsigned(1), 0, 0x41, ...signed(data.address), 0x0b, ...unsigned(data.bytes.length)];
  const parts: Uint8Array[] = [module];
  if (data.bytes.length > 0) parts.push(...section(sectionIds.data, Uint8Array.from(segment), data.bytes));
  parts.push(...section(sectionIds.custom, Uint8Array.from([...unsigned(name.length), ...name]), custom.bytes));
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
