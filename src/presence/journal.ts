/** A little over 300 lines: what a journal does with an event, from its coming to its end. */
import type { PresenceEvent } from "../library/presence.js";
import type { Logger } from "../log/logger.js";
import type { JournalEntry, JournalLog, JournalWorld, PresenceSink } from "./journal-log.js";
import { isHeir, ownText, recordOf } from "./journal-record.js";
import { PresentClients } from "./present-clients.js";
import { ToldMarks } from "./told-marks.js";
import { isLong, type WaitingEvent, WaitingEvents, waitingEvent } from "./waiting-events.js";

/** Events that come close together go together. */
const COLLECT_MS = 20;
/** Between two looks how far it is with telling. */
const TOLD_MS = 100;
/** Between two attempts. */
const AGAIN_MS = 250;
/** Characters that wait for the log: the ends of 100,000 Clients, and more. */
const WAITING_MAX = 64 * 1024 * 1024;
/** While this node serves, and the log takes nothing, they wait for so long. */
const WAITING_MAX_MS = 30_000;
/** A journal that is longer than what it says is written anew. */
const SPARE = 1024 * 1024;
/** What a record takes besides its texts. */
const AROUND = 200;

/** What one journal is made of. */
export interface JournalParts {
  /** The inbox of this node, as of this start: whose journal it is. */
  readonly node: string;
  /** What this node calls itself in presence. */
  readonly name: string;
  readonly log: JournalLog;
  readonly sink: PresenceSink;
  readonly world: JournalWorld;
  readonly logger: Logger;
  /** Whether this node serves Clients: then no other one takes it for gone. */
  readonly isServing: () => boolean;
}

/** A record that is on its way to the log. */
interface Batch {
  readonly items: readonly WaitingEvent[];
  readonly first: number;
  readonly number: number;
  readonly told: number;
  readonly text: string;
}

/** Older records may go when the events up to this one are written. */
interface Purge {
  readonly before: number;
  readonly whenWritten: number;
}

/**
 * Who is connected to this node, where others can read it: an event is told when it is written there. So
 * whoever reads the journal of a node that is gone knows whose end was not told yet, and what was on its way.
 * Once another node has written into it nothing more comes of this one: the other tells the rest.
 */
export class PresenceJournal {
  readonly node: string;
  readonly #parts: JournalParts;
  readonly #waiting = new WaitingEvents();
  readonly #present = new PresentClients();
  readonly #marks = new ToldMarks();
  #batch: Batch | undefined;
  #sentMs = 0;
  /** Where the last record stands, and how many there were. */
  #last = 0;
  #records = 0;
  /** Of the last event that is written, and of the last one that the journal says is told. */
  #written = 0;
  #told = 0;
  /** Characters since it was written anew. */
  #size = 0;
  /** Where the copy begins that is being written. */
  #copyFrom = 0;
  #purge: Purge | undefined;
  /** The log lacks something. */
  #isStale = false;
  #isOver = false;
  /** Events are told at once. */
  #isDirect = false;
  #isFailing = false;
  #callOffCollect: (() => void) | undefined;
  #callOffLook: (() => void) | undefined;
  readonly #drained: (() => void)[] = [];
  /** Told without being written: the log did not take them. */
  unwritten = 0;

  constructor(parts: JournalParts) {
    this.node = parts.node;
    this.#parts = parts;
  }

  get waitingCount(): number {
    return this.#waiting.count + (this.#batch?.items.length ?? 0);
  }

  has(channelId: string): boolean {
    return this.#present.has(channelId);
  }

