import type { EngineOptions, QoS } from "../../src/engine.js";
import { matches } from "../../src/topic/matches.js";
import { Harness, textOf } from "./harness.js";
import { same } from "./same.js";
import { type Received, SimulatedClient } from "./simulated-client.js";
import type { SlowDisk } from "./slow-store.js";

/** What the model knows of a Session: who has it in which life, and what it has subscribed to. */
interface ModelSession {
  readonly client: SimulatedClient;
  readonly life: number;
  readonly isKept: boolean;
  isOnline: boolean;
  will: string | undefined;
  readonly subscriptions: Map<string, QoS>;
}

/** A message the broker has accepted for one Session. */
interface Expected {
  readonly session: ModelSession;
  readonly payload: string;
  /** At which QoS, each time it was accepted: a QoS 1 publisher may have to repeat it. */
  readonly levels: QoS[];
  /** Publisher and topic: within one such flow the order must hold. */
  readonly flow: string;
  /** Place in the order of acceptance. */
  readonly at: number;
}

/**
 * A broker with some Clients, and beside it a model of who must receive what. Steps go to both;
 * {@link settle} lets everything come to its end and compares.
 */
export class World {
  readonly harness: Harness;
  readonly clients: readonly SimulatedClient[];
  readonly #sessions = new Map<string, ModelSession>();
  readonly #expected = new Map<string, Expected>();
  /** Lets the disk do everything it was given. */
  readonly #catchUp: () => void;
  /** The disk takes its time: what waits for it waits until somebody lets it go on. */
  isStalled = false;
  #serial = 0;
  #accepted = 0;

