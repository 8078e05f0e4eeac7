import { describe, expect, it } from "vitest";
import { type Answer, type Packet, PacketType, type QoS } from "../../src/engine.js";
import { packetName } from "../../src/protocol/packet-type.js";
import { DeliveryState } from "../../src/session/delivery.js";
import { Phase } from "../../src/state/connection.js";
import { answerTo, connectPacket, Harness, type Peer } from "../support/harness.js";
import { SlowDisk, slowStore } from "../support/slow-store.js";
import { type Cell, tableOf } from "../support/tables.js";

/** The cells that can happen, each as a test of its own. */
function each(heading: string, run: (cell: Cell & { readonly next: string }) => void): void {
  for (const cell of tableOf(heading)) {
    const { state, event, next, sent } = cell;
    if (next === undefined) continue;
    const outcome = [next, ...sent].join(", ");
    it(`${state} + ${event}: ${outcome}`, () => run({ ...cell, next }));
  }
}

/** A packet as the tables write it. */
function shown(packet: Packet): string {
  const name = packetName(packet.type);
  if (packet.type === PacketType.CONNACK) return `${name} ${packet.returnCode}`;
  return packet.type === PacketType.PUBLISH && packet.dup ? `${name} with DUP` : name;
}

const PHASES = {
  [Phase.EXPECTING_CONNECT]: "expecting CONNECT",
  [Phase.CONNECTING]: "connecting",
  [Phase.ACCEPTED]: "accepted",
  [Phase.DOOMED]: "doomed",
  [Phase.CLOSED]: "closed",
} as const;

const CONNECT = connectPacket({ clientId: "a", cleanSession: false, keepAliveSeconds: 10 });

/** A connection that goes from phase to phase when the test says so. */
class Phases {
  readonly harness: Harness;
  readonly peer: Peer;
  readonly #disk = new SlowDisk();
  readonly #answers: Answer[] = [];

