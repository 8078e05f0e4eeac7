import type { Obligation } from "../ports/policy.js";
import type { QoS } from "../protocol/packet.js";
import type { ClientSession } from "../state/client-directory.js";
import type { Publication } from "../state/publication.js";
import { FieldWriter } from "./byte-fields.js";
import type { Member } from "./order-state.js";
import { recordsOf, writeHead } from "./session-records.js";

/** What a part holds at least when another record does not follow: one slice of the work of both nodes. */
const PART_BYTES = 64 * 1024;
const PART_RECORDS = 500;
/** So many parts may be under way: what the other node has not taken waits here, unread. */
const OPEN_PARTS_MAX = 4;
/** What may wait for a Session on its way; beyond, it is dropped as from a full queue. */
const KEPT_MESSAGES_MAX = 10_000;
const KEPT_BYTES_MAX = 16 * 1024 * 1024;

/** A message for a Session that is on its way. */
export interface Kept {
  /** One that outlives the turn. */
  readonly publication: Publication;
  readonly grantedQos: QoS;
  /** Its publisher waits for its acknowledgement. */
  readonly owed: Obligation | undefined;
}

/** Messages that wait for a Session on its way, in their order. */
export class KeptMessages {
  #all: Kept[] = [];
  #bytes = 0;

  /** @returns false: there is no room. */
  add(kept: Kept): boolean {
    const bytes = this.#bytes + kept.publication.payloadBytes;
    if (this.#all.length >= KEPT_MESSAGES_MAX || bytes > KEPT_BYTES_MAX) return false;
    this.#bytes = bytes;
    this.#all.push(kept);
    return true;
  }

  take(): readonly Kept[] {
    const all = this.#all;
    this.#all = [];
    this.#bytes = 0;
    return all;
  }
}

/** One try to send a Session to one node: another one, and answers to this are worth nothing. */
export interface Attempt {
  /** By which CLAIM this node has it. */
  readonly sequence: number;
  readonly to: Member;
}

/**
 * A Session that leaves this node. From its first part on nothing of it changes until the log says that it
 * is at home elsewhere, and what is sent to it waits; from then on this node passes on what still comes
 * here for it, until every node has said that nothing more does.
 */
export class Departure {
  readonly session: ClientSession;
  readonly kept = new KeptMessages();
  attempt: Attempt;
  /** The entry of the log by which it is at home elsewhere; 0: it is at home here. */
  homedAt = 0;
  /** Where: given with {@link homedAt}. */
  home: Member | undefined;
  /** Nodes that may still send messages for it here. */
  unpassed: Set<string> = new Set();
  /** A part was dropped: it begins anew at the next tick. */
  mustRestart = false;
  #records: Iterator<Uint8Array, void> | undefined;
  #next: Uint8Array | undefined;
  #number = 0;
  #openParts = 0;
  #isSent = false;
  #hasBegun = false;

  constructor(session: ClientSession, attempt: Attempt) {
    this.session = session;
    this.attempt = attempt;
  }

  /** Sends it to another node, or once more. */
  begin(attempt: Attempt): void {
    this.attempt = attempt;
    this.mustRestart = false;
    this.#records = undefined;
    this.#number = 0;
    this.#openParts = 0;
    this.#isSent = false;
  }

  /** A part of it was made, for whatever node: until then it takes messages like any that is here. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /**
   * The identifiers of what its Client has published at QoS 2 say that it need not be sent again: so
   * nothing of it goes before everybody who was handed that has it. Those may be Sessions that are held up
   * themselves, or itself: what waited for them to leave would wait for ever.
   */
  get isHeldUp(): boolean {
    return !this.#hasBegun && this.session.owedCount > 0;
  }

  get maySend(): boolean {
    if (this.isHeldUp) return false;
    return !this.#isSent && !this.mustRestart && this.#openParts < OPEN_PARTS_MAX;
  }

  /** A part is acknowledged. */
  partDone(attempt: Attempt): void {
    if (attempt === this.attempt) this.#openParts -= 1;
  }

  /**
   * The next part. Only when {@link maySend}.
   *
   * @param readTo - How much of the log this node has read.
   */
  nextPart(readTo: number, nowMs: number): { readonly bytes: Uint8Array; readonly count: number } {
    this.#hasBegun = true;
    if (this.#records === undefined) {
      this.#records = recordsOf(this.session, nowMs, this.attempt.to.knowsOnce);
      this.#next = this.#records.next().value ?? undefined;
    }
    const records: Uint8Array[] = [];
    let byteCount = 0;
    while (this.#next !== undefined && records.length < PART_RECORDS) {
      if (byteCount > 0 && byteCount + this.#next.length > PART_BYTES) break;
      records.push(this.#next);
      byteCount += this.#next.length;
      this.#next = this.#records.next().value ?? undefined;
    }
    this.#isSent = this.#next === undefined;
    this.#number += 1;
    this.#openParts += 1;
    const writer = new FieldWriter(32 + byteCount);
    const { sequence } = this.attempt;
    writeHead(writer, { sequence, readTo, number: this.#number, isLast: this.#isSent });
    for (const record of records) writer.raw(record);
    return { bytes: writer.bytes, count: records.length };
  }
}
