import { forgetRetained, outlivesServer, placeRetained } from "../handling/retaining.js";
import type { Message } from "../session/message.js";
import { type Connection, Phase } from "../state/connection.js";
import type { Core } from "../state/core.js";
import type { Publication } from "../state/publication.js";
import { StopReason, stopReading } from "../state/reading.js";
import type { Fabric } from "./fabric.js";
import { RetainedBarrier } from "./retained-barrier.js";
import { isUnreadable, RetainedReader, recordBytes } from "./retained-record.js";
import { RetainedWriter } from "./retained-writer.js";

/** So many topics are looked at in one turn for what is retained no more. */
const SWEEP_TOPICS = 512;

/**
 * The same retained messages on all nodes: what Clients of this node retain goes into a log, and what the
 * log says of a topic last is what is retained of it, here as everywhere. Subscribers get nothing by
 * it: to them the message has been forwarded.
 *
 * What its owner brings, each with the time and none inside a turn, is told here directly.
 */
export class RetainedLog {
  readonly #core: Core;
  readonly #fabric: Pick<Fabric, "keep" | "recordBytesMax">;
  readonly #reader = new RetainedReader();
  readonly #writer: RetainedWriter;
  readonly #barrier: RetainedBarrier;
  /** Publishers that are not read, since too much of what they have retained waits. */
  readonly #stopped = new Set<Connection>();
  /** All that the log had is known: this node may join the others. */
  isRead = false;
  #readTo = 0;
  /** Topics that the log has, while it is read and something was retained here before. */
  #seen: Set<string> | undefined;
  /** Up to where it was looked for topics that the log has not; `undefined`: that is not due. */
  #sweptTo: string | undefined;
  /** Records that are none of ours. */
  foreign = 0;

  constructor(core: Core, fabric: Pick<Fabric, "keep" | "recordBytesMax">) {
    this.#core = core;
    this.#fabric = fabric;
    this.#writer = new RetainedWriter(fabric);
    this.#barrier = new RetainedBarrier(fabric);
  }

  get hasWork(): boolean {
    if (this.#sweptTo !== undefined) return true;
    return this.isRead && (this.#writer.hasWork || this.#barrier.hasWork);
  }

  /** Whether the log has all that was retained here. */
  get isIdle(): boolean {
    return this.#writer.count === 0;
  }

  /** Topics whose retained message the log is not known to have, and their bytes. */
  get waitingCount(): number {
    return this.#writer.count;
  }

  get waitingBytes(): number {
    return this.#writer.byteCount;
  }

  /** SUBACKs that went out although the log did not answer. */
  get overdue(): number {
    return this.#barrier.overdue;
  }

  // What the engine asks, inside turns.

  /** @returns false: it is too large for the log. */
  retain(topicName: string, message: Message | undefined, publication: Publication): boolean {
    if (message !== undefined && recordBytes(message) > this.#fabric.recordBytesMax) return false;
    const { qos, from, origin } = publication;
    // The broker's owner is told when it is done, whatever the QoS.
    const isOwed = qos > 0 || from === undefined;
    const owed = isOwed ? this.#core.obligations.add(origin) : undefined;
    this.#writer.put(topicName, message, owed);
    if (this.#writer.isFull && from !== undefined) this.#stop(from.clientId);
    return true;
  }

  /** How long the last record of this node took until the log was known to have it, in ms. */
  get lagMs(): number {
    return this.#writer.lagMs;
  }

  /** Somebody subscribes. */
  awaitRead(): void {
    if (this.isRead) this.#barrier.add(this.#core.obligations.add());
  }

  // What the owner brings, between turns.

  /** What became of a record. */
  kept(number: number, sequence: number | undefined, nowMs: number): void {
    this.#core.turns.run(nowMs, () => {
      if (this.#barrier.answered(number, sequence, this.#readTo)) return;
      this.#writer.answered(number, sequence, nowMs, (topicName, message) =>
        this.#apply(topicName, message),
      );
      this.#readOn();
    });
  }

  /** The next record of the log. */
  retained(sequence: number, bytes: Uint8Array, nowMs: number): void {
    this.#core.turns.run(nowMs, () => {
      this.#readTo = sequence;
      this.#take(sequence, bytes);
      this.#barrier.readTo(sequence);
      this.#readOn();
    });
  }

