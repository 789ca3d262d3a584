/** Packets of GDB's remote serial protocol: `$data#checksum`, with `}` before bytes that would end them. */

const escapeMark = 0x7d;
const flip = 0x20;
const interrupt = 0x03;
/** More than any request of a debugger; larger ones are noise. */
const longest = 0x10000;

const sum = (data: string): string => {
  let total = 0;
  for (let i = 0; i < data.length; i++) total += data.charCodeAt(i);
  return (total & 255).toString(16).padStart(2, "0");
};

/** Bytes of a packet as latin-1 text. */
export function packet(data: string): string {
  const safe = data.replace(/[#$}*]/g, (c) => `}${String.fromCharCode(c.charCodeAt(0) ^ flip)}`);
  return `$${safe}#${sum(safe)}`;
}

export interface PacketReader {
  /** Takes bytes as they come in, split anywhere. */
  push(bytes: Uint8Array): void;
}
export interface PacketLines {
  /** A whole packet with the right checksum, without its frame. */
  packet(data: string): void;
  /** A packet whose checksum is wrong. */
  damaged(): void;
  /** Control-C. */
  interrupt(): void;
  /** What no debugger sends. */
  noise(): void;
}

export function createPacketReader(lines: PacketLines): PacketReader {
  let text = "";
  let isInside = false;
  const outside = (byte: number) => {
    if (byte === interrupt) lines.interrupt();
    else if (byte === 0x24) isInside = true;
    else if (byte !== 0x2b && byte !== 0x2d) lines.noise();
  };
  const inside = (byte: number) => {
    text += String.fromCharCode(byte);
    if (text.length > longest) {
      [text, isInside] = ["", false];
      return lines.noise();
    }
    if (text.at(-3) !== "#") return;
    const [data, checksum] = [text.slice(0, -3), text.slice(-2)];
    [text, isInside] = ["", false];
    if (sum(data) === checksum.toLowerCase()) lines.packet(unescaped(data));
    else lines.damaged();
  };
  return {
    push: (bytes) => {
      for (const byte of bytes) (isInside ? inside : outside)(byte);
    },
  };
}

function unescaped(data: string): string {
  if (!data.includes("}")) return data;
  let out = "";
  for (let i = 0; i < data.length; i++) {
    const code = data.charCodeAt(i);
    out += code === escapeMark ? String.fromCharCode(data.charCodeAt(++i) ^ flip) : data[i];
  }
  return out;
}

/** A 32-bit word as the eight digits of its bytes, the lowest first. */
export const wordHex = (value: number): string =>
  [0, 8, 16, 24].map((at) => ((value >>> at) & 255).toString(16).padStart(2, "0")).join("");
export const wordFrom = (hex: string): number =>
  [0, 2, 4, 6].reduce((value, at, i) => value | (Number.parseInt(hex.slice(at, at + 2), 16) << (8 * i)), 0);
export const bytesHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
export const textHex = (text: string): string => Buffer.from(text).toString("hex");
