import type { ConformanceCase, Section } from "../case.js";
import type { Lab } from "../lab.js";
import {
  connack,
  connect,
  DISCONNECT,
  hex,
  join,
  PINGREQ,
  PINGRESP,
  puback,
  publish,
  pubrel,
  suback,
  subscribe,
  unsubscribe,
} from "../packets.js";
import { about, eachHangsUp, hangsUp, inBatches, type Offence, withLength } from "./shapes.js";

/** How many pings one write carries in the case on floods. */
const PING_COUNT = 100_000;

/** One valid packet of every kind a Client sends after CONNECT. */
function validPackets(topicName: string): readonly (readonly [string, Uint8Array])[] {
  return [
    ["PUBLISH QoS 0", publish({ topicName, payload: "cut" })],
    ["PUBLISH QoS 1", publish({ topicName, payload: "cut", qos: 1, packetId: 5 })],
    ["PUBLISH QoS 2", publish({ topicName, payload: "cut", qos: 2, packetId: 6 })],
    ["PUBACK", puback(1)],
    ["PUBREL", pubrel(1)],
    ["SUBSCRIBE", subscribe(2, [topicName, 1])],
    ["UNSUBSCRIBE", unsubscribe(3, topicName)],
    ["PINGREQ", PINGREQ],
  ];
}

/** Every proper beginning of a packet. */
function cuts(what: string, bytes: Uint8Array): Offence[] {
  return Array.from({ length: bytes.length - 1 }, (_, at) => [
    `${what} cut after ${at + 1} bytes`,
    bytes.subarray(0, at + 1),
  ]);
}

async function cutThenFinish(lab: Lab, offences: readonly Offence[]): Promise<void> {
  await inBatches(offences, async ([what, bytes]) => {
    const client = await lab.connect();
    client.send(bytes).finish();
    await about(what, bytes, client.expectClose());
  });
}

const cutCases: readonly ConformanceCase[] = [
  {
    title: "gives no effect to a packet whose connection ends before it is whole, at any offset",
    proves: ["MQTT-4.8.0-1", "A09"],
    async run(lab) {
      const topicName = lab.topic("cut");
      const watcher = await lab.subscriber(topicName, 2);
      for (const [name, bytes] of validPackets(topicName)) {
        await cutThenFinish(lab, cuts(name, bytes));
      }
      await watcher.expectSilence();
    },
  },
  {
    title: "answers no beginning of a CONNECT, and closes when the Client does",
    proves: ["MQTT-3.1.4-1", "A09", "B01"],
    async run(lab) {
      const will = { topicName: lab.topic("w"), payload: "w" };
      const whole = connect({ clientId: lab.clientId("b"), will, username: "u", password: "p" });
      await inBatches(cuts("CONNECT", whole), async ([what, bytes]) => {
        const client = await lab.dial();
        client.send(bytes).finish();
        await about(what, bytes, client.expectClose());
      });
    },
  },
  {
    title: "hangs up when the Remaining Length says one byte less than the fields need",
    proves: ["MQTT-4.8.0-1", "A11"],
    async run(lab) {
      const topicName = lab.topic("short");
      const watcher = await lab.subscriber(topicName, 2);
      const offences = validPackets(topicName)
        .filter(([name]) => name !== "PINGREQ" && !name.startsWith("PUBLISH"))
        .map(([name, bytes]): Offence => [name, withLength(bytes, (bytes[1] ?? 0) - 1)]);
      const emptyPublish = publish({ topicName, qos: 1, packetId: 5 });
      offences.push(["PUBLISH", withLength(emptyPublish, (emptyPublish[1] ?? 0) - 1)]);
      await eachHangsUp(lab, offences);
      await watcher.expectSilence();
    },
  },
  {
    title: "hangs up when the Remaining Length says one byte more, never passing on the surplus",
    proves: ["MQTT-4.8.0-1", "A11"],
    async run(lab) {
      const topicName = lab.topic("long");
      const surplus = publish({ topicName, payload: "surplus" });
      const watcher = await lab.subscriber(topicName, 2);
      const offences = validPackets(topicName)
        .filter(([name]) => !name.startsWith("PUBLISH"))
        .map(
          ([name, bytes]): Offence => [name, join(withLength(bytes, (bytes[1] ?? 0) + 1), surplus)],
        );
      await eachHangsUp(lab, offences);
      await watcher.expectSilence();
    },
  },
  {
    title: "hangs up when the fields of a CONNECT and its Remaining Length differ by one",
    proves: ["MQTT-3.1.4-1", "A11", "B02"],
    async run(lab) {
      const whole = connect({ clientId: lab.clientId("l") });
      const length = whole[1] ?? 0;
      const offences: Offence[] = [
        ["one less", withLength(whole, length - 1)],
        ["one more", join(withLength(whole, length + 1), PINGREQ)],
      ];
      await eachHangsUp(lab, offences, true);
    },
  },
];

