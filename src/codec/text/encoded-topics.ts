import { copyBytes, copyWords } from "../bytes/bytes.js";

/** Longer topics are encoded afresh each time. */
const TOPIC_BYTES_MAX = 64;
const BYTES = 32_768;

/**
 * Topics that were encoded and found valid before, with their UTF-8: a sender uses few topics, and
 * going through a string's characters costs more than all the rest of a small packet.
 *
 * Holds 32 KiB of topics of up to 64 bytes each; when they are full it begins anew. So memory is
 * bounded, whatever is sent, and who sends more topics than that pays little more than without it.
 */
export class EncodedTopics {
  /** Topic -> where its bytes are and how many: a place. */
  readonly #places = new Map<string, number>();
  readonly #bytes = new Uint8Array(BYTES);
  readonly #view = new DataView(this.#bytes.buffer);
  #end = 0;

  /** The place of a topic that is remembered; `undefined` otherwise, and for what is no text. O(1). */
  find(topic: string): number | undefined {
    if (typeof topic !== "string" || topic.length > TOPIC_BYTES_MAX) return undefined;
    return this.#places.get(topic);
  }

  /** How many bytes the topic in this place has. */
  lengthAt(place: number): number {
    return place & 0xff;
  }

  /**
   * Copies the topic in this place to `target` from `at` on; the caller has checked that it fits.
   *
   * @param view - Of `target`, where there is one.
   */
  copy(place: number, target: Uint8Array, view: DataView | undefined, at: number): void {
    const from = place >> 8;
    const length = place & 0xff;
    const to = from + length;
    if (view === undefined || length < 4) copyBytes(this.#bytes, from, to, target, at);
    else copyWords(this.#view, from, to, view, at);
  }

  /** Keeps a valid topic whose UTF-8 is `bytes[from..to)`, unless that is long. */
  remember(topic: string, bytes: Uint8Array, from: number, to: number): void {
    const length = to - from;
    if (length > TOPIC_BYTES_MAX) return;
    if (this.#end + length > BYTES) {
      this.#places.clear();
      this.#end = 0;
    }
    copyBytes(bytes, from, to, this.#bytes, this.#end);
    this.#places.set(topic, (this.#end << 8) | length);
    this.#end += length;
  }
}
