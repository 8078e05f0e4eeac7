import { type ReadonlyTextMap, TextMap } from "../topic/text-map.js";

/** So many messages are remembered at most: beyond, those of whoever came first are forgotten. */
const SEEN_MAX = 1_000;

/** A QoS 2 message that its publisher's node has numbered: `Numbering`. */
export interface NumberedMessage {
  /** Whose message it is. */
  readonly publisherId: string;
  readonly packetId: number;
  readonly number: number;
  /** Everything of that Client up to this number is over, and not sent again. */
  readonly floor: number;
  /**
   * Its Client has sent it before, and its node does not know it: whatever came under that identifier with a
   * larger number than this is the same message. 0: it is new, or nobody knows.
   */
  readonly againAbove: number;
}

/** A message that has come. */
export interface SeenMessage {
  readonly packetId: number;
  readonly number: number;
}

/**
 * Which QoS 2 messages of others a Session has been given and might be given once more, because a node dies
 * before it has recorded their identifiers. They go with it wherever it goes. [M36]
 */
export class Seen {
  /** Of each, in the order of their numbers; never changed, only replaced. */
  readonly #byPublisher = new TextMap<readonly SeenMessage[]>();
  #count = 0;

  /** Of all publishers. */
  get count(): number {
    return this.#count;
  }

  /** What it has been given of each publisher. */
  get publishers(): ReadonlyTextMap<readonly SeenMessage[]> {
    return this.#byPublisher;
  }

  /** Whether it is one that the Session has been given. O(1) for what is new, else O(those of its publisher). */
  has({ publisherId, packetId, number, againAbove }: NumberedMessage): boolean {
    const all = this.#byPublisher.get(publisherId);
    if (all === undefined) return false;
    if (againAbove === 0 && number > (all.at(-1)?.number ?? 0)) return false;
    const isIt = (one: SeenMessage): boolean =>
      one.packetId === packetId &&
      (one.number === number || (againAbove > 0 && one.number > againAbove));
    return all.some(isIt);
  }

  /**
   * It is given that one, or has been: under the larger number it is known from now on.
   *
   * @returns all of that publisher.
   */
  note({ publisherId, packetId, number, floor }: NumberedMessage): readonly SeenMessage[] {
    const before = this.#byPublisher.get(publisherId) ?? NONE;
    const from = before.findIndex((one) => one.number > floor);
    const left = from === -1 ? [] : before.slice(Math.max(from, before.length + 1 - SEEN_MAX));
    const at = left.findLastIndex((one) => one.packetId === packetId);
    const was = left[at]?.number ?? 0;
    if (at !== -1 && was < number) left.splice(at, 1);
    if (was < number) insert(left, { packetId, number });
    this.restore(publisherId, left);
    return left;
  }

  /** What is known of a publisher from elsewhere, or from before. */
  restore(publisherId: string, all: readonly SeenMessage[]): void {
    this.#count += all.length - (this.#byPublisher.get(publisherId)?.length ?? 0);
    this.#byPublisher.set(publisherId, all);
  }

  /** Forgets a publisher, if there is too much. @returns who that was. */
  forgetOldest(butNot: string): string | undefined {
    if (this.#count <= SEEN_MAX) return undefined;
    for (const [oldest, all] of this.#byPublisher) {
      if (oldest === butNot) continue;
      this.#count -= all.length;
      this.#byPublisher.delete(oldest);
      return oldest;
    }
    return undefined;
  }
}

/** Nearly always behind all others. */
function insert(all: SeenMessage[], one: SeenMessage): void {
  const at = all.findLastIndex(({ number }) => number < one.number);
  all.splice(at + 1, 0, one);
}

const NONE: readonly SeenMessage[] = [];
