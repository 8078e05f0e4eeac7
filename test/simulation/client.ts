/** More than 300 lines: one state machine, which whoever checks it reads from top to bottom. */
import {
  encode,
  type Packet,
  PacketStream,
  PacketType,
  type Publish,
  type QoS,
  UsageError,
} from "../../src/engine.js";
import type { Random } from "../codec-fuzz/random.js";
import { connectPacket, textOf } from "../support/harness.js";
import { idOf, type Ledger, type Sent, type Subscribed } from "./ledger.js";
import type { Plan } from "./profiles.js";
import type { Scheduler } from "./scheduler.js";
import type { SimServer } from "./server.js";
import { type Door, Wire } from "./wire.js";
import {
  type Kind,
  kindWish,
  messageWish,
  payloadOf,
  payloadWish,
  subscriptionWish,
} from "./wishes.js";

/** Short, so that a server finds a half-open connection while a run lasts; and longer than that among many. */
const KEEP_ALIVE_SECONDS = 4;
const KEEP_ALIVE_SECONDS_OF_MANY = 12;
const MANY = 20;
/** A client waits so long for CONNACK before it tries anew. */
const PATIENCE_MS = 15_000;
const RECONNECT_MS = 500;
/** Messages of its own that may wait for an answer. */
const WINDOW = 12;

interface Outgoing {
  readonly sent: Sent;
  readonly payload: Uint8Array;
  isReceived: boolean;
}

/** What one connection of a client knows. */
class Attempt {
  wire: Wire | undefined;
  readonly stream = new PacketStream({ sender: "server" });
  isAccepted = false;
  will: Sent | undefined;
  /** DISCONNECT is on its way. */
  isLeaving = false;
  readonly crashes: number;
  /** Packet Identifiers of what it has sent here at QoS 1 and 2, in order: answers keep that. */
  readonly awaitingPuback: number[] = [];
  readonly awaitingPubrec: number[] = [];
  /** Packet Identifier -> message, of what came here and was not answered to the end. */
  readonly unanswered = new Map<number, number>();

  constructor(crashes: number) {
    this.crashes = crashes;
  }
}

/** A client that obeys the standard, whatever the network and the server do to it. */
export class SimClient {
  readonly clientId: string;
  readonly isDurable: boolean;
  /** false: it comes back no more by itself. */
  wantsConnection = true;
  /** It comes back soon: faults have stopped. */
  isHurried = false;
  readonly #scheduler: Scheduler;
  readonly #dice: Random;
  readonly #plan: Plan;
  readonly #ledger: Ledger;
  readonly #server: SimServer;
  readonly #others: readonly string[];
  #attempt: Attempt | undefined;
  /** How many Sessions it has had. */
  #sessions = 0;
  readonly #outgoing = new Map<number, Outgoing>();
  readonly #awaitingPubrel = new Set<number>();
  readonly #asked = new Map<number, readonly (Subscribed | undefined)[]>();
  /** Its Subscriptions in the ledger. */
  readonly #mine: Subscribed[] = [];
  #packetId = 0;
  /** Whether the server has a Session of this client; undefined: nobody can say. */
  #hasSession: boolean | undefined = false;

  constructor(
    world: {
      readonly scheduler: Scheduler;
      readonly dice: Random;
      readonly plan: Plan;
      readonly ledger: Ledger;
      readonly server: SimServer;
    },
    clientId: string,
    isDurable: boolean,
    others: readonly string[],
  ) {
    this.clientId = clientId;
    this.isDurable = isDurable;
    this.#scheduler = world.scheduler;
    this.#dice = world.dice;
    this.#plan = world.plan;
    this.#ledger = world.ledger;
    this.#server = world.server;
    this.#others = others;
  }

  /** Connected, and nothing of its own waits for an answer. */
  get isQuiet(): boolean {
    return (
      this.#attempt?.isAccepted === true && this.#outgoing.size === 0 && this.#asked.size === 0
    );
  }

