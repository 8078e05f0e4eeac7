import type { PresenceEvent } from "../library/presence.js";
import type { Logger } from "../log/logger.js";
import type { JournalEntry, JournalLog, JournalWorld, PresenceSink } from "./journal-log.js";
import { eventOf, heirText, isHeir, JournalRest, recordOf } from "./journal-record.js";
import type { OwnNode } from "./recorder.js";

/** Between two looks at who is a member. */
const LOOK_MS = 1_000;
/** A node that has left in order removes its journal itself within this. */
const GRACE_MS = 3_000;
/** Between two looks for journals that nobody has seen to. */
const SEARCH_MS = 30_000;
/** After one that was in vain. */
const AGAIN_MS = 3_000;
/** Between two looks whether something has happened. */
const POLL_MS = 100;
/** So long it is waited for that; then the next search goes on. */
const PATIENCE_MS = 10_000;
/** Told together: so many may be told twice when this node is lost in the middle. */
const AT_ONCE = 500;

/** This node and the others, as the order log shows them. */
export interface Nodes extends OwnNode {
  /** The clock of the other times here, in ms. */
  readonly nowMs: number;
  /** All that was in the log at that time is read. */
  readonly readBackMs: number;
  readonly members: readonly { readonly node: string; readonly silentMs: number }[];
}

/** What an heir is made of. */
export interface HeirParts {
  readonly nodes: () => Nodes;
  readonly log: JournalLog;
  readonly sink: PresenceSink;
  readonly world: JournalWorld;
  readonly logger: Logger;
}

/**
 * Tells that Clients are gone whose node is: what stands in the journals of nodes that are no members any more. All
 * nodes look for them; whoever writes into such a journal first does it, from then on it is nobody else's, and what
 * it has told it writes there, too, so that another one can go on.
 */
export class PresenceHeir {
  readonly #parts: HeirParts;
  /** When something of each member was heard last, in ms since 1970. */
  readonly #heard = new Map<string, number>();
  /** Of those that are no members any more. */
  readonly #heardLast = new Map<string, number>();
  #searchMs = 0;
  #isSearching = false;
  #isClosed = false;
  /** What was said last, so that it is said once. */
  #why = "";
  #callOff: (() => void) | undefined;
  /** Events told in place of nodes that were gone. */
  toldCount = 0;

  constructor(parts: HeirParts) {
    this.#parts = parts;
    this.#soon();
  }

  close(): void {
    this.#isClosed = true;
    this.#callOff?.();
  }

