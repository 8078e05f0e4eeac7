import { isLong, type WaitingEvent } from "./waiting-events.js";

/** Characters of one part of a copy, about. */
const PART_MAX = 32 * 1024;

/** Who is connected, by `channelId`, each with the text of its `connect`; and a copy of that, in parts. */
export class PresentClients {
  readonly #texts = new Map<string, string>();
  #size = 0;
  #rest: Iterator<string> | undefined;
  /** What was there when the copy began, at most: the first ones of the map. */
  #left = 0;

  get count(): number {
    return this.#texts.size;
  }

  /** In characters. */
  get size(): number {
    return this.#size;
  }

  has(channelId: string): boolean {
    return this.#texts.has(channelId);
  }

  /** Who is here once this has come. */
  follow(item: WaitingEvent): void {
    const { eventType, channelId } = item.event;
    if (eventType === "tcpclean") this.delete(channelId);
    else if (eventType === "connect" && !isLong(item)) this.set(channelId, item.text);
  }

  set(channelId: string, text: string): void {
    this.#texts.set(channelId, text);
    this.#size += text.length;
  }

  delete(channelId: string): void {
    this.#size -= this.#texts.get(channelId)?.length ?? 0;
    this.#texts.delete(channelId);
  }

  clear(): void {
    this.#texts.clear();
    this.#size = 0;
    this.endCopy();
  }

  get isCopying(): boolean {
    return this.#rest !== undefined;
  }

  /** Whoever is here now and stays is in one of the next parts. */
  beginCopy(): void {
    this.#rest = this.#texts.values();
    this.#left = this.#texts.size;
  }

  endCopy(): void {
    this.#rest = undefined;
  }

  /** The next part; none is left when it {@link isCopying} no more. */
  nextPart(): string[] {
    const texts: string[] = [];
    for (let size = 0; this.#rest !== undefined && size < PART_MAX; ) {
      const next = this.#left > 0 ? this.#rest.next() : { done: true as const };
      this.#left -= 1;
      if (next.done === true) this.endCopy();
      else {
        texts.push(next.value);
        size += next.value.length;
      }
    }
    if (this.#left <= 0) this.endCopy();
    return texts;
  }
}
