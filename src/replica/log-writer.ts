import type { HomeLog, Later } from "./home-log.js";
import { decodeEntry, type EntryHead, EntryKind, encodeEntry } from "./log-entry.js";

/** Between two attempts. */
const AGAIN_MS = 250;
/** After so long without success whoever waits for it is told that it takes long. */
export const STALL_MS = 20_000;

/** Another server writes to the log now: this one must not serve any more. */
export class FencedError extends Error {
  override readonly name = "FencedError";
}

/** What an append ends with: its place in the log, or why it will never be in it. */
export type WriteResult = number | Error;

/** Told what a writer goes through. */
export interface WriterEvents {
  /** It gets no answer for long; it tries on. */
  stalled(error: Error): void;
  /** It has got one. */
  recovered(): void;
  /** It is the writer no more, for good. */
  fenced(error: FencedError): void;
}

/** An entry on its way into the log. */
interface UnderWay {
  readonly parts: readonly Uint8Array[];
  part: number;
  waitedMs: number;
  readonly done: (result: WriteResult) => void;
}

/**
 * Appends entries, one after the other, each exactly once: an append without an answer is tried again
 * until it is known whether it is in the log, and never said to have failed.
 */
export class LogWriter {
  /** Its last entry, or the one before it began. */
  last: number;
  /** Why nothing is written now, if it is so for long, or for ever. */
  outage: Error | undefined;
  /** Bytes appended. */
  byteCount = 0;
  readonly #log: HomeLog;
  readonly #later: Later;
  readonly #run: string;
  readonly #events: WriterEvents;
  #number = 0;
  #underWay: UnderWay | undefined;
  #fenced: FencedError | undefined;
  #isClosing = false;

  /**
   * @param run - 16 hexadecimal digits that no other run has.
   * @param last - The last entry that this run has read.
   */
  constructor(log: HomeLog, later: Later, run: string, last: number, events: WriterEvents) {
    this.#log = log;
    this.#later = later;
    this.#run = run;
    this.last = last;
    this.#events = events;
  }

  get isFenced(): boolean {
    return this.#fenced !== undefined;
  }

  /** Appends one entry. None is under way. */
  append(
    kind: EntryHead["kind"],
    body: Uint8Array,
    done: (result: WriteResult) => void,
    isFresh = false,
  ): void {
    if (this.#fenced !== undefined) {
      const error = this.#fenced;
      this.#later(0, () => done(error));
      return;
    }
    this.#number += 1;
    const head = { kind, isFresh, run: this.#run, number: this.#number };
    const parts = encodeEntry(head, body, this.#log.entryBytesMax);
    this.#underWay = { parts, part: 0, waitedMs: 0, done };
    this.#try(this.#underWay);
  }

  /** From now on what has no answer is given up: only at the end of the process is that no lie. */
  close(): void {
    this.#isClosing = true;
  }

  /** Whoever watches the log has seen an entry behind ours. */
  checkFence(): void {
    if (this.#underWay === undefined && this.#fenced === undefined) this.#lookBehind();
  }

  #try(way: UnderWay): void {
    const bytes = way.parts[way.part] as Uint8Array; // below their count
    this.#log.append(bytes, this.last, (result) => {
      if (result.kind === "stored") this.#stored(way, bytes, result.sequence);
      else if (result.kind === "refused") this.#refused(way, bytes);
      else this.#again(way, `the log of the replica takes no entry (${result.why})`);
    });
  }

  #stored(way: UnderWay, bytes: Uint8Array, sequence: number): void {
    this.last = sequence;
    this.byteCount += bytes.length;
    way.waitedMs = 0;
    if (this.outage !== undefined) {
      this.outage = undefined;
      this.#events.recovered();
    }
    way.part += 1;
    if (way.part < way.parts.length) this.#try(way);
    else this.#end(way, sequence);
  }

  /** Something stands where this entry belongs, if it is not on its way there: is that this entry? */
  #refused(way: UnderWay, bytes: Uint8Array): void {
    const place = this.last + 1;
    this.#log.look(place, (found) => {
      if (found.kind === "unknown") {
        this.#again(way, `the log of the replica does not answer (${found.why})`);
      } else if (found.kind === "entry") {
        if (areSame(found.bytes, bytes)) this.#stored(way, bytes, place);
        else if (this.#isGivenUp(found.bytes)) this.#end(way, new Error("this server is ending"));
        else this.#fence(way, writerOf(found.bytes));
      } else if (found.last > this.last) {
        this.#fence(way, undefined); // it was there and is removed: somebody else has copied all
      } else if (found.last === this.last) {
        this.#again(way, "the log of the replica takes no entry (its leader is changing)");
      } else {
        this.#again(
          way,
          `the log of the replica ends at entry ${found.last}, but had ${this.last} already: its servers have ` +
            "lost entries; bring back the one that has them",
        );
      }
    });
  }

  /** Of this run itself: what was given up when it began to end has come into the log after all. */
  #isGivenUp(bytes: Uint8Array): boolean {
    return this.#isClosing && runOf(bytes) === this.#run;
  }

  #again(way: UnderWay, why: string): void {
    if (this.#isClosing) {
      this.#end(way, new Error(why));
      return;
    }
    way.waitedMs += AGAIN_MS;
    if (way.waitedMs >= STALL_MS && this.outage === undefined) {
      this.outage = new Error(why);
      this.#events.stalled(this.outage);
    }
    this.#later(AGAIN_MS, () => this.#try(way));
  }

  #lookBehind(): void {
    const { last } = this;
    this.#log.look(last + 1, (found) => {
      if (this.last !== last || this.#underWay !== undefined || found.kind === "unknown") return;
      if (found.kind === "entry") this.#fence(undefined, writerOf(found.bytes));
      else if (found.last > last) this.#fence(undefined, undefined);
    });
  }

  #fence(way: UnderWay | undefined, writer: string | undefined): void {
    const who = writer === undefined ? "another server" : `another server (${writer})`;
    this.#fenced = new FencedError(
      `${who} has taken over what this one kept in its replica, so this one must end`,
    );
    this.outage = this.#fenced;
    this.#events.fenced(this.#fenced);
    if (way !== undefined) this.#end(way, this.#fenced);
  }

  #end(way: UnderWay, result: WriteResult): void {
    this.#underWay = undefined;
    way.done(result);
  }
}

function areSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

function runOf(bytes: Uint8Array): string | undefined {
  try {
    return decodeEntry(bytes).run;
  } catch {
    return undefined;
  }
}

/** Whoever begins to write says its name. */
function writerOf(bytes: Uint8Array): string | undefined {
  try {
    const { kind, body } = decodeEntry(bytes);
    return kind === EntryKind.EPOCH ? new TextDecoder().decode(body) : undefined;
  } catch {
    return undefined;
  }
}