  /** It is told when it is written. */
  add(event: PresenceEvent): void {
    if (this.#isOver) {
      if (this.#isLate(event)) this.#parts.sink.tell(event);
      return;
    }
    const item = waitingEvent(event);
    this.#present.follow(item);
    this.#waiting.add(item);
    if (this.#isDirect) this.#tell(item);
    if (this.#waiting.size > WAITING_MAX) this.#overflow();
    this.#callOffCollect ??= this.#parts.world.after(COLLECT_MS, () => {
      this.#callOffCollect = undefined;
      this.#work();
    });
  }

  /** This node is about to stop: what is told after its connections have ended reaches no Client of it. */
  stopping(): void {
    const isLate = this.#batch !== undefined && this.#underWayMs > AGAIN_MS;
    if (this.#isOver || this.#isFailing || isLate) return;
    this.#isDirect = true;
    this.#tellAll();
  }

  /** Resolves when all is written, or is another node's. */
  async drained(): Promise<void> {
    if (this.#isDrained) return;
    await new Promise<void>((resolve) => {
      this.#drained.push(resolve);
    });
  }

  /** Nothing comes any more. Removes the journal, unless something is left that others must tell. */
  async close(): Promise<void> {
    this.#callOffCollect?.();
    this.#callOffLook?.();
    const { log, node } = this.#parts;
    const isLeft = this.#isOver || !this.#isDrained;
    this.#isOver = true;
    if (isLeft || this.#last === 0) return;
    const told = this.#toldNow();
    if (told === this.#written && this.#present.count === 0) {
      await log.purge(node, this.#last + 1);
    } else if (told > this.#told) {
      await log.put(node, this.#textOf([], told, []), this.#last);
    }
  }

  /** Whether nothing is left of it: no Client, and nothing to be told. */
  get isDone(): boolean {
    if (this.#present.count > 0 || !this.#isDrained) return false;
    return this.#isOver || this.#toldNow() === this.#written;
  }

  get #isDrained(): boolean {
    return this.#isOver || (this.#batch === undefined && this.#waiting.count === 0);
  }

  get #underWayMs(): number {
    return this.#parts.world.nowMs() - this.#sentMs;
  }

  #tell(item: WaitingEvent): void {
    if (item.isTold) return;
    item.isTold = true;
    this.#parts.sink.tell(item.event);
  }

  #tellAll(): void {
    for (const item of this.#batch?.items ?? []) this.#tell(item);
    for (const item of this.#waiting) this.#tell(item);
  }

  /** The log takes too little: what waits is told, and who is there is written when it takes something again. */
  #overflow(): void {
    this.#tellAll();
    const { length: count } = this.#waiting.clear();
    this.unwritten += count;
    if (!this.#isStale) {
      this.#parts.logger.warn?.(
        `${count} events of presence were told that NATS has not taken: if this node is lost before it takes the next ` +
          "ones, other nodes will not tell that those clients are gone",
        { count },
      );
    }
    this.#writeAnew();
  }

  /** Who is here is written once more, before anything is removed. */
  #writeAnew(): void {
    this.#isStale = true;
    this.#present.endCopy();
    this.#purge = undefined;
  }

  /** Sends the next record, if there is something to be said. */
  #work(): void {
    if (this.#batch !== undefined || this.#isOver) return;
    const items = this.#next();
    const present = this.#nextPart(items.length);
    const told = this.#toldNow();
    if (items.length === 0 && present.length === 0 && told === this.#told) {
      for (const resolve of this.#drained.splice(0)) resolve();
      this.#watch();
      return;
    }
    const text = this.#textOf(items, told, present);
    this.#batch = { items, first: this.#written + 1, number: this.#records + 1, told, text };
    this.#sentMs = this.#parts.world.nowMs();
    this.#put(this.#batch);
  }

  #textOf(items: readonly WaitingEvent[], told: number, present: readonly string[]): string {
    const { name } = this.#parts;
    const events = items.map(({ text }) => text);
    const number = this.#records + 1;
    return ownText({ name, number, first: this.#written + 1, told, present, events });
  }

  /** The events of the next record. What is too long for any is told in its place. */
  #next(): WaitingEvent[] {
    for (;;) {
      const items = this.#waiting.take();
      const [first] = items;
      if (first === undefined || !isLong(first)) return items;
      this.#tell(first);
      this.unwritten += 1;
    }
  }

  #put(batch: Batch): void {
    const { log, node } = this.#parts;
    void log.put(node, batch.text, this.#last).then(
      (result) => {
        if (result.kind === "stored") this.#stored(batch, result.sequence);
        else if (result.kind === "refused") void this.#lookUp(batch);
        else this.#again(batch, result.why);
      },
      (error: unknown) => this.#again(batch, String(error)),
    );
  }

  #again(batch: Batch, why: string): void {
    const { world, logger, isServing } = this.#parts;
    if (!this.#isFailing) {
      this.#isFailing = true;
      logger.warn?.(
        `NATS takes nothing of who comes and goes (${why}): presence is told when it does`,
        { error: why },
      );
    }
    const isLate = this.#underWayMs > WAITING_MAX_MS;
    if (isLate && this.#waiting.count > 0 && isServing()) this.#overflow();
    world.after(AGAIN_MS, () => {
      if (!this.#isOver) this.#put(batch);
    });
  }

  /** Another record stands where this one was to stand: this one, from an attempt before, or another node's. */
  async #lookUp(batch: Batch): Promise<void> {
    let entry: JournalEntry | undefined;
    try {
      entry = await this.#parts.log.last(this.node);
    } catch (error) {
      this.#again(batch, String(error));
      return;
    }
    const record = entry && recordOf(entry.text);
    if (entry === undefined && this.#parts.isServing()) {
      this.#last = 0; // somebody has deleted it in NATS
      this.#writeAnew();
      this.#again(batch, "somebody has deleted what it had");
    } else if (entry === undefined || record === undefined) this.#end(Number.POSITIVE_INFINITY);
    else if (isHeir(record)) this.#end(record.last);
    else if (record.number === batch.number) this.#stored(batch, entry.sequence);
    else this.#again(batch, "it does not know its last record");
  }

  #stored(batch: Batch, sequence: number): void {
    if (this.#batch !== batch) return;
    const { items, told, text, number } = batch;
    this.#batch = undefined;
    this.#isFailing = false;
    this.#last = sequence;
    this.#records = number;
    this.#written += items.length;
    this.#told = told;
    this.#size += text.length + AROUND;
    for (const item of items) this.#tell(item);
    const { given } = this.#parts.sink;
    if (items.length > 0) this.#marks.add({ number: this.#written, given, sequence });
    if (this.#purge !== undefined && this.#written >= this.#purge.whenWritten) this.#purgeNow();
    this.#work();
  }

  /** Events up to this one are told, and need not be told again. */
  #toldNow(): number {
    return this.#marks.toldAt(this.#parts.sink.settled);
  }

  #watch(): void {
    if (!this.#marks.areOpen || this.#isOver) return;
    this.#callOffLook ??= this.#parts.world.after(TOLD_MS, () => {
      this.#callOffLook = undefined;
      this.#work();
    });
  }

