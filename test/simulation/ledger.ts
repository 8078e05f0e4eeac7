import type {
  Broker,
  CloseReason,
  DeliveryOutcome,
  EngineEvents,
  Identity,
  Limits,
  QoS,
} from "../../src/engine.js";

import { SimRules } from "./rules.js";

/** One message that a client meant to send, its Will among them. */
export interface Sent {
  readonly id: number;
  readonly from: string;
  readonly topicName: string;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly isWill: boolean;
  /** When it was first sent; a Will: when its CONNECT was. */
  readonly sentMs: number;
  sends: number;
  /** The broker has taken responsibility: PUBACK, PUBREC; of a Will: it is due. */
  acknowledgedMs: number | undefined;
  /** A Will that may not be published: DISCONNECT was read by then. */
  calledOffMs: number | undefined;
  /** Sent again in a Session that knows nothing of the first time: a new message there. */
  isRenewed: boolean;
  /** By the rules of the run nobody may get it: its topic is denied, or it is too large. */
  isDenied: boolean;
  /** With RETAIN: it removes what is kept, and its copies have no number. */
  readonly isEmpty: boolean;
  /** What the owner was told of the end of its message to one client. */
  outcome: DeliveryOutcome | undefined;
  /** Its sender asks for a receipt with it: a last level of the topic, for the server alone. [P20] */
  readonly token: string;
  /** What the sender was told, in order, without repeats. */
  readonly receipts: string[];
}

/** What is known of a message before it is sent. */
export type NewMessage = Pick<Sent, "from" | "topicName" | "qos" | "retain"> &
  Partial<Pick<Sent, "isWill" | "isDenied" | "isEmpty" | "token">>;

/** One copy that came to a client. */
export interface Received {
  readonly to: string;
  readonly id: number;
  readonly topicName: string;
  readonly dup: boolean;
  readonly retain: boolean;
  readonly atMs: number;
  /** Which of its Sessions had it: one that outlives connections is always the same. */
  readonly session: number;
  /** 0 at QoS 0. */
  readonly packetId: number;
  /** A repeat that the client knows by its identifier, at QoS 2. */
  readonly isKnownRepeat: boolean;
}

/** A Subscription as its client knows it. */
export interface Subscribed {
  readonly clientId: string;
  /** Of a shared one the part behind the group. */
  readonly topicFilter: string;
  /** The group that shares it; `undefined`: an ordinary one. */
  readonly group: string | undefined;
  readonly qos: QoS;
  readonly askedMs: number;
  grantedMs: number | undefined;
  grantedQos: QoS;
  /** From here on it may be gone: UNSUBSCRIBE, or a CONNECT that ends the Session. */
  endedMs: number;
  /** Whether its Session outlives connections. */
  readonly isDurable: boolean;
  /** It was answered with 0x80. */
  isDenied: boolean;
}

/** When a client's Session, that outlives connections, was certainly there. */
export interface Kept {
  readonly fromMs: number;
  toMs: number;
}

/** Everything that was seen from outside, and what the engine told of it. The oracle reads it. */
export class Ledger {
  readonly sent = new Map<number, Sent>();
  readonly received: Received[] = [];
  readonly subscribed: Subscribed[] = [];
  readonly kept = new Map<string, Kept[]>();
  /** receiver + topic -> how many messages the engine says it dropped, by reason. */
  readonly drops = new Map<string, number>();
  /** The same keys, of all drops there were. */
  readonly dropped = new Set<string>();
  /** Why the last connection of a client ended, as the engine says. */
  readonly ends = new Map<string, CloseReason>();
  readonly problems: string[] = [];
  /** What the embedder's `forward` was handed. */
  readonly forwarded = new Set<number>();
  /** Rolling hash of everything that was noted: the same seed gives the same. */
  hash = 0x811c9dc5;
  /** When the server crashed, or was stopped: what was not on disk is gone. */
  readonly crashedMs: number[] = [];
  /** When a commit failed. */
  readonly diskFailedMs: number[] = [];
  readonly trace: string[] = [];
  readonly #clock: { readonly nowMs: number };
  readonly #isTracing: boolean;
  readonly rules: SimRules;
  readonly #live = new Map<string, Identity>();
  /** Who has arrived and not left, with the number of the connection. */
  readonly #present = new Map<string, number>();
  #ids = 0;
  #checks = 0;
  #nextSurvey = SURVEYED_ONE_IN;

