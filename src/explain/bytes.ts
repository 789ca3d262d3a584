/** Binary files of examples, from what differs between them. */
import type { BinaryFile } from "./explanation.js";

const hexOf = (text: string): string =>
  [...text].map((c) => c.charCodeAt(0).toString(16).padStart(2, "0")).join("");
/** An unsigned number, its lowest byte first. */
const little = (value: number, bytes: number): string =>
  Array.from({ length: bytes }, (_, i) =>
    (Math.floor(value / 256 ** i) & 255).toString(16).padStart(2, "0"),
  ).join("");

/** NumPy's format, version 1: `elements` in hexadecimal. */
export function npy(descr: string, shape: string, elements: string): string {
  const head = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape}), }`.padEnd(69);
  return `934e554d5059 0100 ${little(70, 2)}${hexOf(`${head}\n`)}${elements}`;
}

export const npyFile = (about: string, descr: string, shape: string, elements: string): BinaryFile => ({
  about,
  hex: npy(descr, shape, elements),
});

/** What the two headers of an archive's entry state; CRC and sizes are those of the content unless they are given. */
export interface Entry {
  readonly name: string;
  readonly content: string;
  readonly crc: number;
  readonly method?: number;
  readonly size?: number;
}

/** An archive of one stored file (APPNOTE 6.3, sections 4.3.7, 4.3.12 and 4.3.16). */
export function zip({ name, content, crc, method = 0, size }: Entry): string {
  const bytes = content.replace(/\s/g, "");
  const held = bytes.length / 2;
  const common = `1400 0000 ${little(method, 2)} 00000000 ${little(crc, 4)} ${little(held, 4)} ${little(size ?? held, 4)} ${little(name.length, 2)} 0000`;
  const local = `504b0304 ${common} ${hexOf(name)}`.replace(/\s/g, "");
  const central = `504b0102 1400 ${common} 0000 0000 0000 00000000 00000000 ${hexOf(name)}`.replace(
    /\s/g,
    "",
  );
  const end = `504b0506 0000 0000 0100 0100 ${little(central.length / 2, 4)} ${little(local.length / 2 + held, 4)} 0000`;
  return local + bytes + central + end;
}
