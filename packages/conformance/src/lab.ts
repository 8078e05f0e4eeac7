import { CanaryPair } from "./canary.js";
import { NotObservable, Unmet } from "./outcome.js";
import {
  type ConnectOptions,
  connack,
  connect,
  DISCONNECT,
  publish,
  type WillOptions,
} from "./packets.js";
import { describePacket, readPublish, sameBytes } from "./received.js";
import type { Target } from "./target.js";
import { WireClient } from "./wire-client.js";

/** What the person who runs the suite knows about the broker; more of it makes more observable. */
export interface Knowledge {
  /** Credentials the broker accepts; every CONNECT of the suite carries them. */
  readonly username?: string;
  readonly password?: string;
  /** Credentials the broker refuses. */
  readonly refusedUsername?: string;
  readonly refusedPassword?: string;
  /** A Client Identifier the broker refuses. */
  readonly refusedClientId?: string;
  /** A Topic Name the accepted user may not publish to, and may read unless a reader is named. */
  readonly forbiddenTopic?: string;
  /** Credentials of somebody who may read `forbiddenTopic`; default: those above. */
  readonly readerUsername?: string;
  readonly readerPassword?: string;
  /** A Topic Filter the accepted user may not subscribe to. */
  readonly forbiddenFilter?: string;
  /** How many QoS 1 and 2 messages the broker has in flight to one Client at most. */
  readonly window?: number;
}

/** A CONNECT without its Client Identifier being a must: it has a name of its own if none is said. */
export type LabConnectOptions = Partial<ConnectOptions> & { readonly will?: WillOptions };

/**
 * What one case works with: connections to the broker, and names nobody else uses, so that cases
 * run side by side on one broker.
 */
export class Lab {
  readonly target: Target;
  readonly knowledge: Knowledge;
  readonly #token: string;
  readonly #clients: WireClient[] = [];
  readonly #durableClientIds = new Set<string>();
  readonly #retainedTopics = new Set<string>();
  #canary: CanaryPair | undefined;
  #names = 0;

  /** @param token - A few alphanumeric characters, different for every case of every run. */
  constructor(target: Target, token: string, knowledge: Knowledge = {}) {
    this.target = target;
    this.knowledge = knowledge;
    this.#token = token;
  }

  /** A Client Identifier of at most 23 alphanumeric characters, this case's own. [MQTT-3.1.3-5] */
  clientId(name = "a"): string {
    return `${this.#token}${name}`;
  }

  /** A Topic Name or Filter below this case's own first level. */
  topic(rest: string): string {
    return `${this.#token}/${rest}`;
  }

  /** This case's own first topic level. */
  get level(): string {
    return this.#token;
  }