  constructor(count: number, options: Partial<EngineOptions> = {}, disk?: SlowDisk) {
    this.harness = new Harness(options);
    this.#catchUp = () => {
      disk?.finishAll();
      this.harness.broker.flush();
    };
    this.clients = Array.from(
      { length: count },
      (_, at) => new SimulatedClient(this.harness, `c${at}`),
    );
  }

  client(at: number): SimulatedClient {
    return this.clients[at % this.clients.length] as SimulatedClient; // there is at least one
  }

  /** Takes over if somebody is connected. */
  connect(at: number, cleanSession: boolean, withWill: boolean): void {
    const client = this.client(at);
    const before = this.#sessions.get(client.clientId);
    this.#serial += 1;
    const will = withWill ? `will ${this.#serial}` : undefined;
    if (before?.isOnline) this.#leave(before, true);
    const present = this.#sessions.get(client.clientId);
    if (present !== undefined && cleanSession) this.#end(present);
    const isResumed = present !== undefined && !cleanSession;
    const repeated = client.connect(cleanSession, will, this.#catchUp);
    same("Session Present", client.peer?.sessionPresent, isResumed);
    const session = isResumed
      ? present
      : {
          client,
          life: client.life,
          isKept: !cleanSession,
          isOnline: true,
          will,
          subscriptions: new Map<string, QoS>(),
        };
    session.isOnline = true;
    session.will = will;
    this.#sessions.set(client.clientId, session);
    this.#goOn();
    for (const { topicName, payload } of repeated) {
      this.#accept(client.clientId, topicName, 1, textOf(payload));
    }
    client.repeat();
    this.#goOn();
  }

  /** The network is cut. */
  cut(at: number): void {
    const client = this.client(at);
    const session = this.#sessions.get(client.clientId);
    if (!session?.isOnline) return;
    client.peer?.cut();
    client.lose();
    this.#leave(session, true);
    this.#goOn();
  }

  disconnect(at: number): void {
    const client = this.client(at);
    const session = this.#sessions.get(client.clientId);
    if (!session?.isOnline) return;
    client.peer?.disconnect();
    client.lose();
    this.#leave(session, false);
    this.#goOn();
  }

  subscribe(at: number, topicFilter: string, qos: QoS): void {
    const session = this.#sessions.get(this.client(at).clientId);
    if (!session?.isOnline) return;
    session.client.peer?.send({
      type: 8,
      packetId: 1,
      requests: [{ topicFilter, requestedQos: qos }],
    });
    session.subscriptions.set(topicFilter, qos);
    this.#goOn();
  }

  unsubscribe(at: number, topicFilter: string): void {
    const session = this.#sessions.get(this.client(at).clientId);
    if (!session?.isOnline) return;
    session.client.peer?.send({ type: 10, packetId: 1, topicFilters: [topicFilter] });
    session.subscriptions.delete(topicFilter);
    this.#goOn();
  }

  publish(at: number, topicName: string, qos: QoS): void {
    const client = this.client(at);
    if (!this.#sessions.get(client.clientId)?.isOnline) return;
    this.#serial += 1;
    const payload = `${this.#serial}`;
    // Expected first: what the broker sends of it may be read at once.
    this.#accept(client.clientId, topicName, qos, payload);
    client.publish(topicName, payload, qos);
    this.#goOn();
  }

  /** A Client reads, and answers as far as the test wants. */
  read(at: number, answersMax: number): number {
    const client = this.client(at);
    const count = client.read();
    client.answer(answersMax);
    this.#goOn();
    return count;
  }

  freeze(at: number): void {
    const { peer } = this.client(at);
    if (peer !== undefined) peer.link.frozen = true;
  }

  thaw(at: number): void {
    const { peer } = this.client(at);
    if (peer === undefined) return;
    peer.link.frozen = false;
    while (peer.link.unsentBytes > 0) peer.take();
    this.#goOn();
  }

  /** Everybody with a Session comes back, reads and answers until nothing more comes. */
  settle(): void {
    this.isStalled = false;
    this.#goOn();
    for (const [at, client] of this.clients.entries()) {
      const session = this.#sessions.get(client.clientId);
      if (session?.isOnline) this.thaw(at);
      else if (session !== undefined) this.connect(at, false, false);
    }
    let quiet = 0;
    for (let round = 0; quiet < 2; round += 1) {
      let count = 0;
      for (const [at] of this.clients.entries()) count += this.read(at, Number.POSITIVE_INFINITY);
      quiet = count === 0 ? quiet + 1 : 0;
      if (round > 10_000) throw new Error("it never comes to an end");
    }
  }

  /**
   * Nothing was lost that had to arrive, nothing came twice that must not, nothing came that nobody
   * sent, and the order held. Call it after {@link settle}.
   */
  compare(): void {
    for (const client of this.clients) this.#compareClient(client);
  }

  /** How many messages at QoS 1 and 2 were expected and never arrived. */
  missingCount(): number {
    return [...this.#expected.values()].filter(
      ({ levels, session, payload }) =>
        levels.some((qos) => qos > 0) &&
        !session.client.received.some((got) => isOf(got, session, payload)),
    ).length;
  }

  /** Everybody goes for good; the tables must be as they were before anybody came. */
  leaveForGood(): void {
    for (const [at, client] of this.clients.entries()) {
      if (!this.#sessions.has(client.clientId)) continue;
      this.connect(at, true, false);
      this.disconnect(at);
    }
    const { gauges, stats, unflushedCount, needsWork } = this.harness.broker;
    same("tables", gauges, {
      sessions: 0,
      offlineSessions: 0,
      subscriptions: 0,
      sharedSubscriptions: 0,
      retained: 0,
      inboxes: 0,
      unfinishedBytes: 0,
    });
    same("connections", stats.connections, 0);
    same("Will bytes", stats.willBytes, 0);
    same("kept by point-to-point", stats.pointToPointKept, 0);
    same("something left to do", unflushedCount > 0 || needsWork, false);
  }

  #goOn(): void {
    if (!this.isStalled) this.#catchUp();
  }

  #leave(session: ModelSession, publishesWill: boolean): void {
    const { will } = session;
    session.isOnline = false;
    session.will = undefined;
    session.client.lose();
    if (!session.isKept) this.#end(session);
    const { clientId } = session.client;
    if (publishesWill && will !== undefined)
      this.#accept(`${clientId}'s Will`, `w/${clientId}`, 1, will);
  }

  #end(session: ModelSession): void {
    this.#sessions.delete(session.client.clientId);
  }

  /** The broker takes a message over: who must get it? */
  #accept(publisher: string, topicName: string, qos: QoS, payload: string): void {
    this.#accepted += 1;
    for (const session of this.#sessions.values()) {
      const granted = this.#grantedTo(session, topicName);
      if (granted === undefined) continue;
      const effective = Math.min(qos, granted) as QoS; // of two QoS
      if (effective === 0 && !session.isOnline) continue;
      const key = keyOf(session.client, session.life, payload);
      const before = this.#expected.get(key);
      if (before !== undefined) {
        before.levels.push(effective);
        continue;
      }
      const flow = `${publisher} ${topicName}`;
      const at = this.#accepted;
      this.#expected.set(key, { session, payload, levels: [effective], flow, at });
    }
  }

  #grantedTo(session: ModelSession, topicName: string): QoS | undefined {
    const direct = /^x\/p2p\/(.*)$/.exec(topicName);
    if (direct !== null) {
      if (direct[1] !== session.client.clientId) return undefined;
      return session.isOnline || session.isKept ? 2 : undefined;
    }
    let granted: QoS | undefined;
    for (const [topicFilter, qos] of session.subscriptions) {
      if (matches(topicFilter, topicName) && qos >= (granted ?? 0)) granted = qos;
    }
    return granted;
  }

  #compareClient(client: SimulatedClient): void {
    const counts = new Map<string, number>();
    const lastAt = new Map<string, number>();
    for (const { payload, life, qos } of client.received) {
      const key = keyOf(client, life, payload);
      const one = this.#expected.get(key);
      if (one === undefined) throw new Error(`${client.clientId} got ${payload}: nobody sent that`);
      const level = `${key} at ${qos}`;
      const count = (counts.get(level) ?? 0) + 1;
      counts.set(level, count);
      const countMax = one.levels.filter((expected) => expected === qos).length;
      if (countMax === 0) throw new Error(`${payload} came at QoS ${qos}, not at ${one.levels}`);
      if (count > countMax && qos !== 1) throw new Error(`${payload} came ${count} times`);
      if (count === 1 && one.levels.length === 1) this.#compareOrder(one, lastAt);
    }
    this.#compareMissing(client);
  }

  #compareOrder(one: Expected, lastAt: Map<string, number>): void {
    const flow = `${one.session.life} ${one.flow}`;
    if (one.at < (lastAt.get(flow) ?? 0)) {
      throw new Error(`${one.session.client.clientId} got ${one.payload} of ${one.flow} too late`);
    }
    lastAt.set(flow, one.at);
  }

  #compareMissing(client: SimulatedClient): void {
    for (const { session, levels, payload, flow } of this.#expected.values()) {
      if (session.client !== client || this.#sessions.get(client.clientId) !== session) continue;
      if (levels.every((qos) => qos === 0)) continue;
      if (client.received.some((got) => isOf(got, session, payload))) continue;
      throw new Error(`${client.clientId} never got ${payload} of ${flow}`);
    }
  }
}

function keyOf(client: SimulatedClient, life: number, payload: string): string {
  return `${client.clientId} ${life} ${payload}`;
}

function isOf(got: Received, session: ModelSession, payload: string): boolean {
  return got.payload === payload && got.life === session.life;
}
