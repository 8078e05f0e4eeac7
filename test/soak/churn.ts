import { type Address, Attacker } from "../../packages/bench/src/attack/attacker.js";
import {
  encodePublish,
  encodeUnsubscribe,
  type Hello,
} from "../../packages/bench/src/attack/packets.js";
import { PacketType } from "../../packages/bench/src/mqtt.js";
import { encodeSubscribe } from "../../packages/bench/src/packets.js";

/** What happened, all counted. */
export interface ChurnCounts {
  connects: number;
  refused: number;
  operations: number;
}

/** Clients that come and go at the same time. */
const ACTORS = 60;
/** So few identifiers that they take each other's connections over. */
const IDENTIFIERS = 200;
const TOPICS = 500;
const RETAINED_TOPICS = 1_000;
const OPERATIONS_MAX = 40;
const PAUSE_MS = 20;

/**
 * What the churn tends to by itself in a quarter of an hour or in hours, as fast as the machine is: each
 * kept Session has half of all Subscriptions, and half of the topics have a retained message.
 *
 * @throws Error when the server does not take it.
 */
export async function settle(address: Address): Promise<void> {
  for (let id = 0; id < IDENTIFIERS; id += 1) {
    const client = await Attacker.connect(address, helloOf(id));
    const filters = Array.from({ length: TOPICS }, (_, topic) => `soak/t/${topic}`);
    const half = filters.filter(() => chance(0.5));
    if (!(await client?.ask(encodeSubscribe(1, half, 1), PacketType.SUBACK)))
      throw new Error(REFUSED);
    for (let topic = id; topic < RETAINED_TOPICS / 2; topic += IDENTIFIERS) {
      await acknowledged(client as Attacker, `soak/r/${2 * topic}`, true, PAYLOAD);
    }
    await client?.leave();
  }
}

const REFUSED = "the server has not granted the Subscriptions the soak begins with";

function helloOf(id: number): Hello {
  return { clientId: `soak-${id}`, cleanSession: id % 2 === 0 };
}

/**
 * Everything Clients do, all the time, on a population that stays the same: connects, take-overs, clean and
 * kept Sessions, Wills, Subscriptions, retained messages set and deleted, messages to one and to many, at
 * QoS 0 and 1, good and bad ends. Whatever grows meanwhile grows for ever.
 */
export class Churn {
  readonly counts: ChurnCounts = { connects: 0, refused: 0, operations: 0 };
  readonly #address: Address;
  readonly #actors: Promise<void>[];
  #over = false;

  constructor(address: Address) {
    this.#address = address;
    this.#actors = Array.from({ length: ACTORS }, () => this.#act());
  }

  async end(): Promise<void> {
    this.#over = true;
    await Promise.all(this.#actors);
  }

  async #act(): Promise<void> {
    while (!this.#over) {
      const client = await this.#connect();
      const count = under(OPERATIONS_MAX);
      for (let n = 0; n < count && client?.open === true && !this.#over; n += 1) {
        await operate(client);
        this.counts.operations += 1;
        await pause();
      }
      if (chance(0.5)) await client?.leave();
      else client?.drop();
      await pause();
    }
  }

  async #connect(): Promise<Attacker | undefined> {
    const id = under(IDENTIFIERS);
    const will = { topicName: `soak/t/${under(TOPICS)}`, payload: PAYLOAD };
    const client = await Attacker.connect(this.#address, {
      ...helloOf(id),
      ...(chance(0.2) ? { will } : {}),
    });
    if (client === undefined) this.counts.refused += 1;
    else this.counts.connects += 1;
    return client;
  }
}

/** One thing that Clients do; ends when the server has answered it, or the connection is over. */
async function operate(client: Attacker): Promise<void> {
  const operation = OPERATIONS[under(OPERATIONS.length)];
  await operation?.(client);
}

const OPERATIONS: readonly ((client: Attacker) => Promise<unknown>)[] = [
  (client) => client.ask(encodeSubscribe(1, [someFilter()], 1), PacketType.SUBACK),
  (client) => client.ask(encodeUnsubscribe([someFilter()]), PacketType.UNSUBACK),
  (client) => client.write(encodePublish({ topicName: someTopic(), payload: PAYLOAD })),
  (client) => acknowledged(client, someTopic(), false, PAYLOAD),
  (client) => acknowledged(client, `soak/p2p/soak-${under(IDENTIFIERS)}`, false, PAYLOAD),
  (client) => acknowledged(client, `soak/r/${under(RETAINED_TOPICS)}`, true, PAYLOAD),
  (client) => acknowledged(client, `soak/r/${under(RETAINED_TOPICS)}`, true, NOTHING),
];

function acknowledged(client: Attacker, topicName: string, retain: boolean, payload: Uint8Array) {
  return client.ask(encodePublish({ topicName, payload, qos: 1, retain }), PacketType.PUBACK);
}

function someTopic(): string {
  return `soak/t/${under(TOPICS)}`;
}

function someFilter(): string {
  return chance(0.02) ? "soak/+/7" : someTopic();
}

function under(count: number): number {
  return Math.floor(Math.random() * count);
}

function chance(share: number): boolean {
  return Math.random() < share;
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, under(2 * PAUSE_MS)));
}

const PAYLOAD = Buffer.alloc(200, "s");
const NOTHING = new Uint8Array(0);