  #soon(): void {
    this.#callOff = this.#parts.world.after(LOOK_MS, () => {
      this.#look();
      if (!this.#isClosed) this.#soon();
    });
  }

  /** Who has gone since the last look? */
  #look(): void {
    const { nodes, world } = this.#parts;
    const now = world.nowMs();
    const members = new Map(nodes().members.map(({ node, silentMs }) => [node, now - silentMs]));
    for (const [node, heardMs] of this.#heard) {
      if (members.has(node)) continue;
      this.#heard.delete(node);
      this.#heardLast.set(node, heardMs);
      for (const oldest of this.#heardLast.keys()) {
        if (this.#heardLast.size <= REMEMBERED_MAX) break;
        this.#heardLast.delete(oldest);
      }
      this.#searchMs = Math.min(this.#searchMs, now + GRACE_MS);
    }
    for (const [node, heardMs] of members) this.#heard.set(node, heardMs);
    if (now < this.#searchMs || this.#isSearching || !nodes().isServing) return;
    this.#searchMs = now + SEARCH_MS;
    this.#isSearching = true;
    void this.#search()
      .catch((error: unknown) => this.#failed(error))
      .finally(() => {
        this.#isSearching = false;
      });
  }

  /** It is tried again, soon; whoever was gone may be told of by then. */
  #failed(error: unknown): void {
    const { world, logger } = this.#parts;
    this.#searchMs = world.nowMs() + AGAIN_MS;
    const why = error instanceof Error ? error.message : String(error);
    if (why === this.#why) return;
    this.#why = why;
    logger.warn?.(
      `presence of nodes that are gone cannot be read in NATS (${why}): it is tried again`,
      { error: why },
    );
  }

  async #search(): Promise<void> {
    const { nodes, log } = this.#parts;
    const askedMs = nodes().nowMs;
    const found = await log.nodes();
    // Who has written before this moment has joined before: it is known by then.
    if (this.#strangers(found).length === 0) return;
    if (!(await this.#until(() => nodes().readBackMs > askedMs, PATIENCE_MS))) return;
    for (const node of this.#strangers(found)) {
      if (!this.#goesOn) return;
      await this.#inherit(node);
    }
  }

  #strangers(found: readonly string[]): string[] {
    const members = new Set(this.#parts.nodes().members.map(({ node }) => node));
    return found.filter((node) => !members.has(node));
  }

  get #goesOn(): boolean {
    return !this.#isClosed && this.#parts.nodes().isServing;
  }

  async #inherit(node: string): Promise<void> {
    const { log } = this.#parts;
    const last = await log.last(node);
    if (last === undefined || this.#isBusyAnother(last)) return;
    const will = new Will(log, node, last.sequence);
    if (!(await this.#write(will, lastOf(last), 0, []))) return;
    const rest = new JournalRest();
    let own = last;
    await log.read(node, will.last, (entry) => {
      const record = recordOf(entry.text);
      if (record === undefined) return;
      rest.take(record);
      if (!isHeir(record)) own = entry;
    });
    const count = await this.#tellAll(rest, will, this.#heardLast.get(node) ?? own.timeMs);
    if (count !== undefined) await log.purge(node, will.last + 1);
    if (count === undefined || count === 0) return;
    const name = rest.name;
    this.#parts.logger.info?.(`told ${count} events of presence in place of node ${name}`, {
      count,
    });
  }

  #isBusyAnother(last: JournalEntry): boolean {
    const record = recordOf(last.text);
    if (record === undefined || !isHeir(record)) return false;
    const { nodes } = this.#parts;
    return record.by !== nodes().node && nodes().members.some(({ node }) => node === record.by);
  }

  /** @returns how many events; `undefined`: it is another node's now, or this one is cut off. */
  async #tellAll(rest: JournalRest, will: Will, heardMs: number): Promise<number | undefined> {
    let count = 0;
    for (const some of chunksOf(rest.untold)) {
      const events = some.map(({ event }) => eventOf(event));
      if (!(await this.#tell(events, rest.name))) return undefined;
      if (!(await this.#write(will, rest.last, some.at(-1)?.number ?? 0, []))) return undefined;
      count += some.length;
    }
    for (const some of chunksOf([...rest.present.values()])) {
      const events = some.map((event) => eventOf(event, endAt(Math.max(event.time, heardMs))));
      if (!(await this.#tell(events, rest.name))) return undefined;
      const gone = some.map(({ channelId }) => channelId);
      if (!(await this.#write(will, rest.last, rest.last, gone))) return undefined;
      count += some.length;
    }
    return count;
  }

  /** @returns whether they have arrived. */
  async #tell(events: readonly PresenceEvent[], name: string): Promise<boolean> {
    const { sink } = this.#parts;
    for (const event of events) sink.tell(event, name);
    this.toldCount += events.length;
    const { given } = sink;
    return this.#until(() => sink.settled >= given, Number.POSITIVE_INFINITY);
  }

  /** @returns false: another node has written there, or this one does not serve any more. */
  async #write(will: Will, last: number, told: number, gone: readonly string[]): Promise<boolean> {
    const { nodes, world } = this.#parts;
    const text = heirText({ by: nodes().node, last, told, gone });
    while (this.#goesOn) {
      const isWritten = await will.write(text).catch(ignore);
      if (isWritten !== undefined) return isWritten;
      await new Promise<void>((resolve) => void world.after(POLL_MS, resolve));
    }
    return false;
  }

  /** @returns false: it was in vain, or this node does not serve any more. */
  async #until(isSo: () => boolean, ms: number): Promise<boolean> {
    const { world } = this.#parts;
    const endMs = world.nowMs() + ms;
    while (!isSo()) {
      if (!this.#goesOn || world.nowMs() >= endMs) return false;
      await new Promise<void>((resolve) => void world.after(POLL_MS, resolve));
    }
    return this.#goesOn;
  }
}

/** So many nodes that have gone are remembered. */
const REMEMBERED_MAX = 1_000;

/** What this node writes into the journal of another one: each behind what it has written last. */
class Will {
  last: number;
  readonly #log: JournalLog;
  readonly #node: string;

  constructor(log: JournalLog, node: string, last: number) {
    this.#log = log;
    this.#node = node;
    this.last = last;
  }

  /** @returns whether it is written; `undefined`: that is not known. */
  async write(text: string): Promise<boolean | undefined> {
    const result = await this.#log.put(this.#node, text, this.last);
    if (result.kind === "unknown") return undefined;
    if (result.kind === "stored") this.last = result.sequence;
    else {
      const last = await this.#log.last(this.#node);
      if (last?.text !== text) return false;
      this.last = last.sequence; // an attempt before was not in vain
    }
    return true;
  }
}

/** The number of the last event that a journal has. */
function lastOf({ text }: JournalEntry): number {
  const record = recordOf(text);
  if (record === undefined) return 0;
  return isHeir(record) ? record.last : record.first + record.events.length - 1;
}

function endAt(time: number): Pick<PresenceEvent, "eventType" | "reason" | "time"> {
  return { eventType: "tcpclean", reason: "node-lost", time };
}

function* chunksOf<T>(all: readonly T[]): Generator<readonly T[], void> {
  for (let at = 0; at < all.length; at += AT_ONCE) yield all.slice(at, at + AT_ONCE);
}

function ignore(): undefined {
  return undefined;
}