  /** The log is read from its first record on. */
  begin(nowMs: number): void {
    this.#core.turns.run(nowMs, () => {
      this.#readTo = 0;
      this.#writer.forgetPlaces();
      this.#sweptTo = undefined;
      this.#seen = this.#hasAny() ? new Set() : undefined;
    });
  }

  /** All that the log had when that began was told. */
  end(nowMs: number): void {
    this.#core.turns.run(nowMs, () => {
      if (this.#seen === undefined) this.isRead = true;
      else this.#sweptTo = "";
    });
  }

  work(nowMs: number): void {
    if (this.#sweptTo !== undefined) this.#core.turns.run(nowMs, () => this.#sweep());
    if (!this.isRead) return;
    this.#writer.work(nowMs);
    this.#barrier.work(nowMs, () => this.#writer.nextNumber());
  }

  /** In a turn. */
  tick(nowMs: number): void {
    this.#barrier.tick(nowMs);
  }

  /** This node starts anew: the log is read again from its first record on. In a turn. */
  restart(): void {
    this.isRead = false;
    this.#seen = undefined;
    this.#sweptTo = undefined;
    this.#writer.drop(new Error("this node has lost the others"));
    this.#barrier.drop();
    this.#goOn();
  }

  #take(sequence: number, bytes: Uint8Array): void {
    let record: ReturnType<RetainedReader["read"]>;
    try {
      record = this.#reader.read(bytes);
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      this.foreign += 1; // [L03]
      return;
    }
    const { topicName, message } = record;
    if (topicName === "" || !outlivesServer(topicName)) return;
    this.#seen?.add(topicName);
    if (this.#writer.isLast(topicName, sequence, message)) this.#apply(topicName, message);
  }

  /** The limits of this node hold for what others retain, too. */
  #apply(topicName: string, message: Message | undefined): void {
    if (message === undefined) forgetRetained(this.#core, topicName);
    else placeRetained(this.#core, message, undefined);
  }

  /** Whether anything is retained that others know of. What they do not stands first, and is little. */
  #hasAny(): boolean {
    let isThere = false;
    this.#core.retained.walk("", (topicName) => {
      isThere = outlivesServer(topicName);
      return !isThere;
    });
    return isThere;
  }

  /** Forgets some of what the log has no more. */
  #sweep(): void {
    const seen = this.#seen ?? new Set<string>();
    const from = this.#sweptTo ?? "";
    const gone: string[] = [];
    let last = from;
    let looked = 0;
    const isEnd = this.#core.retained.walk(from, (topicName) => {
      if (looked === SWEEP_TOPICS) return false;
      looked += 1;
      last = topicName;
      const isKnown = seen.has(topicName) || this.#writer.has(topicName);
      if (!isKnown && outlivesServer(topicName)) gone.push(topicName);
      return true;
    });
    for (const topicName of gone) forgetRetained(this.#core, topicName);
    this.#sweptTo = last;
    if (!isEnd) return;
    this.#sweptTo = undefined;
    this.#seen = undefined;
    this.isRead = true;
  }

  #stop(clientId: string): void {
    const connection = this.#core.sessions.find(clientId)?.connection;
    if (connection === undefined) return;
    stopReading(connection, StopReason.RETAINED); // [L07]
    this.#stopped.add(connection);
  }

  #readOn(): void {
    if (this.#stopped.size > 0 && this.#writer.hasRoom) this.#goOn();
  }

  #goOn(): void {
    for (const connection of this.#stopped) {
      if (connection.phase >= Phase.DOOMED) continue;
      this.#core.readAgain(connection, StopReason.RETAINED);
    }
    this.#stopped.clear();
  }
}