  get #keepAliveSeconds(): number {
    return this.#plan.clients > MANY ? KEEP_ALIVE_SECONDS_OF_MANY : KEEP_ALIVE_SECONDS;
  }

  get #isReady(): boolean {
    return this.#attempt?.isAccepted === true && !this.#attempt.isLeaving;
  }

  /** Connects; an older connection that it still has is taken over. */
  connect(): void {
    const { features } = this.#plan;
    const attempt = new Attempt(this.#ledger.crashedMs.length);
    const previous = this.#attempt;
    this.#attempt = attempt;
    this.#asked.clear();
    // The old connection lives on for the server, which takes it over.
    if (previous?.isAccepted === true && !previous.isLeaving) this.#willIsDue(previous);
    if (!this.isDurable) this.#forget();
    if (features.wills && this.#dice.oneIn(2)) attempt.will = this.#newWill();
    this.#ledger.note(`${this.clientId} CONNECT`);
    const weather = {
      latencyMs: this.#plan.latencyMs,
      splits: features.splitChunks,
      isSlowToAnswer: features.slowAnswers,
      isEager: features.eager,
      brokenOneIn: features.broken && !this.isHurried ? 400 : 0,
    };
    const end = {
      received: (bytes: Uint8Array) => this.#onBytes(attempt, bytes),
      lost: () => this.#onLost(attempt),
    };
    const from = features.users ? doorOf(this.clientId) : this.clientId;
    const wire = new Wire(this.#scheduler, this.#dice, weather, this.#server, end, from);
    attempt.wire = wire;
    wire.send(encode(this.#connectWith(attempt.will)));
    if (this.#hasSession === false || !this.isDurable) this.#hasSession = undefined;
    this.#scheduler.after(PATIENCE_MS, () => {
      if (this.#attempt === attempt && !attempt.isAccepted) this.cut(false);
    });
    const ping = (): void => {
      if (this.#attempt !== attempt || attempt.isLeaving) return;
      if (attempt.isAccepted) this.#send({ type: PacketType.PINGREQ });
      this.#scheduler.after(this.#keepAliveSeconds * 700, ping);
    };
    this.#scheduler.after(this.#keepAliveSeconds * 700, ping);
  }

  #connectWith(will: Sent | undefined): Packet {
    const { users } = this.#plan.features;
    return connectPacket({
      clientId: this.clientId,
      cleanSession: !this.isDurable,
      keepAliveSeconds: this.#keepAliveSeconds,
      ...(users && { username: `user of ${this.clientId}`, password: "secret" }),
      ...(will !== undefined && {
        will: {
          topicName: will.topicName,
          payload: payloadOf(will),
          qos: will.qos,
          retain: will.retain,
        },
      }),
    });
  }

  /** Something a client does, drawn by lot. */
  act(): void {
    const { features } = this.#plan;
    if (!this.#isReady) return;
    const what = this.#dice.below(20);
    if (what < 3) this.subscribe();
    else if (what < 4 && features.unsubscribe) this.#unsubscribe();
    else if (what < 5 && this.#dice.oneIn(3)) this.disconnect();
    else this.#publish(kindWish(what, this.#plan));
  }

  subscribe(): void {
    if (!this.#isReady) return;
    const count = this.#plan.features.manyFilters ? 1 + this.#dice.below(3) : 1;
    const asked = Array.from({ length: count }, () => this.#newSubscription());
    const packetId = this.#nextPacketId();
    this.#asked.set(packetId, asked);
    const requests = asked.map(({ topicFilter, group, qos }) => ({
      topicFilter: group === undefined ? topicFilter : `$share/${group}/${topicFilter}`,
      requestedQos: qos,
    }));
    this.#send({ type: PacketType.SUBSCRIBE, packetId, requests });
  }

  #newSubscription(): Subscribed {
    const { topicFilter, group, qos } = subscriptionWish(this.#dice, this.#plan, this.#others);
    const asked: Subscribed = {
      clientId: this.clientId,
      topicFilter,
      group,
      qos,
      askedMs: this.#scheduler.nowMs,
      grantedMs: undefined,
      grantedQos: 0,
      endedMs: Number.POSITIVE_INFINITY,
      isDurable: this.isDurable,
      isDenied: false,
    };
    // It replaces an older one of this filter, at a moment nobody knows.
    for (const one of this.#mine) {
      if (one.topicFilter === topicFilter && one.group === group) {
        one.endedMs = Math.min(one.endedMs, asked.askedMs);
      }
    }
    this.#mine.push(asked);
    this.#ledger.subscribed.push(asked);
    return asked;
  }

  /** Says good-bye; the server closes. */
  disconnect(): void {
    const attempt = this.#attempt;
    if (attempt === undefined || !this.#isReady) return;
    this.#send({ type: PacketType.DISCONNECT });
    attempt.isLeaving = true;
    this.#scheduler.after(2_000, () => {
      if (this.#attempt === attempt) this.cut(false);
    });
  }

  /** The network is gone, or its program has died. */
  cut(isHalfOpen: boolean): void {
    const attempt = this.#attempt;
    if (attempt === undefined) return;
    this.#ledger.note(`${this.clientId} cut ${isHalfOpen}`);
    attempt.wire?.cut(isHalfOpen);
    this.#ended(attempt, false);
  }

  stall(ms: number): void {
    this.#attempt?.wire?.stall(ms);
  }

  #onLost(attempt: Attempt): void {
    if (this.#attempt !== attempt) return;
    // Closed for another reason it has not read the DISCONNECT that was on its way.
    const isOther = (this.#ledger.ends.get(this.clientId) ?? "disconnected") !== "disconnected";
    const hasCrashed = attempt.crashes !== this.#ledger.crashedMs.length;
    this.#ended(attempt, attempt.isLeaving && !isOther && !hasCrashed);
  }

  /** @param isCalledOff - The server has read DISCONNECT: it says nothing else of why it closed. */
  #ended(attempt: Attempt, isCalledOff: boolean): void {
    this.#attempt = undefined;
    this.#asked.clear();
    const { will } = attempt;
    if (will !== undefined) {
      if (isCalledOff) will.calledOffMs = this.#scheduler.nowMs;
      else if (attempt.isAccepted && !attempt.isLeaving) this.#willIsDue(attempt);
    }
    if (!this.wantsConnection) return;
    const awayMs = this.isHurried ? RECONNECT_MS : this.#plan.awayMs;
    this.#scheduler.after(this.#dice.below(awayMs), () => {
      if (this.#attempt === undefined && this.wantsConnection) this.connect();
    });
  }

  #willIsDue({ will }: Attempt): void {
    // The server may see the end of a connection only when the next one takes over.
    if (this.#plan.options.willOnTakeOver === false) return;
    if (will !== undefined && will.qos > 0) will.acknowledgedMs ??= this.#scheduler.nowMs;
  }

  #newWill(): Sent {
    const will = this.#ledger.newMessage({
      from: this.clientId,
      topicName: `w/${this.clientId}`,
      qos: this.#dice.below(3) as QoS, // below 3
      retain: this.#plan.features.clears && this.#dice.oneIn(3),
      isWill: true,
    });
    will.sends = 1;
    return will;
  }

  /** A Session that ends with its connection: nothing of it is known any more. */
  #forget(): void {
    this.#outgoing.clear();
    this.#awaitingPubrel.clear();
    this.#endSubscriptions();
  }

  #endSubscriptions(): void {
    for (const one of this.#mine) one.endedMs = Math.min(one.endedMs, this.#scheduler.nowMs);
  }

  #unsubscribe(): void {
    const mine = this.#mine.filter(({ endedMs }) => endedMs > this.#scheduler.nowMs);
    if (mine.length === 0) return;
    const { topicFilter, group } = this.#dice.pick(mine);
    for (const one of mine) {
      if (one.topicFilter === topicFilter && one.group === group) {
        one.endedMs = this.#scheduler.nowMs;
      }
    }
    const packetId = this.#nextPacketId();
    this.#asked.set(packetId, [undefined]);
    const whole = group === undefined ? topicFilter : `$share/${group}/${topicFilter}`;
    this.#send({ type: PacketType.UNSUBSCRIBE, packetId, topicFilters: [whole] });
  }

  #publish(kind: Kind): void {
    const { limits } = this.#plan;
    if (this.#outgoing.size >= WINDOW) return;
    const wish = messageWish(this.#dice, this.#plan, kind, this.clientId, this.#others);
    if (wish === undefined) return;
    const sent = this.#ledger.newMessage(wish);
    const payload = payloadWish(this.#dice, this.#plan, sent);
    if (payload.length > (limits.messageBytesMax ?? payload.length)) sent.isDenied = true;
    const packetId = sent.qos === 0 ? 0 : this.#nextPacketId();
    if (packetId !== 0) this.#outgoing.set(packetId, { sent, payload, isReceived: false });
    this.#sendMessage(packetId, sent, payload, false);
  }

  #sendMessage(packetId: number, sent: Sent, payload: Uint8Array, dup: boolean): void {
    const attempt = this.#attempt;
    if (attempt === undefined) return;
    sent.sends += 1;
    if (sent.qos === 1) attempt.awaitingPuback.push(packetId);
    if (sent.qos === 2) attempt.awaitingPubrec.push(packetId);
    const { qos, retain, token, id } = sent;
    const topicName = token === "" ? sent.topicName : `${sent.topicName}/${id}`;
    this.#send({ type: PacketType.PUBLISH, dup, qos, retain, topicName, packetId, payload });
  }

  #nextPacketId(): number {
    do this.#packetId = (this.#packetId % 65_535) + 1;
    while (this.#outgoing.has(this.#packetId) || this.#asked.has(this.#packetId));
    return this.#packetId;
  }

  #send(packet: Packet): void {
    if (this.#attempt?.isLeaving) return;
    this.#attempt?.wire?.send(encode(packet));
  }

  #onBytes(attempt: Attempt, bytes: Uint8Array): void {
    if (this.#attempt !== attempt) return; // it has another connection now
    attempt.stream.push(bytes);
    for (let next = attempt.stream.next(); next !== undefined; next = attempt.stream.next()) {
      this.#onPacket(attempt, next);
      if (this.#attempt !== attempt) return;
    }
  }

  #onPacket(attempt: Attempt, packet: Packet): void {
    switch (packet.type) {
      case PacketType.CONNACK:
        this.#onConnack(attempt, packet.returnCode, packet.sessionPresent);
        break;
      case PacketType.PUBLISH:
        this.#onPublish(attempt, packet);
        break;
      case PacketType.PUBREL:
        this.#awaitingPubrel.delete(packet.packetId);
        attempt.unanswered.delete(packet.packetId);
        this.#send({ type: PacketType.PUBCOMP, packetId: packet.packetId });
        break;
      case PacketType.PUBACK:
        this.#inOrder(attempt.awaitingPuback, packet.packetId, "PUBACK");
        this.#onDone(packet.packetId, false);
        break;
      case PacketType.PUBREC:
        this.#inOrder(attempt.awaitingPubrec, packet.packetId, "PUBREC");
        this.#onPubrec(packet.packetId);
        break;
      case PacketType.PUBCOMP:
        this.#onDone(packet.packetId, true);
        break;
      case PacketType.SUBACK:
        this.#onSuback(packet.packetId, packet.returnCodes);
        break;
      case PacketType.UNSUBACK:
        this.#asked.delete(packet.packetId);
        break;
      case PacketType.PINGRESP:
        break;
      default:
        throw new UsageError(`a client does not expect ${JSON.stringify(packet)}`);
    }
  }

  /** [MQTT-4.6.0-2] [MQTT-4.6.0-3] */
  #inOrder(awaited: number[], packetId: number, name: string): void {
    const first = awaited.shift();
    if (first === packetId) return;
    this.#ledger.problem(`[4] ${this.clientId} waits for ${name} ${first}, got ${packetId}`);
  }

  #onConnack(attempt: Attempt, returnCode: number, sessionPresent: boolean): void {
    this.#ledger.note(`${this.clientId} CONNACK ${returnCode} ${sessionPresent}`);
    if (returnCode !== 0) return; // the server closes
    attempt.isAccepted = true;
    // Rule 7: Session Present tells the truth.
    const expected = this.isDurable ? (this.#plan.forgets ? undefined : this.#hasSession) : false;
    if (expected !== undefined && sessionPresent !== expected) {
      this.#ledger.problem(
        `[7] ${this.clientId}: Session Present is ${sessionPresent}, expected ${expected}`,
      );
    }
    if (!sessionPresent) this.#beginSession();
    if (this.isDurable && this.#hasSession !== true) {
      this.#hasSession = true;
      const kept = { fromMs: this.#scheduler.nowMs, toMs: Number.POSITIVE_INFINITY };
      this.#ledger.kept.set(this.clientId, [kept]);
    }
    for (const [packetId, { sent, payload, isReceived }] of this.#outgoing) {
      if (isReceived) this.#send({ type: PacketType.PUBREL, packetId });
      else this.#sendMessage(packetId, sent, payload, true);
    }
  }

  /** The server knows nothing of an earlier one. */
  #beginSession(): void {
    this.#sessions += 1;
    this.#awaitingPubrel.clear();
    if (this.isDurable) this.#endSubscriptions();
    if (!this.#plan.forgets) return;
    for (const { sent } of this.#outgoing.values()) sent.isRenewed = true;
  }

  #onPublish(attempt: Attempt, publish: Publish): void {
    const { packetId, qos, dup, retain, topicName } = publish;
    const id = idOf(publish.payload);
    this.#ledger.note(`${this.clientId} PUBLISH ${topicName} m${id} q${qos} ${packetId} ${dup}`);
    const isKnownRepeat = qos === 2 && this.#awaitingPubrel.has(packetId);
    const to = this.clientId;
    const atMs = this.#scheduler.nowMs;
    const asked = topicName.startsWith(RECEIPTS) ? RECEIPT.exec(topicName) : null;
    if (asked !== null) {
      this.#onReceipt(Number(asked[1]), textOf(publish.payload), dup || isKnownRepeat);
    } else if (publish.payload.length > 0) {
      const session = this.#sessions;
      const seen = { to, id, topicName, dup, retain, atMs, session, packetId, isKnownRepeat };
      this.#ledger.received.push(seen);
    } else if (retain || !topicName.startsWith("r/")) {
      this.#ledger.problem(`[5] ${to} got nothing, retained: ${retain}, on ${topicName}`);
    }
    if (qos === 0) return;
    const before = attempt.unanswered.get(packetId);
    if (before !== undefined) {
      this.#ledger.problem(`${to}: identifier ${packetId} is used for m${before} and m${id}`);
    }
    attempt.unanswered.set(packetId, id);
    // Rule 11: the in-flight window.
    const most = this.#plan.limits.inFlightMax ?? 1_024;
    if (attempt.unanswered.size > most) {
      this.#ledger.problem(`[11] ${to}: ${attempt.unanswered.size} in flight, allowed ${most}`);
    }
    if (qos === 2) this.#awaitingPubrel.add(packetId);
    this.#scheduler.after(this.#plan.latencyMs === 0 ? 0 : 5, () => {
      if (this.#attempt !== attempt) return;
      if (qos === 1) attempt.unanswered.delete(packetId);
      this.#send({ type: qos === 1 ? PacketType.PUBACK : PacketType.PUBREC, packetId });
    });
  }

  /** Rule 10: only who has asked is told. [P20] */
  #onReceipt(id: number, word: string, isRepeat: boolean): void {
    const sent = this.#ledger.sent.get(id);
    if (sent?.from === this.clientId && sent.token !== "") {
      if (!isRepeat) sent.receipts.push(word);
    } else {
      this.#ledger.problem(`[10] ${this.clientId} got a receipt for m${id}: ${word}`);
    }
  }

  #onPubrec(packetId: number): void {
    const outgoing = this.#outgoing.get(packetId);
    if (outgoing !== undefined) {
      outgoing.isReceived = true;
      outgoing.sent.acknowledgedMs ??= this.#scheduler.nowMs;
    }
    this.#send({ type: PacketType.PUBREL, packetId });
  }

  #onDone(packetId: number, isPubcomp: boolean): void {
    const outgoing = this.#outgoing.get(packetId);
    if (outgoing === undefined || (isPubcomp && !outgoing.isReceived)) {
      this.#ledger.problem(`${this.clientId}: an answer for ${packetId}, which waits for none`);
      return;
    }
    this.#outgoing.delete(packetId);
    outgoing.sent.acknowledgedMs ??= this.#scheduler.nowMs;
    this.#ledger.note(`${this.clientId} done m${outgoing.sent.id}`);
  }

  #onSuback(packetId: number, returnCodes: readonly number[]): void {
    const asked = this.#asked.get(packetId);
    this.#asked.delete(packetId);
    asked?.forEach((one, at) => {
      const code = returnCodes[at];
      if (one === undefined || code === undefined) return;
      const isForbidden = one.topicFilter.startsWith("d/");
      if (isForbidden && code <= 2) {
        this.#ledger.problem(`[3] ${this.clientId} was granted ${one.topicFilter}`);
      }
      if (code > 2) {
        this.#deny(one);
        return;
      }
      one.grantedMs = this.#scheduler.nowMs;
      one.grantedQos = code as QoS; // 0..2
    });
  }

  /** A filter that it does not have: nothing may come for it, unless it had it before. */
  #deny(asked: Subscribed): void {
    const { topicFilter, group } = asked;
    const hadItBefore = this.#mine.some(
      (one) => one !== asked && one.topicFilter === topicFilter && one.group === group,
    );
    if (!hadItBefore) asked.isDenied = true;
    asked.endedMs = Math.min(asked.endedMs, asked.askedMs);
  }
}

const RECEIPTS = "p/p2p-receipt/";
/** Where a receipt comes: the token is the number of the message. */
const RECEIPT = /^p\/p2p-receipt\/[^/]+\/(\d+)$/;

/** An address, and a certificate where the door asks for one. */
function doorOf(clientId: string): Door {
  const certificate = { subject: { CN: clientId }, fingerprint256: "AB" };
  const url = { url: "/mqtt", headers: {} };
  return { remoteAddress: clientId, listener: "mqtt://here:1883", certificate, request: url };
}
