import { encode, type Packet, PacketType, type QoS } from "../../src/engine.js";
import type { Random } from "../codec-fuzz/random.js";
import { bytesOf, connectPacket } from "../support/harness.js";
import type { Plan } from "./profiles.js";
import type { Scheduler } from "./scheduler.js";
import type { SimServer } from "./server.js";
import { Wire } from "./wire.js";

/** First bytes that no client may send, and packets that break a rule. */
const BAD: readonly (readonly number[])[] = [
  [0x00, 0x00],
  [0xf0, 0x00],
  [0x36, 0x05, 0, 1, 0x61, 0, 1],
  [0x32, 0x05, 0, 1, 0x61, 0, 0],
  [0x30, 0x04, 0, 2, 0x61, 0x23],
  [0x80, 0x02, 0, 1],
  [0x62, 0x01, 0],
  [0x40, 0xff, 0xff, 0xff, 0xff],
  [0x30, 0x7f],
  [0xc0],
  [0x47, 0x45, 0x54, 0x20, 0x2f],
  [0x16, 0x03, 0x01, 0x02, 0x00],
  [0xa0, 0x02, 0, 1],
  [0x30, 0x05, 0, 3, 0xed, 0xa0, 0x80],
  [0x10, 0x0d, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 3, 0, 9, 0, 1, 0x78],
  [0x10, 0x0d, 0, 4, 0x4d, 0x51, 0x54, 0x54, 5, 2, 0, 9, 0, 1, 0x78],
];

/** Where it publishes: nobody else subscribes to it. */
const TOPICS = ["x/y/z", "x/y/w", "x/y/z/deep/er"];
const FILTERS = ["#", "+/+", "x/#", "x/y/z", "x/+/z", "$share/g1/x/#", "$share//x", "$share/g"];
const ADDRESSES = ["p/p2p/", "p/p2p/a/b", "/p2p/x", "p/p2p/nobody", "$SYS/x", "$share/g/t"];

/**
 * A client that breaks the rules, or falls silent in the middle; or keeps them, and asks for whatever
 * it likes. It costs only itself, and nobody looks at what it gets.
 */
export class Rogue {
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
    const weather = { latencyMs: this.#plan.latencyMs, splits: true };
    const end = { received: () => undefined, lost: () => undefined };
    const wire = new Wire(this.#scheduler, dice, weather, this.#server, end, "rogue");
    if (dice.oneIn(3)) wire.stall(5_000);
    if (!dice.oneIn(4)) wire.send(this.#spoilt(encode(this.#connect()), 8));
    for (let left = dice.below(8); left > 0; left -= 1) {
      wire.send(this.#spoilt(encode(this.#packet()), 4));
    }
    if (dice.oneIn(2)) wire.send(Uint8Array.from(dice.pick(BAD)));
    if (dice.oneIn(2)) wire.cut(dice.oneIn(2));
    else this.#scheduler.after(dice.below(20_000), () => wire.cut(dice.oneIn(2)));
  }

  #connect(): Packet {
    const dice = this.#dice;
    return connectPacket({
      clientId: dice.oneIn(8) ? "" : `rogue${dice.below(3)}`,
      cleanSession: dice.oneIn(2),
      keepAliveSeconds: dice.pick([0, 1, 60]),
      bridge: dice.oneIn(6),
      ...(dice.oneIn(6) && { protocolName: "MQIsdp", protocolLevel: 3 }),
      ...(dice.oneIn(3) && {
        will: { topicName: dice.pick(TOPICS), qos: dice.below(3) as QoS, retain: dice.oneIn(2) },
      }),
      ...(dice.oneIn(4) && { username: dice.pick(["a", "b"]), password: "c" }),
    });
  }

  #packet(): Packet {
    const dice = this.#dice;
    const packetId = 1 + dice.below(6);
    const qos = dice.below(3) as QoS; // below 3
    switch (dice.below(9)) {
      case 0:
        return {
          type: PacketType.SUBSCRIBE,
          packetId,
          requests: Array.from({ length: 1 + dice.below(3) }, () => ({
            topicFilter: dice.pick(FILTERS),
            requestedQos: qos,
          })),
        };
      case 1:
        return { type: PacketType.UNSUBSCRIBE, packetId, topicFilters: [dice.pick(FILTERS)] };
      case 2:
        return { type: dice.pick([PacketType.PINGREQ, PacketType.DISCONNECT]) };
      case 3:
        return dice.oneIn(4) ? this.#connect() : { type: PacketType.PUBACK, packetId };
      case 4:
        return { type: PacketType.PUBREC, packetId };
      case 5:
        return { type: dice.pick([PacketType.PUBREL, PacketType.PUBCOMP]), packetId };
      default:
        return {
          type: PacketType.PUBLISH,
          dup: qos > 0 && dice.oneIn(3),
          qos,
          retain: dice.oneIn(3),
          topicName: dice.pick(dice.oneIn(4) ? ADDRESSES : TOPICS),
          packetId: qos === 0 ? 0 : packetId,
          payload: bytesOf("?".repeat(dice.below(dice.oneIn(8) ? 3_000 : 30))),
        };
    }
  }

  /** One byte is another one, now and then. */
  #spoilt(bytes: Uint8Array, oneIn: number): Uint8Array {
    const dice = this.#dice;
    if (dice.oneIn(oneIn)) bytes[dice.below(bytes.length)] = dice.below(256);
    return bytes;
  }
}