  constructor() {
    const store = slowStore(this.#disk);
    this.harness = new Harness({
      store,
      policy: { authenticate: (_, answer) => void this.#answers.push(answer) },
    });
    store.onCommitted = () => this.harness.broker.committed(this.harness.nowMs);
    this.peer = this.harness.open();
  }

  get phase(): string {
    const { phase, connecting } = this.peer.connection;
    if (connecting === undefined) return PHASES[phase];
    return connecting.session === undefined ? "authenticating" : "committing";
  }

  reach(phase: string): void {
    const steps = ["CONNECT", "`authenticate` says yes", "the Store commits"];
    const order = ["expecting CONNECT", "authenticating", "committing", "accepted"];
    const isClosed = phase === "closed";
    for (const step of steps.slice(0, isClosed ? 3 : order.indexOf(phase))) this.happen(step);
    if (isClosed) this.peer.cut();
    this.peer.packets();
    expect(this.phase).toBe(phase);
  }

  happen(event: string): void {
    const { harness, peer } = this;
    switch (event) {
      case "CONNECT":
        peer.send(CONNECT);
        break;
      case "PINGREQ":
        peer.send({ type: PacketType.PINGREQ });
        break;
      case "`authenticate` says yes":
        this.#answers[0]?.({ kind: "accepted" }, harness.nowMs);
        break;
      case "`authenticate` says no":
        this.#answers[0]?.({ kind: "refused", returnCode: 5 }, harness.nowMs);
        break;
      case "the Store commits":
        this.#disk.finishAll();
        break;
      case "25 s pass":
        harness.advance(25_000);
        break;
      case "the network is cut":
        peer.cut();
        break;
      case "the broker stops":
        harness.broker.close(harness.nowMs);
        break;
      default:
        throw new Error(`nobody knows how ${event} happens`);
    }
    harness.broker.flush();
  }
}

describe("the phases of a connection", () => {
  each("Connection phases", ({ state, event, next, sent }) => {
    const phases = new Phases();
    phases.reach(state);
    phases.happen(event);
    expect(phases.phase).toBe(next);
    expect(phases.peer.packets().map(shown)).toEqual(sent);
    expect(phases.peer.isClosed).toBe(next === "closed");
  });

  it("[MQTT-7.0.0-2] [B18] everything again to a closed one: nothing happens", () => {
    const phases = new Phases();
    phases.reach("closed");
    for (const event of ["CONNECT", "PINGREQ", "the network is cut", "the Store commits"]) {
      phases.happen(event);
    }
    phases.peer.connection.drained(phases.harness.nowMs);
    expect(phases.harness.closes).toHaveLength(1);
    expect(phases.peer.packets()).toEqual([]);
  });
});

/** A kept Session with a window of one, and somebody who sends to it. */
class Sending {
  readonly harness = new Harness({ limits: { inFlightMax: 1 } });
  readonly #sender = this.harness.connect({ clientId: "S" });
  peer = this.#connect();
  /** The identifier of the message under test. */
  #packetId = 1;

  /** The message under test, its exchange as far as the row says. */
  reach(state: string): void {
    const qos = state.includes("QoS 2") || /PUBREC|PUBCOMP/.test(state) ? 2 : 1;
    if (state === "done") return;
    if (state.startsWith("queued")) {
      this.#send("first", 1); // fills the window
      this.#packetId = 2;
    }
    this.#send("tested", qos);
    if (state === "awaiting PUBCOMP") this.peer.pubrec(1);
    this.peer.packets();
    expect(this.state()).toBe(state);
  }

  happen(event: string): void {
    if (event === "there is room") this.peer.puback(1);
    else if (event === "cut and resumed") {
      this.peer.cut();
      this.peer = this.#connect();
    } else if (event === "the Session ends") {
      this.peer.cut();
      this.harness.connect({ clientId: "R", cleanSession: true });
    } else {
      const type = PacketType[event as "PUBACK" | "PUBREC" | "PUBCOMP"];
      this.peer.send({ type, packetId: this.#packetId });
    }
  }

  state(): string {
    const outbound = this.peer.connection.session?.outbound;
    const own = outbound?.unacknowledged().find(({ packetId }) => packetId === this.#packetId);
    if (own !== undefined) {
      return {
        [DeliveryState.QUEUED]: "queued",
        [DeliveryState.AWAITING_PUBACK]: "awaiting PUBACK",
        [DeliveryState.AWAITING_PUBREC]: "awaiting PUBREC",
        [DeliveryState.AWAITING_PUBCOMP]: "awaiting PUBCOMP",
        [DeliveryState.DONE]: "done",
      }[own.state];
    }
    return (outbound?.queuedCount ?? 0) > 0 ? `queued, QoS ${this.#qos}` : "done";
  }

  /** What was sent of the message under test, or in answer to it. */
  sent(): string[] {
    return this.peer
      .packets()
      .filter((packet) => !("packetId" in packet) || packet.packetId === this.#packetId)
      .map(shown);
  }

  #qos: QoS = 1;

  #send(payload: string, qos: QoS): void {
    this.#qos = qos;
    this.#sender.publish("x/p2p/R", payload, { qos });
    if (qos === 2) this.#sender.pubrel(1);
  }

  #connect(): Peer {
    return this.harness.connect({ clientId: "R", cleanSession: false });
  }
}

describe("QoS 1 and 2 as sender, over the wire [M13] [M14]", () => {
  each("QoS 1 and 2 as sender", ({ state, event, next, sent }) => {
    const sending = new Sending();
    sending.reach(state);
    const dropsBefore = sending.harness.drops.filter(({ topicName }) => topicName !== "").length;
    sending.happen(event);
    const drops = sending.harness.drops.length - dropsBefore;
    const isEnded = event === "the Session ends";
    if (isEnded) {
      // Of two messages in a queued row both go.
      const isFilled = state.startsWith("queued");
      expect(drops).toBe((next === "dropped" ? 1 : 0) + (isFilled ? 1 : 0));
      return;
    }
    expect(sending.peer.isClosed).toBe(next === "hang up");
    expect(sending.state()).toBe(next === "hang up" ? state : next);
    expect(sending.sent()).toEqual(sent);
  });
});

describe("QoS 2 as receiver, over the wire [M4] [MQTT-4.3.3-2]", () => {
  each("QoS 2 as receiver", ({ state, event, next, sent }) => {
    const harness = new Harness();
    const witness = harness.connect({ clientId: "W" });
    witness.subscribe(["t", 2]);
    const connect = (cleanSession = false): Peer =>
      harness.connect({ clientId: "S", cleanSession });
    let peer = connect();
    if (state === "open") peer.publish("t", "first", { qos: 2, packetId: 5 });
    peer.packets();
    witness.acknowledgeAll();
    const level = /QoS (\d)/.exec(event);
    if (level !== null) {
      peer.publish("t", "second", { qos: Number(level[1]) as QoS, packetId: 5 });
    } else if (event === "PUBREL") peer.pubrel(5);
    else {
      peer.cut();
      peer = connect(event === "the Session ends");
    }
    const passedOn = witness.publishes().length === 1 ? ["passed on"] : [];
    expect([...passedOn, ...peer.packets().map(shown)]).toEqual(sent);
    expect(peer.connection.session?.inbound.awaitsPubrel(5)).toBe(next === "open");
  });
});

/** One Client Identifier, and what becomes of its Session. */
class Life {
  readonly harness = new Harness({ limits: { sessionExpiryMs: 10_000 } });
  peer: Peer | undefined;

  reach(situation: string): void {
    if (situation === "none") return;
    this.#connect(situation === "connected, clean");
    this.peer?.subscribe("t");
    if (situation === "offline") this.peer?.cut();
    expect(this.situation()).toBe(situation);
  }

  /** @returns what is told to the Client. */
  happen(event: string): string[] {
    if (event === "DISCONNECT") this.peer?.disconnect();
    else if (event === "the network is cut") this.peer?.cut();
    else if (event === "its time is over") this.harness.advance(11_000);
    else this.#connect(event === "CONNECT, clean");
    if (!event.startsWith("CONNECT")) return [];
    return [`Session Present ${this.peer?.sessionPresent ? 1 : 0}`];
  }

  situation(): string {
    const { sessions, offlineSessions } = this.harness.broker.gauges;
    if (sessions === 0) return "none";
    if (offlineSessions === 1) return "offline";
    return this.peer?.connection.session?.cleanSession ? "connected, clean" : "connected, kept";
  }

  #connect(cleanSession: boolean): void {
    const before = this.peer;
    this.peer = this.harness.connect({ clientId: "a", cleanSession });
    expect(before?.isClosed).not.toBe(false); // one owner at a time
  }
}

describe("the life of a Session [M1] [M3] [M25]", () => {
  each("Session life", ({ state, event, next, sent }) => {
    const life = new Life();
    life.reach(state);
    expect(life.happen(event)).toEqual(sent);
    expect(life.situation()).toBe(next);
    const isNew = sent.includes("Session Present 0");
    expect(life.harness.broker.gauges.subscriptions).toBe(next === "none" || isNew ? 0 : 1);
  });
});

describe("a Client that obeys the standard", () => {
  it("answers each packet as the tables expect", () => {
    const packetId = 7;
    expect(answerTo({ type: PacketType.PUBREL, packetId })?.type).toBe(PacketType.PUBCOMP);
    expect(answerTo({ type: PacketType.PUBREC, packetId })?.type).toBe(PacketType.PUBREL);
    expect(answerTo({ type: PacketType.PUBACK, packetId })).toBeUndefined();
  });
});