  /**
   * Who is there is written anew once most of the journal says nothing any more.
   *
   * @param beside - Events that the same record has.
   */
  #nextPart(beside: number): string[] {
    const present = this.#present;
    if (!present.isCopying) {
      if (this.#purge !== undefined || this.#last === 0) return [];
      if (!this.#isStale && this.#size <= 2 * present.size + SPARE) return [];
      this.#isStale = false;
      this.#size = 0;
      this.#copyFrom = this.#last + 1;
      present.beginCopy();
    }
    const texts = present.nextPart();
    if (!present.isCopying) {
      // Whoever has gone meanwhile is in none of the new records: that must be written first.
      const whenWritten = this.#written + beside + this.#waiting.count;
      this.#purge = { before: this.#copyFrom, whenWritten };
    }
    return texts;
  }

  #purgeNow(): void {
    const { log, node } = this.#parts;
    const before = Math.min(this.#purge?.before ?? 0, this.#marks.firstOpen ?? this.#last);
    this.#purge = undefined;
    log.purge(node, before).catch(ignore); // if it fails, the next one removes more
  }

  /** Another node has it from here on. @param last - The number of the last event that it knows. */
  #end(last: number): void {
    const { items = [], first = 0 } = this.#batch ?? {};
    const unread = items.filter((_, at) => first + at > last);
    this.#isOver = true;
    this.#batch = undefined;
    this.#present.clear();
    for (const item of [...unread, ...this.#waiting.clear()]) {
      if (this.#isLate(item.event)) this.#tell(item);
    }
    for (const resolve of this.#drained.splice(0)) resolve();
  }

  /** Another node tells of those that it knows of; this one of those that came too late for that. */
  #isLate({ eventType, channelId }: PresenceEvent): boolean {
    if (eventType === "connect") this.#present.set(channelId, "");
    else if (!this.#present.has(channelId)) return false;
    if (eventType === "tcpclean") this.#present.delete(channelId);
    return true;
  }
}

function ignore(): void {}
