/**
 * So far a Session's numbers jump when it is taken up somewhere: more than were in use at once where it was
 * before, and may not have been recorded there.
 */
const JUMP = 0x1_0000;
/** Identifiers that were released unknown, and are remembered one by one. */
const RELEASED_MAX = 1_000;

/** An identifier with the number of the message it stands for. */
export interface NumberedIdentifier {
  readonly packetId: number;
  readonly number: number;
  /** Nobody waits for its PUBREL: whatever had it, up to that number, is over. */
  readonly isReleased: boolean;
}

/**
 * The numbers of QoS 2 messages that a Client publishes and other nodes get: they grow as long as there is that
 * Client, wherever its Session goes. With them a receiver can tell a message that is sent again, because nobody
 * knows its identifier any more, from a new one under the same identifier. [M36]
 */
export class Numbering {
  /** All messages up to this number are over: their identifiers were recorded and released. 0: unknown. */
  #floor = 0;
  #last = 0;
  #released: Map<number, number> | undefined;

  /** @param floor - All numbers up to this one are a former Session's. */
  constructor(floor = 0) {
    this.#floor = floor;
    this.#last = floor;
  }

  get floor(): number {
    return this.#floor;
  }

  /** @param from - No smaller one is given any more. */
  next(from: number): number {
    this.#last = Math.max(this.#last + 1, from);
    return this.#last;
  }

  /** What was sent under this identifier with a number up to that is over; 0: that is not known. */
  overUpTo(packetId: number): number {
    return Math.max(this.#floor, this.#released?.get(packetId) ?? 0);
  }

  /**
   * The message with this number is over, and so are those before: their acknowledgements went first.
   *
   * @returns identifiers that need not be remembered any more.
   */
  over(number: number): readonly number[] {
    this.#floor = Math.max(this.#floor, number);
    if (this.#released === undefined) return NONE;
    const gone: number[] = [];
    for (const [packetId, upTo] of this.#released) if (upTo <= this.#floor) gone.push(packetId);
    for (const packetId of gone) this.#released.delete(packetId);
    return gone;
  }

  /**
   * PUBREL came for an identifier that nobody knows: the node that has sent PUBREC could not record it any more.
   *
   * @param from - As of {@link next}.
   * @returns up to which number it is over now. `undefined`: too many are remembered, so all are over.
   */
  releasedUnknown(packetId: number, from: number): number | undefined {
    this.#last = Math.max(this.#last, from);
    this.#released ??= new Map();
    if (!this.#released.has(packetId) && this.#released.size >= RELEASED_MAX) return undefined;
    this.#released.set(packetId, this.#last);
    return this.#last;
  }

  /** The number that was given last. */
  get last(): number {
    return this.#last;
  }

  /** Identifiers that were released unknown. */
  *released(): Generator<NumberedIdentifier, void> {
    for (const [packetId, number] of this.#released ?? []) {
      yield { packetId, number, isReleased: true };
    }
  }

  /** It goes on here with what is known of it from elsewhere, or from before. */
  restore(floor: number, all: Iterable<NumberedIdentifier>): void {
    this.#floor = Math.max(this.#floor, floor);
    let last = Math.max(this.#last, this.#floor);
    for (const { packetId, number, isReleased } of all) {
      last = Math.max(last, number);
      if (!isReleased) continue;
      this.#released ??= new Map();
      this.#released.set(packetId, number);
    }
    this.#last = last + JUMP;
  }
}

const NONE: readonly number[] = [];
