import type { PresenceEvent, PresenceType } from "../../src/library/presence.js";
import type {
  JournalEntry,
  JournalLog,
  JournalWorld,
  PresenceSink,
  PutResult,
} from "../../src/presence/journal-log.js";

/** Time that the test lets pass. */
export class VirtualTime implements JournalWorld {
  #ms = 1_000_000;
  #timers: { readonly atMs: number; readonly call: () => void }[] = [];

  nowMs(): number {
    return this.#ms;
  }

  after(ms: number, call: () => void): () => void {
    const timer = { atMs: this.#ms + ms, call };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** What was promised meanwhile is done, too. */
  async pass(ms: number): Promise<void> {
    const endMs = this.#ms + ms;
    for (;;) {
      await settled();
      const nextMs = this.#timers.reduce((least, { atMs }) => Math.min(least, atMs), endMs + 1);
      if (nextMs > endMs) break;
      this.#ms = Math.max(this.#ms, nextMs);
      const due = this.#timers.filter(({ atMs }) => atMs === nextMs);
      this.#timers = this.#timers.filter(({ atMs }) => atMs !== nextMs);
      for (const { call } of due) call();
    }
    this.#ms = endMs;
    await settled();
  }
}

/** Promises that wait for each other are done. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

interface Stored extends JournalEntry {
  readonly node: string;
}

/** The journals of all nodes, in memory. */
export class MemoryJournals {
  readonly #time: JournalWorld;
  records: Stored[] = [];
  #sequence = 0;

  constructor(time: JournalWorld) {
    this.#time = time;
  }

  of(node: string): Stored[] {
    return this.records.filter((record) => record.node === node);
  }

  /** Puts a record there, whatever there is. */
  write(node: string, text: string, timeMs = this.#time.nowMs()): number {
    this.#sequence += 1;
    this.records.push({ node, sequence: this.#sequence, text, timeMs });
    return this.#sequence;
  }

  /** As one node reaches them. */
  seenBy(link: Link): JournalLog {
    const reached = async (): Promise<void> => {
      await new Promise<void>((resolve) => void this.#time.after(2, resolve));
      if (link.isCut) throw new Error("cut");
    };
    return {
      put: (node, text, last) => this.#put(link, node, text, last),
      last: async (node) => {
        await reached();
        return this.of(node).at(-1);
      },
      read: async (node, upTo, take) => {
        await reached();
        for (const record of this.of(node)) if (record.sequence <= upTo) take(record);
      },
      nodes: async () => {
        await reached();
        return [...new Set(this.records.map(({ node }) => node))];
      },
      purge: async (node, before) => {
        await reached();
        this.records = this.records.filter(
          (record) => record.node !== node || record.sequence >= before,
        );
      },
    };
  }

  async #put(link: Link, node: string, text: string, last: number): Promise<PutResult> {
    await new Promise<void>((resolve) => void this.#time.after(1, resolve));
    if (link.isCut) return this.#unknown();
    if ((this.of(node).at(-1)?.sequence ?? 0) !== last) return { kind: "refused" };
    const sequence = this.write(node, text);
    await new Promise<void>((resolve) => void this.#time.after(1, resolve));
    link.puts += 1;
    return link.isCut || link.loses(link.puts) ? this.#unknown() : { kind: "stored", sequence };
  }

  async #unknown(): Promise<PutResult> {
    await new Promise<void>((resolve) => void this.#time.after(100, resolve));
    return { kind: "unknown", why: "cut" };
  }
}

/** How a node reaches the journals. */
export class Link {
  isCut = false;
  puts = 0;
  /** Whether the answer to the n-th record is lost. */
  loses: (nth: number) => boolean = () => false;
}

/** Whoever is told: each event arrives a little later, unless its teller is gone by then. */
export class Receiver implements PresenceSink {
  given = 0;
  settled = 0;
  isGone = false;
  readonly #time: JournalWorld;
  readonly #arrived: Arrived[];
  readonly #delayMs: number;

  constructor(time: JournalWorld, arrived: Arrived[], delayMs = 50) {
    this.#time = time;
    this.#arrived = arrived;
    this.#delayMs = delayMs;
  }

  tell({ eventType, channelId, time, reason, clientId }: PresenceEvent, node?: string): void {
    this.given += 1;
    this.#time.after(this.#delayMs, () => {
      if (this.isGone) return;
      this.settled += 1;
      this.#arrived.push({ eventType, channelId, time, reason, clientId, node });
    });
  }
}

export interface Arrived
  extends Pick<PresenceEvent, "eventType" | "channelId" | "time" | "clientId" | "reason"> {
  readonly node: string | undefined;
}

/** An event of a Client of its own. */
export function eventFor(
  channelId: string,
  eventType: PresenceType,
  time: number,
  more: Partial<PresenceEvent> = {},
): PresenceEvent {
  const clientId = `client ${channelId}`;
  const client = {
    ...{ clientId, username: "u", remoteAddress: "127.0.0.1:50412", cleanSession: true },
    ...{ listener: "mqtt://127.0.0.1:1883", data: { secret: 1 } },
  };
  return {
    ...{ eventType, clientId, time, channelId, clientIp: "127.0.0.1", client },
    ...{ connectedAtMs: 5, keepAliveSeconds: 60, protocolLevel: 4 },
    reason: eventType === "connect" ? undefined : "connection-lost",
    ...more,
  };
}
