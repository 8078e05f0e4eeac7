import {
  encode,
  type Packet,
  PacketStream,
  PacketType,
  type QoS,
  UsageError,
} from "../../src/engine.js";
import type { Random } from "../codec-fuzz/random.js";
import { bytesOf, connectPacket } from "../support/harness.js";
import type { Plan } from "./profiles.js";
import type { Scheduler } from "./scheduler.js";
import type { SimServer } from "./server.js";
import { anyFilter, anyText, anyTopic } from "./texts.js";
import { Wire } from "./wire.js";

const GROUP_IDS = ["GID_a@@@b", "GID-a@@@b@@@c", "GID_@@@b", "GID_a", "GID_a@@@", "GID_a@@@b/c"];
/** What other programs say to a port that is not theirs. */
const FOREIGN = [
  "GET / HTTP/1.1\r\n\r\n",
  "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n",
  "\r\n\r\n\0\r\nQUIT\n",
  "\x16\x03\x01\x02\x00\x01",
  "SSH-2.0-OpenSSH",
  // CONNECT, longer than any can be.
  "\x10\xff\xff\xff\x7f\0\x04MQTT\x04\x02\0\x3c",
];
const ADDRESSES = ["zz/p2p/nobody", "p/p2p/nobody/tok", "zz/p2p//x", "zz/p2p-receipt/a/b", "$zz/a"];

/**
 * A client that goes to the limits of what MQTT allows, and sometimes beyond: strange texts, large
 * packets in many pieces, old versions, deep topics. It costs only itself, and nobody looks at what it
 * gets.
 */
export class Guest {
  readonly #scheduler: Scheduler;
  readonly #dice: Random;
  readonly #plan: Plan;
  readonly #server: SimServer;

  constructor(scheduler: Scheduler, dice: Random, plan: Plan, server: SimServer) {
    this.#scheduler = scheduler;
    this.#dice = dice;
    this.#plan = plan;
    this.#server = server;
  }

  act(): void {
    const dice = this.#dice;
    if (dice.oneIn(60)) this.#crowd();
    const wire = this.#wire();
    if (dice.oneIn(4)) wire.stall(3_000);
    if (dice.oneIn(10)) wire.send(bytesOf(dice.pick(FOREIGN)));
    else this.#say(wire, () => this.#connect());
    if (dice.oneIn(8)) this.#manyTopics(wire);
    if (dice.oneIn(8)) this.#manyExchanges(wire);
    if (dice.oneIn(8)) this.#askAndNotListen(wire);
    if (dice.oneIn(8)) this.#keep(wire);
    if (dice.oneIn(8)) this.#comeBack();
    for (let left = dice.below(12); left > 0; left -= 1) this.#say(wire, () => this.#packet());
    this.#scheduler.after(dice.below(10_000), () => wire.cut(dice.oneIn(2)));
  }

  #wire(): Wire {
    const dice = this.#dice;
    const { latencyMs, features } = this.#plan;
    const weather = { latencyMs, splits: dice.oneIn(2), isEager: features.eager };
    const answers = dice.oneIn(2);
    // What the server lets through is its affair: another guest may have written it.
    const stream = new PacketStream({ sender: "server", controlCharacters: "accept" });
    const end = {
      received: (bytes: Uint8Array) => answers && this.#answer(wire, stream, bytes),
      lost: () => undefined,
    };
    const wire = new Wire(this.#scheduler, dice, weather, this.#server, end, "guest");
    return wire;
  }