  constructor(clock: { readonly nowMs: number }, isTracing: boolean) {
    this.#clock = clock;
    this.#isTracing = isTracing;
    this.rules = new SimRules(clock);
  }

  /** Who is there now, as presence tells it. */
  get present(): Iterable<string> {
    return this.#present.keys();
  }

  note(line: string): void {
    const text = `${this.#clock.nowMs} ${line}`;
    for (let at = 0; at < text.length; at += 1) {
      this.hash = Math.imul(this.hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
    }
    if (this.#isTracing) this.trace.push(text);
  }

  problem(line: string): void {
    this.note(`PROBLEM ${line}`);
    if (this.problems.length < 20) this.problems.push(`at ${this.#clock.nowMs} ms: ${line}`);
  }

  newMessage(of: NewMessage): Sent {
    this.#ids += 1;
    const sent: Sent = {
      from: of.from,
      topicName: of.topicName,
      qos: of.qos,
      retain: of.retain,
      isWill: of.isWill ?? false,
      isDenied: of.isDenied ?? false,
      isEmpty: of.isEmpty ?? false,
      id: this.#ids,
      sentMs: this.#clock.nowMs,
      sends: 0,
      acknowledgedMs: undefined,
      calledOffMs: undefined,
      isRenewed: false,
      outcome: undefined,
      token: of.token ?? "",
      receipts: [],
    };
    this.sent.set(sent.id, sent);
    return sent;
  }

  crashed(): void {
    this.crashedMs.push(this.#clock.nowMs);
    this.#live.clear();
    this.#present.clear();
    this.note("CRASH");
  }

  /** The server was stopped, and told so to everybody. */
  stopped(): void {
    const left = Math.max(this.#live.size, this.#present.size);
    if (left > 0) this.problem(`[12] stopped with ${left} connected`);
    this.crashedMs.push(this.#clock.nowMs);
    this.note("STOP");
  }

  /** What the engine is to tell: everything, or only what nobody can do without. */
  eventsFor(isHidden: boolean): EngineEvents {
    if (!isHidden) return this.events;
    const { onDrop, onHangUp, onDeny, onRefuse, onInternalError } = this
      .events as Required<EngineEvents>; // has these
    return { onDrop, onHangUp, onDeny, onRefuse, onInternalError };
  }

  readonly events: EngineEvents = {
    // Rule 12: one `connect`, and then one final `tcpclean`, for each connection that was accepted.
    onArrive: ({ clientId }, { number }) => {
      if (this.#present.has(clientId)) this.problem(`[12] ${clientId} arrives and has not left`);
      this.#present.set(clientId, number);
    },
    onLeave: ({ clientId }, { number }, reason) => {
      this.note(`leave ${clientId} ${number} ${reason}`);
      if (this.#present.get(clientId) !== number) {
        this.problem(`[12] ${clientId} leaves connection ${number}, which is not its present one`);
      }
      this.#present.delete(clientId);
    },
    onConnect: (client, sessionPresent) => {
      this.note(`connect ${client.clientId} ${sessionPresent}`);
      // Rules 7 and 12: one owner at every instant, and one `connect` for each `disconnect`.
      if (this.#live.has(client.clientId)) this.problem(`[7] two owners of ${client.clientId}`);
      this.#live.set(client.clientId, client);
    },
    onDisconnect: (client, reason) => {
      this.note(`disconnect ${client?.clientId} ${reason}`);
      if (client === undefined) return;
      if (this.#live.get(client.clientId) !== client) {
        this.problem(`[12] ${client.clientId} ends a connection that is not its present one`);
      }
      this.#live.delete(client.clientId);
      this.ends.set(client.clientId, reason);
    },
    onDrop: (reason, topicName, receiverId) => {
      this.note(`drop ${reason} ${topicName} ${receiverId}`);
      const key = dropKey(receiverId, topicName);
      this.drops.set(key, (this.drops.get(key) ?? 0) + 1);
      this.dropped.add(key);
    },
    onRefuse: (connect, reason) => this.note(`refuse ${connect?.clientId} ${reason}`),
    onHangUp: (client, reason) => {
      this.note(`hang up ${client?.clientId} ${reason}`);
      if (client !== undefined) this.ends.set(client.clientId, reason);
    },
    onPublish: (from, topicName) => this.note(`publish ${from?.clientId} ${topicName}`),
    onSlowDown: ({ clientId }) => this.note(`slow down ${clientId}`),
    onDeny: ({ clientId }, topicFilter, reason) =>
      this.note(`deny ${clientId} ${topicFilter} ${reason}`),
    onSubscribe: ({ clientId }, topicFilter) => this.note(`subscribe ${clientId} ${topicFilter}`),
    onUnsubscribe: ({ clientId }, topicFilter) =>
      this.note(`unsubscribe ${clientId} ${topicFilter}`),
    onInternalError: (error) => {
      if (error === BROKEN) return;
      this.problem(`internal error: ${error instanceof Error ? error.stack : String(error)}`);
    },
  };

  /** Rule 11: what can be seen of the bounds holds after every turn. */
  check(broker: Broker, limits: Partial<Limits>): void {
    const { gauges, stats } = broker;
    this.#checks += 1;
    if (this.#checks >= this.#nextSurvey) {
      this.#nextSurvey += Math.max(SURVEYED_ONE_IN, 2 * gauges.sessions);
      const { inFlight, queuedBytes } = stats.queues;
      this.#bound("messages in flight", inFlight, undefined);
      this.#bound("bytes that wait", queuedBytes, undefined);
    }
    this.#bound("retainedMessagesMax", gauges.retained, limits.retainedMessagesMax);
    this.#bound("retainedBytesMax", stats.retainedBytes, limits.retainedBytesMax);
    this.#bound("willBytesMax", stats.willBytes, limits.willBytesMax);
    this.#bound("subscriptionBytesMax", stats.subscriptionBytes, limits.subscriptionBytesMax);
    // What an earlier run has left is counted little by little: a start reads no queues. [P9]
    const { pointToPointTotalMax } = this.crashedMs.length === 0 ? limits : {};
    this.#bound("pointToPointTotalMax", stats.pointToPointKept, pointToPointTotalMax);
    // Who is one too many goes in its turn.
    if (!broker.needsWork) {
      this.#bound("connectionsMax", stats.connections, limits.connectionsMax);
    }
    this.#bound("subscriptionsMax", gauges.subscriptions, limits.subscriptionsMax);
  }

  #bound(name: string, value: number, most: number | undefined): void {
    if (most !== undefined && value > most) this.problem(`[11] ${name} is ${most}, got ${value}`);
    if (value < 0) this.problem(`[11] what counts against ${name} is ${value}`);
  }
}

/** All queues are looked at after one turn of so many, more seldom where there are many Sessions: each takes time. */
const SURVEYED_ONE_IN = 16;

/** Who sends what no client does. */
export const OWNER = "owner";
/** What it has to say to one client: that one's identifier follows. */
export const NOTICES = "n/";
/** What a transport throws that is broken: it costs the connection, and is told. [M06] */
export const BROKEN = new Error("the transport is broken");

/** The number in a payload, `m7.` and more; read from its bytes, which may be many. */
export function idOf(payload: Uint8Array): number {
  if (payload[0] !== LETTER_M) return Number.NaN;
  let id = 0;
  for (let at = 1; at < payload.length; at += 1) {
    const byte = payload[at] as number; // in bounds
    if (byte === FULL_STOP) return at > 1 ? id : Number.NaN;
    if (byte < DIGIT_0 || byte > DIGIT_9) return Number.NaN;
    id = id * 10 + byte - DIGIT_0;
  }
  return Number.NaN;
}

const [LETTER_M, FULL_STOP, DIGIT_0, DIGIT_9] = [0x6d, 0x2e, 0x30, 0x39];

export function dropKey(receiverId: string | undefined, topicName: string): string {
  return `${receiverId ?? "*"} ${topicName}`;
}
