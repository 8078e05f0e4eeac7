import type { PresenceEvent } from "../library/presence.js";
import { type JournalParts, PresenceJournal } from "./journal.js";

/** What is known of this node among the others. */
export interface OwnNode {
  /** Its inbox, another one after each start. */
  readonly node: string;
  readonly isServing: boolean;
}

/** What a recorder is made of: a journal's parts, but for whose it is. */
export type RecorderParts = Omit<JournalParts, "node" | "isServing"> & {
  readonly self: () => OwnNode;
};

/**
 * Writes down who comes and goes at this node: into one journal for each of its starts among the others. Those whom
 * it served before it was taken for down are in the journal of that start, which another node may have by now.
 */
export class PresenceRecorder {
  readonly #parts: RecorderParts;
  /** The present one last. */
  #journals: PresenceJournal[] = [];
  #unwritten = 0;

  constructor(parts: RecorderParts) {
    this.#parts = parts;
  }

  /** An event of this node: told when it is written. */
  readonly add = (event: PresenceEvent): void => {
    if (event.eventType === "connect") this.#current().add(event);
    else this.#of(event.channelId)?.add(event);
  };

  /** Events that are not told yet. */
  get waitingCount(): number {
    return this.#journals.reduce((count, journal) => count + journal.waitingCount, 0);
  }

  /** Told without being written. */
  get unwrittenCount(): number {
    return this.#journals.reduce((count, { unwritten }) => count + unwritten, this.#unwritten);
  }

  /** This node is about to close its connections. */
  stopping(): void {
    for (const journal of this.#journals) journal.stopping();
  }

  /** Resolves when nothing waits, or when the time is up. */
  async drained(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const callOff = this.#parts.world.after(ms, resolve);
      void Promise.all(this.#journals.map((journal) => journal.drained())).then(() => {
        callOff();
        resolve();
      });
    });
  }

  /** Nothing comes any more. */
  async close(): Promise<void> {
    await Promise.all(this.#journals.map((journal) => journal.close().catch(ignore)));
  }

  #current(): PresenceJournal {
    const { self, ...parts } = this.#parts;
    const last = this.#journals.at(-1);
    const { node } = self();
    if (last?.node === node) return last;
    const isServing = (): boolean => self().isServing && self().node === node;
    const journal = new PresenceJournal({ ...parts, node, isServing });
    for (const done of this.#journals.filter(({ isDone }) => isDone)) this.#end(done);
    this.#journals = [...this.#journals.filter(({ isDone }) => !isDone), journal];
    return journal;
  }

  #end(journal: PresenceJournal): void {
    this.#unwritten += journal.unwritten;
    void journal.close().catch(ignore);
  }

  /** `undefined`: another node tells of that connection, or it was too long to be written down. */
  #of(channelId: string): PresenceJournal | undefined {
    return this.#journals.find((journal) => journal.has(channelId)) ?? this.#journals.at(-1);
  }
}

/** What could not be removed is found empty, or told again, by another node. */
function ignore(): void {}
