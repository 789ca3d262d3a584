/** The flatbuffers runtime trusts its bytes; this buffer does not. Whatever is wrong ends in a `RangeError`. */
import { ByteBuffer, Encoding } from "flatbuffers";

export class CheckedBuffer extends ByteBuffer {
  /**
   * Elements, characters and bytes that may still be visited. A file refers to each of its parts once (to strings often,
   * they are cached), so its size bounds all work: references that fold back on each other cannot multiply it.
   */
  #allowance: number;
  readonly #strings = new Map<number, string>();
  readonly #decoder = new TextDecoder();

  constructor(bytes: Uint8Array) {
    super(bytes);
    this.#allowance = bytes.length;
  }

  #check(offset: number, size: number): void {
    if (!(offset >= 0 && offset + size <= this.capacity()))
      throw new RangeError("an offset leads out of the file");
  }

  #spend(count: number): void {
    this.#allowance -= count;
    if (this.#allowance < 0) throw new RangeError("more is referred to than the file holds");
  }

  override readUint8(offset: number): number {
    this.#check(offset, 1);
    return super.readUint8(offset);
  }
  override readUint16(offset: number): number {
    this.#check(offset, 2);
    return super.readUint16(offset);
  }
  override readInt32(offset: number): number {
    this.#check(offset, 4);
    return super.readInt32(offset);
  }

  /** Every vector's length is asked for once, before its elements are visited. */
  override __vector_len(offset: number): number {
    const length = super.__vector_len(offset);
    this.#check(this.__vector(offset), length);
    if (length < 0) throw new RangeError("a list has a negative length");
    this.#spend(length);
    return length;
  }

  override __string(offset: number, encoding?: Encoding): string | Uint8Array {
    if (encoding === Encoding.UTF8_BYTES) throw new Error("strings are read as strings only");
    const start = this.__vector(offset);
    const known = this.#strings.get(start);
    if (known !== undefined) return known;
    const text = this.#decoder.decode(this.bytes().subarray(start, start + this.__vector_len(offset)));
    this.#strings.set(start, text);
    return text;
  }
}
