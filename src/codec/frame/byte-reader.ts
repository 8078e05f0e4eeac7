import { ProtocolError, type ViolationCode } from "../../protocol/errors.js";
import { checkText, checkTopicName, type TextRules } from "../text/text-check.js";
import { topicFilterAt } from "../text/topic-scan.js";
import { plainDecode, utf8Decode } from "../text/utf8.js";
import type { PacketPlace } from "./current-packet.js";

/**
 * A bounds-checked cursor over the variable header and payload of one packet: decoders never
 * index bytes. Each reading method takes what stands at the cursor and moves it behind that.
 *
 * @throws {@link ProtocolError} `truncated`, from every reading method, when the packet ends
 *   before what is asked for does; its offset is where that field begins.
 */
export class ByteReader {
  readonly #packet: PacketPlace;
  readonly #bytes: Uint8Array;
  readonly #view: DataView | undefined;
  readonly #start: number;
  readonly #end: number;
  readonly #rules: TextRules;
  #at: number;

  constructor(packet: PacketPlace, rules: TextRules) {
    this.#packet = packet;
    this.#bytes = packet.bytes;
    this.#view = packet.view;
    this.#start = packet.start;
    this.#at = packet.bodyAt;
    this.#end = packet.end;
    this.#rules = rules;
  }

  /** Bytes left in the packet. */
  get left(): number {
    return this.#end - this.#at;
  }

  /** Offset of the cursor from the first byte of the packet. */
  get offset(): number {
    return this.#at - this.#start;
  }

  u8(): number {
    return this.#bytes[this.#take(1)] as number; // #take checked the bounds
  }

  /** Big-endian, §1.5.2. */
  u16(): number {
    const at = this.#take(2);
    return ((this.#bytes[at] as number) << 8) | (this.#bytes[at + 1] as number); // in bounds
  }

  /** A Packet Identifier, never 0. [MQTT-2.3.1-1] */
  packetId(): number {
    const packetId = this.u16();
    if (packetId === 0) this.fail("zero-packet-id", this.offset - 2);
    return packetId;
  }

  /** A string, §1.5.3. */
  text(): string {
    const at = this.#prefixed();
    const plain = plainDecode(this.#bytes, at, this.#at);
    if (plain !== undefined) return plain;
    checkText(this.#bytes, at, this.#at, this.#start, this.#rules);
    return utf8Decode(this.#bytes, at, this.#at);
  }

  topicName(): string {
    const at = this.#prefixed();
    checkTopicName(this.#bytes, at, this.#at, this.#start, this.#rules);
    return utf8Decode(this.#bytes, at, this.#at);
  }

  topicFilter(): string {
    const at = this.#prefixed();
    return topicFilterAt(this.#bytes, this.#view, at, this.#at, this.#start, this.#rules);
  }

  /** Two length bytes and as many bytes: a view of the packet, not a copy. */
  binary(): Uint8Array {
    const at = this.#prefixed();
    return this.#packet.viewOf(at, this.#at);
  }

  /** Takes `expected` and says so, or leaves the cursor where it is. */
  takes(expected: Uint8Array): boolean {
    const bytes = this.#bytes;
    const at = this.#at;
    const end = at + expected.length;
    if (end > this.#end) return false;
    for (let index = 0; index < expected.length; index++) {
      if (bytes[at + index] !== expected[index]) return false;
    }
    this.#at = end;
    return true;
  }

  /** Checks that the packet ends here. */
  finish(): void {
    if (this.left !== 0) this.fail("trailing-bytes");
  }

  /** Refuses the packet; `offset` is that of the byte to blame from its first byte. */
  fail(code: ViolationCode, offset = this.offset, value?: number): never {
    throw new ProtocolError(code, offset, undefined, value);
  }

  #take(count: number): number {
    const at = this.#at;
    if (this.#end - at < count) this.fail("truncated");
    this.#at = at + count;
    return at;
  }

  /** Takes a length prefix and what it announces; the cursor is then behind both. */
  #prefixed(): number {
    const at = this.#take(2);
    const bytes = this.#bytes;
    const end = at + 2 + (((bytes[at] as number) << 8) | (bytes[at + 1] as number)); // in bounds
    if (end > this.#end) this.fail("truncated", at - this.#start);
    this.#at = end;
    return at + 2;
  }
}
