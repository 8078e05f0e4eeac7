import { utf8Decode } from "../codec/index.js";
import { utf8Encode } from "../codec/raw.js";

/** What another node, or somebody else, has sent cannot be read. */
export class MalformedError extends Error {
  override readonly name = "MalformedError";
}

/** Something that no node has sent. [L03] */
export class ForeignError extends Error {
  override readonly name = "ForeignError";
}

const FIRST_BYTES = 256;
const U32 = 0x1_0000_0000;

/** Fields one after the other, into bytes that grow. Numbers have their highest byte first. */
export class FieldWriter {
  #bytes: Uint8Array;
  #view: DataView;
  /** How many bytes are written. */
  length = 0;

  /** @param byteCount - About how many it will be. */
  constructor(byteCount = FIRST_BYTES) {
    const bytes = new Uint8Array(byteCount);
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }

  u8(value: number): this {
    const at = this.#room(1); // first: it may take another view
    this.#view.setUint8(at, value);
    return this;
  }

  u32(value: number): this {
    const at = this.#room(4);
    this.#view.setUint32(at, value);
    return this;
  }

  /** A whole number up to 2^53. */
  u64(value: number): this {
    return this.u32(Math.floor(value / U32)).u32(value % U32);
  }

  /** What tells ours from what others have sent: three characters and a version. */
  mark(mark: number, version: number): this {
    return this.u32(mark * 0x100 + version);
  }

  /** Bytes as they are: whoever reads them knows how many there are. */
  raw(bytes: Uint8Array): this {
    const at = this.#room(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }

  /** A string, its length first. */
  text(text: string): this {
    const bytes = utf8Encode(text);
    return this.u32(bytes.length).raw(bytes);
  }

  /** What was written, a view. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  #room(byteCount: number): number {
    const at = this.length;
    this.length += byteCount;
    if (this.length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(2 * this.#bytes.length, at + byteCount));
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    return at;
  }
}

/** The same fields, read within bounds. Every method throws {@link MalformedError} past the end. */
export class FieldReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  /** @throws ForeignError for what does not begin like ours, MalformedError for another version. */
  mark(mark: number, version: number): void {
    const isOurs =
      this.#bytes.length - this.#at >= 4 && this.#view.getUint32(this.#at) >>> 8 === mark;
    if (!isOurs) throw new ForeignError("it does not begin like anything of ours");
    const found = this.u32() & 0xff;
    if (found !== version) throw new MalformedError(`it has version ${found}, not ${version}`);
  }

  u64(): number {
    const high = this.u32();
    return high * U32 + this.u32();
  }

  /** A view of so many bytes. */
  raw(byteCount: number): Uint8Array {
    const at = this.#take(byteCount);
    return this.#bytes.subarray(at, at + byteCount);
  }

  /** A view of all that is left. */
  rest(): Uint8Array {
    return this.raw(this.#bytes.length - this.#at);
  }

  text(): string {
    const byteCount = this.u32();
    const at = this.#take(byteCount);
    try {
      return utf8Decode(this.#bytes, at, at + byteCount);
    } catch {
      throw new MalformedError("a text is not UTF-8");
    }
  }

  #take(byteCount: number): number {
    const at = this.#at;
    if (byteCount > this.#bytes.length - at) throw new MalformedError("it ends too early");
    this.#at = at + byteCount;
    return at;
  }
}
