import { sleepMs } from "../clock.js";
import { type Address, Attacker } from "./attacker.js";
import type { Hello } from "./packets.js";

/** One attack: what it needs, does, and leaves behind. */
export interface Attack {
  /** As the list of attacks calls it: `T1`. */
  readonly name: string;
  /** What the attacker does, for people. */
  readonly title: string;
  /** The bound on the canary's p99 while it does. */
  readonly p99MsMax: number;
  /** Whether it goes to the port where TLS is spoken. */
  readonly needsTls?: boolean;
  /** Before the watch begins: connections, subscriptions. */
  readonly prepare: (room: AttackRoom) => Promise<void>;
  /** The attack itself: until `room.over`, or until it has nothing left to do. */
  readonly run: (room: AttackRoom) => Promise<void>;
  /** Takes back what outlives the connections: Sessions, retained messages. */
  readonly cleanUp?: (room: AttackRoom) => Promise<void>;
}

/** What an attack works with: its connections, its time, and what it notes. */
export class AttackRoom {
  readonly address: Address;
  /** What was done and what came of it, in words: `messages sent` -> 1,000. */
  readonly notes = new Map<string, number>();
  readonly #attackers: Attacker[] = [];
  readonly #scale: number;
  #over = false;

  /** @param scale - Multiplies every number of connections, filters and messages. */
  constructor(address: Address, scale: number) {
    this.address = address;
    this.#scale = scale;
  }

  /** Whether the time of the attack is up: its loops end. */
  get over(): boolean {
    return this.#over;
  }

  end(): void {
    this.#over = true;
  }

  /** Those that were opened, in their order. */
  get attackers(): readonly Attacker[] {
    return this.#attackers;
  }

  /** A tenth of a second, for loops that only wait until it is over. */
  rest(): Promise<void> {
    return sleepMs(REST_MS);
  }

  /** A number of things, scaled; at least one. */
  scaled(count: number): number {
    return Math.max(1, Math.round(count * this.#scale));
  }

  /** Adds to what is noted under some words. */
  note(words: string, count = 1): void {
    this.notes.set(words, (this.notes.get(words) ?? 0) + count);
  }

  /** A connection that goes with the attack; undefined, and noted, when the server refuses it. */
  async connect(hello: Hello): Promise<Attacker | undefined> {
    const attacker = await Attacker.connect(this.address, hello);
    if (attacker === undefined) this.note("connections refused");
    else this.#attackers.push(attacker);
    return attacker;
  }

  /** Many at once, so many at a time that a backlog of 128 is not overrun. */
  async connectAll(count: number, helloOf: (index: number) => Hello): Promise<Attacker[]> {
    const opened: Attacker[] = [];
    await inGroups(count, async (index) => {
      const attacker = await this.connect(helloOf(index));
      if (attacker !== undefined) opened.push(attacker);
    });
    return opened;
  }

  /** Writes the same bytes again and again, as fast as they are taken. @returns how many times. */
  async flood(attacker: Attacker, bytes: Uint8Array): Promise<number> {
    let times = 0;
    while (!this.#over && (await attacker.write(bytes))) times += 1;
    this.noteIfClosed(attacker);
    return times;
  }

  /** Notes that the server has hung up, unless it is we who did. */
  noteIfClosed(attacker: Attacker | undefined): void {
    if (attacker?.open === false && !this.#over) this.note("connections closed by the server");
  }

  /** Cuts every connection, and notes what came over them. */
  dropAll(): void {
    for (const attacker of this.#attackers) {
      if (attacker.received > 0) this.note("messages received", attacker.received);
      if (attacker.refusedFilters > 0) this.note("filters refused", attacker.refusedFilters);
      attacker.drop();
    }
    this.#attackers.length = 0;
  }
}

/** Calls `act` for 0..count-1, some at a time. */
export async function inGroups(
  count: number,
  act: (index: number) => Promise<unknown>,
  group = GROUP,
): Promise<void> {
  for (let from = 0; from < count; from += group) {
    const size = Math.min(group, count - from);
    await Promise.all(Array.from({ length: size }, (_, at) => act(from + at)));
  }
}

const GROUP = 100;
const REST_MS = 100;
