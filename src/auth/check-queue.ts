import { addressKey, hostOf } from "../net/peer-address.js";
import type { ConnectAttempt } from "../ports/policy.js";

/** There was no check: too many are in front, or nobody waits for it any more. Nobody can tell who it is. */
export class NotCheckedError extends Error {
  override readonly name = "NotCheckedError";
}

/** Whom a check is for. */
type Asker = Pick<ConnectAttempt, "remoteAddress" | "isWanted">;

/** A job that has not begun. */
interface Waiting {
  readonly isWanted: () => boolean;
  begin(): void;
  drop(why: NotCheckedError): void;
}

/** So many of a line are looked at when room is wanted: those in front are the likeliest to have gone. */
const LOOKED_AT_MAX = 64;

/**
 * Runs some jobs at once and keeps others waiting, up to a bound: a flood of CONNECTs fills neither the
 * memory nor the threads that others need. [M02] [I03]
 *
 * Each address has a line of its own, and the lines have their turns one after the other: whoever
 * guesses over a thousand connections makes others wait for one check of his. A job for a peer that
 * has gone is dropped before it begins. Where all lines together are full, the longest one is the
 * one that gets shorter, so that an address alone may have all the room and no address can have it all.
 */
export class CheckQueue {
  readonly #atOnceMax: number;
  readonly #waitingMax: number;
  /** By address; the line whose turn is next stands first, and none is empty. */
  readonly #lines = new Map<string, Waiting[]>();
  #waitingCount = 0;
  #running = 0;

  constructor(atOnceMax: number, waitingMax: number) {
    this.#atOnceMax = atOnceMax;
    this.#waitingMax = waitingMax;
  }

  /** Jobs that have not begun. */
  get waitingCount(): number {
    return this.#waitingCount;
  }

  /** @throws {@link NotCheckedError}, as a rejection, when too many wait, or the asker has gone. */
  async run<T>(asker: Asker, job: () => PromiseLike<T>): Promise<T> {
    if (this.#running < this.#atOnceMax) this.#running += 1;
    else await this.#turn(asker);
    try {
      return await job();
    } finally {
      const next = this.#next();
      if (next === undefined) this.#running -= 1;
      else next.begin(); // in this one's place
    }
  }

  #turn({ remoteAddress, isWanted }: Asker): Promise<void> {
    const key = addressKey(hostOf(remoteAddress));
    if (this.#waitingCount >= this.#waitingMax && !this.#makeRoomFor(key)) {
      return Promise.reject(tooMany());
    }
    return new Promise((resolve, reject) => {
      const line = this.#lines.get(key);
      const waiting: Waiting = { isWanted, begin: resolve, drop: reject };
      if (line === undefined) this.#lines.set(key, [waiting]);
      else line.push(waiting);
      this.#waitingCount += 1;
    });
  }

  /** The first one of the line whose turn it is that is still wanted. */
  #next(): Waiting | undefined {
    for (const [key, line] of this.#lines) {
      this.#lines.delete(key);
      const next = this.#wantedIn(line);
      if (line.length > 0) this.#lines.set(key, line); // behind all others
      if (next !== undefined) return next;
    }
    return undefined;
  }

  #wantedIn(line: Waiting[]): Waiting | undefined {
    for (let first = line.shift(); first !== undefined; first = line.shift()) {
      this.#waitingCount -= 1;
      if (first.isWanted()) return first;
      first.drop(gone());
    }
    return undefined;
  }

  /**
   * Takes one out of the longest line: one that nobody waits for, else the last that came.
   *
   * @returns false: that would be the one there should be room for.
   */
  #makeRoomFor(key: string): boolean {
    let longestKey = key;
    let longest = this.#lines.get(key) ?? [];
    for (const [otherKey, line] of this.#lines) {
      if (line.length > longest.length) [longestKey, longest] = [otherKey, line];
    }
    const isOwn = longestKey === key;
    const at = longest.slice(0, LOOKED_AT_MAX).findIndex(({ isWanted }) => !isWanted());
    // One more in a line must not make it the longest: nobody is displaced in vain.
    const ownLength = this.#lines.get(key)?.length ?? 0;
    if (at < 0 && (isOwn || longest.length <= ownLength + 1)) return false;
    const [dropped] = longest.splice(at, 1); // at -1: the last
    dropped?.drop(at < 0 ? tooMany() : gone());
    this.#waitingCount -= 1;
    if (longest.length === 0) this.#lines.delete(longestKey);
    return true;
  }
}

function tooMany(): NotCheckedError {
  return new NotCheckedError("too many checks wait");
}

function gone(): NotCheckedError {
  return new NotCheckedError("nobody waits for it any more");
}
