import type { Identity } from "../ports/policy.js";
import { TextMap } from "../topic/text-map.js";

/** A line for the same reason and Client comes once in this time at most. */
const EVERY_MS = 1_000;
/** Reasons and Clients told apart at a time; the others are counted together. */
const ENTRIES_MAX = 1_000;

/** What happened for one reason to one Client. */
export interface Tallied<Reason extends string> {
  readonly reason: Reason;
  /** Who did not get it, where that is what counts. */
  readonly receiverId: string | undefined;
  /** Whose it was, where that is known. */
  readonly client: Identity | undefined;
  /** The topic of the last one. */
  topic: string;
  /** How often since the last line. */
  count: number;
  /** When a line was written last, or tried to be. */
  sinceMs: number;
}

/**
 * Counts what may happen very often, by reason and Client: the first time is told at once, what
 * comes later once a second. O(1) and without a new object for all but the first.
 */
export class Tally<Reason extends string> {
  readonly #nowMs: () => number;
  readonly #write: (tallied: Tallied<Reason>) => boolean;
  readonly #byReason = new Map<Reason, TextMap<Tallied<Reason>>>();
  #size = 0;

  /** @param write - Writes a line; false when it must not now: then it comes a second later. */
  constructor(nowMs: () => number, write: (tallied: Tallied<Reason>) => boolean) {
    this.#nowMs = nowMs;
    this.#write = write;
  }

  /** Once more. Counted for the receiver, or else for the Client. */
  add(
    reason: Reason,
    receiverId: string | undefined,
    client: Identity | undefined,
    topic: string,
  ): void {
    const entries = this.#entriesOf(reason);
    const key = receiverId ?? client?.clientId ?? OTHERS;
    let known = entries.get(key);
    if (known === undefined && this.#size >= ENTRIES_MAX) known = entries.get(OTHERS);
    if (known === undefined) this.#begin(entries, key, reason, receiverId, client, topic);
    else {
      known.count += 1;
      known.topic = topic;
    }
  }

  /** Time passes: tells what is due. */
  tick(): void {
    if (this.#size === 0) return;
    const now = this.#nowMs();
    for (const entries of this.#byReason.values()) {
      for (const [key, entry] of entries) {
        if (now - entry.sinceMs < EVERY_MS) continue;
        if (entry.count > 0) {
          this.#tell(entry, now);
        } else {
          entries.delete(key);
          this.#size -= 1;
        }
      }
    }
  }

  /** Tells everything that was not told yet. */
  end(): void {
    const now = this.#nowMs();
    for (const entries of this.#byReason.values()) {
      for (const entry of entries.values()) if (entry.count > 0) this.#tell(entry, now);
      entries.clear();
    }
    this.#size = 0;
  }

  #entriesOf(reason: Reason): TextMap<Tallied<Reason>> {
    let entries = this.#byReason.get(reason);
    if (entries === undefined) {
      entries = new TextMap();
      this.#byReason.set(reason, entries);
    }
    return entries;
  }

  /** When there are too many, one more for each reason: for all others. */
  #begin(
    entries: TextMap<Tallied<Reason>>,
    key: string,
    reason: Reason,
    receiverId: string | undefined,
    client: Identity | undefined,
    topic: string,
  ): void {
    const now = this.#nowMs();
    const isFull = this.#size >= ENTRIES_MAX;
    const entry: Tallied<Reason> = {
      reason,
      receiverId: isFull ? undefined : receiverId,
      client: isFull ? undefined : client,
      topic,
      count: 1,
      sinceMs: now,
    };
    entries.set(isFull ? OTHERS : key, entry);
    this.#size += 1;
    this.#tell(entry, now);
  }

  #tell(entry: Tallied<Reason>, nowMs: number): void {
    if (this.#write(entry)) entry.count = 0;
    entry.sinceMs = nowMs;
  }
}

/** No Client here has an empty identifier. [MQTT-3.1.3-6] */
const OTHERS = "";