  /** Acknowledges what it gets, in no order, and now and then in the wrong way. */
  #answer(wire: Wire, stream: PacketStream, bytes: Uint8Array): void {
    const dice = this.#dice;
    stream.push(bytes);
    for (let next = stream.next(); next !== undefined; next = stream.next()) {
      const type = answerTo(next);
      if (type === undefined || !("packetId" in next) || dice.oneIn(10)) continue;
      const { packetId } = next;
      const isWrong = dice.oneIn(60);
      const answer = encode({ type: isWrong ? PacketType.PUBCOMP : type, packetId });
      this.#scheduler.after(dice.below(500), () => wire.send(answer));
    }
  }

  /** Many at once, who all want the same, get it, and go one after the other. */
  #crowd(): void {
    const dice = this.#dice;
    const wires: Wire[] = [];
    const ids: string[] = [];
    const most = dice.oneIn(4) ? 1_200 : 60;
    for (let at = 0; at < most; at += 1) {
      const wire = this.#wire();
      const clientId = `crowd${dice.below(2_000)}`;
      ids.push(clientId);
      wire.send(encode(connectPacket({ clientId, cleanSession: true, keepAliveSeconds: 60 })));
      const topicFilter = dice.pick(["zz/#", "zz/+", "zz/crowd", "$share/zz1/zz/+"]);
      const requests = [
        { topicFilter, requestedQos: 0 as QoS },
        ...(dice.oneIn(2) ? [{ topicFilter: "+/crowd", requestedQos: 1 as QoS }] : []),
      ];
      wire.send(encode({ type: PacketType.SUBSCRIBE, packetId: 1, requests }));
      wires.push(wire);
    }
    const { latencyMs } = this.#plan;
    this.#scheduler.after(100, () => {
      for (const wire of wires.slice(0, 4)) {
        for (const qos of [0, 1] as const) {
          const message = { topicName: "zz/crowd", payload: bytesOf("hello"), qos, packetId: qos };
          wire.send(encode({ type: PacketType.PUBLISH, ...message }));
        }
      }
      // While it is still passed on some are gone, want something else, or come back.
      this.#scheduler.after(latencyMs + 2 + dice.below(20), () => {
        for (const wire of wires.slice(0, 3)) wire.reset();
        const topicFilters = ["zz/#", "$share/zz1/zz/+"];
        const leave = encode({ type: PacketType.UNSUBSCRIBE, packetId: 2, topicFilters });
        for (const wire of wires.slice(2)) if (dice.oneIn(3)) wire.send(leave);
        for (const clientId of ids.slice(0, 4)) {
          this.#wire().send(encode(connectPacket({ clientId, cleanSession: true })));
        }
      });
    });
    for (const wire of wires) this.#scheduler.after(200 + dice.below(5_000), () => wire.cut(false));
  }

  /** In one piece, in crumbs, or not to its end. */
  #say(wire: Wire, what: () => Packet): void {
    const dice = this.#dice;
    let bytes: Uint8Array;
    try {
      bytes = encode(what());
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      return; // the codec does not write what may not be sent
    }
    if (dice.oneIn(8)) bytes = padded(bytes);
    if (dice.oneIn(12)) bytes = bytes.slice(0, dice.below(bytes.length));
    const pieceMost = dice.oneIn(3) ? 1 + dice.below(1_000) : bytes.length;
    for (let at = 0; at < bytes.length; at += pieceMost) wire.send(bytes.slice(at, at + pieceMost));
  }

  #connect(): Packet {
    const dice = this.#dice;
    const isOld = dice.oneIn(4);
    const clientId = dice.oneIn(3)
      ? dice.pick(GROUP_IDS)
      : `guest${dice.oneIn(4) ? anyText(dice) : dice.below(3)}`;
    return connectPacket({
      clientId: dice.oneIn(12) ? "" : clientId,
      cleanSession: !dice.oneIn(3),
      keepAliveSeconds: dice.pick([0, 1, 5, 600]),
      bridge: dice.oneIn(6),
      ...(isOld && { protocolName: "MQIsdp", protocolLevel: 3 }),
      ...(dice.oneIn(3) && {
        will: {
          topicName: dice.oneIn(4) ? dice.pick(["d/guest", ...ADDRESSES]) : anyTopic(dice),
          payload: bytesOf(anyText(dice)),
          qos: dice.below(3) as QoS, // below 3
          retain: dice.oneIn(2),
        },
      }),
      ...(dice.oneIn(2) && { username: dice.oneIn(6) ? anyText(dice) : "guest" }),
    });
  }

  /** More than a table has room for, some of them again. */
  #manyTopics(wire: Wire): void {
    const dice = this.#dice;
    const count = dice.oneIn(4) ? 4_000 : 200;
    const packets = Array.from({ length: count }, () => {
      const topicName = `zz/${"long/".repeat(dice.below(12))}${dice.below(count)}`;
      const payload = bytesOf("many");
      const retain = dice.oneIn(20);
      const packet = { dup: false, qos: 0, retain, topicName, packetId: 0, payload } as const;
      return encode({ type: PacketType.PUBLISH, ...packet });
    });
    for (let at = 0; at < count; at += 50) wire.send(joined(packets.slice(at, at + 50)));
  }

  /** More QoS 2 messages than it may leave unfinished. */
  #manyExchanges(wire: Wire): void {
    for (let packetId = 1; packetId <= 30; packetId += 1) {
      const message = { topicName: "zz/two", payload: "2", qos: 2, packetId } as const;
      wire.send(encode({ type: PacketType.PUBLISH, ...message }));
    }
  }

  /** Much that is kept, of which it wants everything while it takes nothing; then it is other messages. */
  #keep(wire: Wire): void {
    const dice = this.#dice;
    const count = 10 + dice.below(80);
    const send = (mark: string): void => {
      for (let at = 0; at < count; at += 1) {
        const payload = bytesOf(mark.repeat(dice.below(6_000)));
        const message = { topicName: `zz/keep/${at}`, payload, qos: 0, retain: true } as const;
        wire.send(encode({ type: PacketType.PUBLISH, dup: false, packetId: 0, ...message }));
      }
    };
    send("a");
    const requests = [{ topicFilter: "zz/keep/+", requestedQos: 1 as QoS }];
    wire.stall(1_000 + dice.below(2_000));
    wire.send(encode({ type: PacketType.SUBSCRIBE, packetId: 9, requests }));
    send("b");
  }

  /** One whose Session is kept, and what it may subscribe to is asked again. [F15] */
  #comeBack(): void {
    const dice = this.#dice;
    const clientId = `kept${dice.below(2)}`;
    const connect = encode(connectPacket({ clientId, cleanSession: false, username: "guest" }));
    const requests = ["zz/kept/+", "zz/+/kept", "zz/a"].map((topicFilter) => ({
      topicFilter,
      requestedQos: 1 as QoS,
    }));
    for (let times = 0; times < 3; times += 1) {
      this.#scheduler.after(times * 1_500, () => {
        const wire = this.#wire();
        wire.send(connect);
        wire.send(encode({ type: PacketType.SUBSCRIBE, packetId: 1, requests }));
        this.#scheduler.after(1_200, () => wire.cut(dice.oneIn(2)));
      });
    }
  }

  /** It asks and asks, and takes no answer. */
  #askAndNotListen(wire: Wire): void {
    wire.stall(4_000);
    const pings = new Uint8Array(2 * 4_000);
    for (let at = 0; at < pings.length; at += 2) pings[at] = 0xc0;
    for (let left = 30; left > 0; left -= 1) wire.send(pings.slice());
  }

  #packet(): Packet {
    const dice = this.#dice;
    const packetId = 1 + dice.below(20);
    const qos = dice.below(3) as QoS; // below 3
    switch (dice.below(8)) {
      case 0:
      case 1: {
        const length = 1 + dice.below(dice.oneIn(6) ? 30 : 3);
        const requests = Array.from({ length }, () => ({
          topicFilter: anyFilter(dice),
          requestedQos: qos,
        }));
        return { type: PacketType.SUBSCRIBE, packetId, requests };
      }
      case 2:
        return { type: PacketType.UNSUBSCRIBE, packetId, topicFilters: [anyFilter(dice)] };
      case 3:
        return { type: dice.pick([PacketType.PUBACK, PacketType.PUBREC]), packetId };
      case 4:
        return { type: dice.pick([PacketType.PUBREL, PacketType.PUBCOMP]), packetId };
      default:
        return {
          type: PacketType.PUBLISH,
          dup: qos > 0 && dice.oneIn(3),
          qos,
          retain: dice.oneIn(4),
          topicName: dice.oneIn(5) ? dice.pick(ADDRESSES) : anyTopic(dice),
          packetId: qos === 0 ? 0 : packetId,
          payload: bytesOf(anyText(dice)),
        };
    }
  }
}

/** The next step of an exchange that the server has begun. */
function answerTo({ type, ...packet }: Packet) {
  if (type === PacketType.PUBREC) return PacketType.PUBREL;
  if (type === PacketType.PUBREL) return PacketType.PUBCOMP;
  if (type !== PacketType.PUBLISH || !("qos" in packet) || packet.qos === 0) return undefined;
  return packet.qos === 1 ? PacketType.PUBACK : PacketType.PUBREC;
}

/** The same packet with a Remaining Length that is longer than it needs to be. [M10] */
function padded(bytes: Uint8Array): Uint8Array {
  const [first = 0, length = 0] = bytes; // a whole packet has both
  if (length >= 0x80) return bytes;
  return Uint8Array.of(first, length | 0x80, 0, ...bytes.subarray(2));
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((bytes, part) => bytes + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
