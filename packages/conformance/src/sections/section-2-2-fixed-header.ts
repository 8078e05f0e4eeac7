import type { Citation, ConformanceCase, Section } from "../case.js";
import { need } from "../lab.js";
import {
  connect,
  DISCONNECT,
  hex,
  PINGREQ,
  PINGRESP,
  puback,
  pubcomp,
  pubrec,
  pubrel,
  suback,
  subscribe,
  unsuback,
  unsubscribe,
} from "../packets.js";
import {
  about,
  eachHangsUp,
  hangsUp,
  inBatches,
  type Offence,
  otherFlags,
  range,
} from "./shapes.js";

const FLAG_TABLE: readonly (readonly [
  name: string,
  packet: Uint8Array,
  proves: readonly Citation[],
])[] = [
  ["PUBACK", puback(1), ["A18"]],
  ["PUBREC", pubrec(1), ["A18"]],
  ["PUBREL", pubrel(1), ["MQTT-3.6.1-1", "A17"]],
  ["PUBCOMP", pubcomp(1), ["A18"]],
  ["SUBSCRIBE", subscribe(1, ["flags", 0]), ["MQTT-3.8.1-1", "D01"]],
  ["UNSUBSCRIBE", unsubscribe(1, "flags"), ["MQTT-3.10.1-1", "D16"]],
  ["PINGREQ", PINGREQ, ["A15"]],
  ["DISCONNECT", DISCONNECT, ["MQTT-3.14.1-1", "A16"]],
];

const wrongFlags: readonly ConformanceCase[] = FLAG_TABLE.map(([name, packet, proves]) =>
  hangsUp(
    `hangs up on ${name} with any of the 15 wrong values of its reserved flags`,
    ["MQTT-2.2.2-2", "MQTT-4.8.0-1", ...proves],
    () => otherFlags(name, packet),
  ),
);

/** §2.2: first byte and Remaining Length. */
export const SECTION_2_2: Section = {
  name: "section-2-2-fixed-header",
  title: "§2.2 Fixed header",
  cases: [
    ...wrongFlags,
    hangsUp(
      "hangs up on CONNECT with any of the 15 wrong values of its reserved flags, unanswered",
      ["MQTT-2.2.2-2", "MQTT-3.1.4-1", "B03"],
      (lab) => otherFlags("CONNECT", connect({ clientId: lab.clientId() })),
      { first: true },
    ),
    {
      title: "sets the reserved flags of every packet it sends as the table says",
      proves: ["MQTT-2.2.2-1"],
      async run(lab) {
        // The wire client checks each first byte; here all nine kinds of packets are provoked.
        const client = await lab.connect();
        const topicName = lab.topic("a");
        client.send(subscribe(1, [topicName, 2]));
        await client.expect(suback(1, 2));
        await client.publish({ topicName, qos: 1, packetId: 7 });
        await client.receive({ topicName, qos: 1 });
        await client.publish({ topicName, qos: 2, packetId: 8 });
        await client.receive({ topicName, qos: 2 });
        client.send(unsubscribe(2, topicName), PINGREQ);
        await client.take(unsuback(2));
        await client.take(PINGRESP);
      },
    },
    {
      title:
        "survives each of the 256 first bytes with Remaining Length 0: only PINGREQ is answered",
      proves: ["MQTT-2.2.2-2", "MQTT-4.8.0-1", "A14"],
      run: (lab) =>
        inBatches(range(256), async (first) => {
          const client = await lab.connect();
          const bytes = Uint8Array.of(first, 0);
          client.send(bytes);
          if (first === 0xc0) await about("PINGREQ", bytes, client.expect(PINGRESP));
          else if (first === 0xe0) client.finish();
          else await about("this first byte", bytes, client.expectClose());
        }),
    },
    hangsUp("hangs up on every packet that only a Server sends", ["MQTT-4.8.0-1", "A20"], () => [
      ["CONNACK", hex`20 02 00 00`],
      ["SUBACK", hex`90 03 0001 00`],
      ["UNSUBACK", hex`b0 02 0001`],
      ["PINGRESP", PINGRESP],
    ]),
    hangsUp("hangs up on the packet types 0 and 15", ["§2.2.1", "A02"], () => [
      ["type 0", hex`00 00`],
      ["type 15", hex`f0 00`],
      ["type 0 without length", hex`00 02 0001`],
    ]),
    hangsUp(
      "hangs up on the packet types 0 and 15 at their first byte, before a length comes",
      ["A02"],
      () => [
        ["type 0", hex`00`],
        ["type 15", hex`f0`],
      ],
      { ours: true },
    ),
    hangsUp(
      "hangs up on acknowledgements that are one byte or more too long or too short",
      ["MQTT-4.8.0-1", "A19"],
      () =>
        [0x40, 0x50, 0x62, 0x70].flatMap((first): Offence[] => [
          ["too long", hex`${first} 03 0001 00`],
          ["too short", hex`${first} 01 00`],
          ["empty", hex`${first} 00`],
        ]),
    ),
    hangsUp(
      "hangs up on PINGREQ and DISCONNECT with a body",
      ["MQTT-4.8.0-1", "A15", "A16"],
      () => [
        ["PINGREQ", hex`c0 01 00`],
        ["DISCONNECT", hex`e0 01 00`],
      ],
    ),
    hangsUp("hangs up on a Remaining Length of five bytes", ["§2.2.3", "A04"], () => [
      ["PUBLISH", hex`30 ff ff ff ff 01`],
      ["PINGREQ", hex`c0 80 80 80 80 00`],
    ]),
    hangsUp(
      "hangs up at the fourth continuation bit, before a fifth byte comes",
      ["M10", "A04"],
      () => [["PUBLISH", hex`30 ff ff ff ff`]],
      { ours: true },
    ),
    hangsUp(
      "hangs up on a CONNECT whose Remaining Length has five bytes, unanswered",
      ["§2.2.3", "A04"],
      () => [["CONNECT", hex`10 ff ff ff ff 01`]],
      { first: true },
    ),
    {
      title: "reads a Remaining Length padded to up to four bytes",
      proves: ["M10", "A05"],
      ours: true,
      async run(lab) {
        const client = await lab.connect();
        client.send(hex`c0 80 00`, hex`c0 80 80 00`, hex`c0 80 80 80 00`);
        await client.expect(PINGRESP, PINGRESP, PINGRESP);
      },
    },
    {
      title: "reads lengths of one, two and three bytes at their borders",
      proves: ["§2.2.3"],
      async run(lab) {
        const topicName = lab.topic("len");
        const receiver = await lab.subscriber(topicName);
        const sender = await lab.connect();
        const overhead = 2 + topicName.length;
        for (const size of [127, 128, 16_383, 16_384, 65_536]) {
          const payload = new Uint8Array(size - overhead).fill(size & 0x7f);
          await sender.publish({ topicName, payload });
          const received = await receiver.expectPublish({ topicName, payload });
          need(received.payload.length === payload.length, `${size} bytes came cut`);
        }
      },
    },
    {
      title:
        "closes on a CONNECT that declares more than the limit before acceptance, at its header",
      proves: ["M19", "A06"],
      ours: true,
      run: (lab) => eachHangsUp(lab, [["CONNECT", hex`10 ff ff ff 7f`]], true),
    },
    hangsUp(
      "closes on a packet that declares more than the packet limit, before its body comes",
      ["M23", "A07"],
      () => [
        ["256 MiB - 1", hex`30 ff ff ff 7f`],
        ["8 MiB + 1", hex`30 81 80 80 04`],
      ],
      { ours: true },
    ),
  ],
};