const splitCases: readonly ConformanceCase[] = [
  {
    title: "reads a dialogue that comes byte by byte as it reads it whole",
    proves: ["A12"],
    async run(lab) {
      const topicName = lab.topic("split");
      const dialogue = join(
        lab.connectPacket(),
        subscribe(1, [topicName, 1]),
        publish({ topicName, payload: "split", qos: 1, packetId: 2 }),
        PINGREQ,
      );
      const client = await lab.dial();
      for (const byte of dialogue) client.send(Uint8Array.of(byte));
      await client.expect(connack(0));
      await client.take(suback(1, 1));
      await client.takeFirst((it) => it[0] === 0x32, "the PUBLISH");
      await client.take(puback(2));
      await client.take(PINGRESP);
    },
  },
  {
    title: "reads a dialogue split in two at any byte as it reads it whole",
    proves: ["A12"],
    async run(lab) {
      const topicName = lab.topic("halves");
      const dialogue = join(
        subscribe(1, [topicName, 0]),
        publish({ topicName, payload: "x" }),
        PINGREQ,
      );
      const offsets = Array.from({ length: dialogue.length - 1 }, (_, at) => at + 1);
      await inBatches(offsets, async (at) => {
        const client = await lab.connect();
        client.only(`${topicName}!`); // its PUBLISH packets are the neighbours' too
        client.send(dialogue.subarray(0, at));
        await lab.sleep(2);
        client.send(dialogue.subarray(at));
        await about(`split at ${at}`, dialogue, client.take(suback(1, 0)));
        await about(`split at ${at}`, dialogue, client.take(PINGRESP));
      });
    },
  },
  {
    title: `answers ${PING_COUNT.toLocaleString("en")} pings that came in one write`,
    proves: ["A13"],
    async run(lab) {
      const client = await lab.connect();
      client.send(join(...Array.from({ length: PING_COUNT }, () => PINGREQ)));
      for (let count = 0; count < PING_COUNT; count++) await client.expect(PINGRESP);
      await client.expectSilence();
    },
  },
];

const firstPackets: readonly ConformanceCase[] = [
  hangsUp(
    "hangs up on any first packet but CONNECT, unanswered",
    ["MQTT-3.1.0-1", "A01"],
    (lab) => [
      ...validPackets(lab.topic("first")),
      ["DISCONNECT", DISCONNECT],
      ["CONNACK", connack(0)],
      ["PINGRESP", PINGRESP],
    ],
    { first: true },
  ),
  hangsUp(
    "hangs up on the first bytes of other protocols",
    ["MQTT-3.1.0-1", "A03"],
    () => [
      ["TLS", hex`16 03 01 00 05 01 00 00 01 00`],
      ["HTTP", hex`${"GET / HTTP/1.1\r\nHost: x\r\n\r\n"}`],
    ],
    { first: true },
  ),
  hangsUp(
    "hangs up on a first byte of packet type 0 or 15, before a length comes",
    ["A02"],
    () => [
      ["type 0", hex`00`],
      ["type 15", hex`f0`],
    ],
    { first: true, ours: true },
  ),
  {
    title: "ignores what comes behind DISCONNECT in the same segment, and publishes no Will",
    proves: ["MQTT-3.14.4-2", "MQTT-3.14.4-3", "A22"],
    async run(lab) {
      const topicName = lab.topic("after");
      const watcher = await lab.subscriber(topicName, 1);
      const client = await lab.connect({ will: { topicName, payload: "will" } });
      client.send(DISCONNECT, publish({ topicName, payload: "late" }), PINGREQ);
      client.finish();
      await client.expectClose();
      await watcher.expectSilence();
    },
  },
  {
    title: "survives random bytes behind CONNECT: a valid effect or a close",
    proves: ["MQTT-4.8.0-1", "A21"],
    async run(lab) {
      let seed = 311;
      const random = () => {
        seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
        return seed >>> 24;
      };
      const streams = Array.from({ length: 200 }, () =>
        Uint8Array.from({ length: 1 + random() }, random),
      );
      await inBatches(streams, async (bytes) => {
        const client = await lab.connect();
        client.send(bytes).finish();
        await client.drain();
      });
    },
  },
];

/** §2.2 as a stream: packets cut, split, prolonged, joined, and what is no MQTT at all. */
export const SECTION_2_2_FRAMING: Section = {
  name: "section-2-2-framing",
  title: "§2.2 Framing of the stream",
  cases: [...cutCases, ...splitCases, ...firstPackets],
};