  /**
   * Opens a Network Connection and sends nothing.
   *
   * @param home - The Client that comes back over it to a Session that is kept.
   */
  async dial(home?: string): Promise<WireClient> {
    const hooks = { sent: (packet: Uint8Array) => this.#note(packet) };
    const client = await WireClient.dial(this.target, hooks, home);
    this.#clients.push(client);
    return client;
  }

  /** The bytes of a CONNECT with the credentials this broker wants, Clean Session unless said. */
  connectPacket(options: LabConnectOptions = {}): Uint8Array {
    const { username, password } = this.knowledge;
    this.#names++;
    return connect({
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      clientId: this.clientId(`n${this.#names}`),
      ...options,
    });
  }

  /**
   * A client whose CONNECT was accepted.
   *
   * @param sessionPresent - What the CONNACK has to say; `"either"` in cases about something else.
   */
  async connect(
    options: LabConnectOptions = {},
    sessionPresent: boolean | "either" = false,
  ): Promise<WireClient> {
    const client = await this.dial(options.cleanSession === false ? homeOf(options) : undefined);
    client.send(this.connectPacket(options));
    if (sessionPresent === "either") {
      const answer = await client.next("a CONNACK");
      sameOr(answer, connack(0, answer[2] === 1), "expected an accepting CONNACK");
    } else await client.expect(connack(0, sessionPresent));
    return client;
  }

  /** The same with Clean Session 0: `durable("a")`, and `durable("a", true)` to come back. */
  durable(
    name: string,
    sessionPresent: boolean | "either" = false,
    options: LabConnectOptions = {},
  ) {
    const clientId = this.clientId(name);
    return this.connect({ cleanSession: false, clientId, ...options }, sessionPresent);
  }

  /** A client that subscribed: most cases need a receiver. */
  async subscriber(
    topicFilter: string,
    qos = 0,
    options: LabConnectOptions = {},
  ): Promise<WireClient> {
    const client = await this.connect(options);
    await client.subscribe(topicFilter, qos);
    return client;
  }

  /**
   * Sees a CONNECT refused: a CONNACK with another code than 0 and a close, or only a close.
   *
   * @throws {@link NotObservable} when the broker accepts it: that is another case's matter.
   */
  async expectRefusal(client: WireClient): Promise<void> {
    const first = await client.nextUnlessClosed();
    if (first?.[3] === 0) throw new NotObservable("the broker accepts what is to be refused");
    await client.expectClose();
  }

  /** Lets time pass. */
  async sleep(ms: number): Promise<void> {
    const { clock } = this.target;
    const endMs = clock.now() + ms;
    const never = new Promise<void>(() => {});
    while (clock.now() < endMs) await clock.pass(endMs - clock.now(), never);
  }

  /** A piece of {@link Knowledge} without which the case cannot tell. */
  know<Key extends keyof Knowledge>(key: Key): NonNullable<Knowledge[Key]> {
    const value = this.knowledge[key];
    if (value === undefined) throw new NotObservable(`the run was not told: ${key}`);
    return value;
  }

  /** Two Clients beside the case that must go on talking whatever it does. */
  async canary(): Promise<CanaryPair> {
    if (this.#canary !== undefined) return this.#canary;
    const topicName = this.topic("canary");
    const receiver = await this.subscriber(topicName, 1, { clientId: this.clientId("cr") });
    const sender = await this.connect({ clientId: this.clientId("cs") });
    const { clock } = this.target;
    this.#canary = new CanaryPair(sender, receiver, topicName, clock);
    return this.#canary;
  }

  /** Closes what is open and takes back what the case left at the broker. */
  async cleanUp(): Promise<void> {
    for (const client of this.#clients) client.drop();
    for (const clientId of this.#durableClientIds) {
      const client = await this.#accepted({ clientId });
      client?.send(DISCONNECT);
      client?.finish();
    }
    if (this.#retainedTopics.size > 0) {
      const client = await this.#accepted({});
      for (const topicName of this.#retainedTopics) {
        client?.send(publish({ topicName, retain: true }));
      }
      await client?.ping().catch(() => {}); // tidying up is no part of the verdict
      client?.drop();
    }
  }

  async #accepted(options: LabConnectOptions): Promise<WireClient | undefined> {
    try {
      const client = await WireClient.dial(this.target, {}, homeOf(options));
      client.send(this.connectPacket(options));
      await client.next();
      return client;
    } catch {
      return undefined; // the broker is gone: nothing is left to clean
    }
  }

  #note(packet: Uint8Array): void {
    const first = packet[0] ?? 0;
    if ((first & 0xf1) === 0x31) this.#noteRetained(packet);
    if (first === 0x10 && ((packet[9] ?? 2) & 2) === 0) this.#noteDurable(packet);
  }

  #noteRetained(packet: Uint8Array): void {
    try {
      const published = readPublish(packet);
      if (published?.topicName.startsWith(this.#token)) {
        this.#retainedTopics.add(published.topicName);
      }
    } catch {
      // A malformed PUBLISH retains nothing.
    }
  }

  #noteDurable(packet: Uint8Array): void {
    const size = ((packet[12] ?? 0) << 8) | (packet[13] ?? 0);
    const clientId = new TextDecoder().decode(packet.subarray(14, 14 + size));
    if (clientId.startsWith(this.#token)) this.#durableClientIds.add(clientId);
  }
}

/** Under which identifier a Client comes back; one in bytes is none that does. */
function homeOf({ clientId }: LabConnectOptions): string | undefined {
  return typeof clientId === "string" ? clientId : undefined;
}

/** The packet, or {@link Unmet} with a sentence of the case's own. */
export function sameOr(actual: Uint8Array, expected: Uint8Array, otherwise: string): void {
  if (!sameBytes(actual, expected)) throw new Unmet(`${otherwise}: ${describePacket(actual)}`);
}

/** States what a case relies on. */
export function need(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new Unmet(otherwise);
}
