import type { Citation, ConformanceCase, Section } from "../case.js";
import { type Lab, need } from "../lab.js";
import {
  type Bytes,
  connect,
  hex,
  join,
  publish,
  subscribe,
  toBytes,
  unsubscribe,
} from "../packets.js";
import { eachHangsUp, hangsUp, ILL_FORMED, inBatches, type Offence } from "./shapes.js";

interface StringField {
  readonly name: string;
  readonly statements: readonly Citation[];
  /** Statements on U+0000 in this field, beside the general one. */
  readonly onNul: readonly Citation[];
  /** The packet is the CONNECT itself, so nothing may come before it. */
  readonly first: boolean;
  readonly packet: (lab: Lab, value: Bytes) => Uint8Array;
}

const FIELDS: readonly StringField[] = [
  {
    name: "Client Identifier",
    statements: ["MQTT-3.1.3-4"],
    onNul: ["MQTT-3.1.3-4"],
    first: true,
    packet: (lab, value) => lab.connectPacket({ clientId: value }),
  },
  {
    name: "Will Topic",
    statements: ["MQTT-3.1.3-10", "B07"],
    onNul: ["MQTT-3.1.3-10", "MQTT-4.7.3-2", "B07"],
    first: true,
    packet: (lab, value) => lab.connectPacket({ will: { topicName: value } }),
  },
  {
    name: "User Name",
    statements: ["MQTT-3.1.3-11"],
    onNul: ["MQTT-3.1.3-11"],
    first: true,
    packet: (lab, value) => connect({ clientId: lab.clientId("u"), username: value }),
  },
  {
    name: "Topic Name",
    statements: ["MQTT-3.3.2-1", "E05"],
    onNul: ["MQTT-3.3.2-1", "MQTT-4.7.3-2", "E05"],
    first: false,
    packet: (_lab, value) => publish({ topicName: value, payload: "x" }),
  },
  {
    name: "Topic Filter of SUBSCRIBE",
    statements: ["MQTT-3.8.3-1", "D06"],
    onNul: ["MQTT-3.8.3-1", "MQTT-4.7.3-2", "D06"],
    first: false,
    packet: (_lab, value) => subscribe(1, [value, 0]),
  },
  {
    name: "Topic Filter of UNSUBSCRIBE",
    statements: ["MQTT-3.10.3-1", "D16"],
    onNul: ["MQTT-3.10.3-1", "MQTT-4.7.3-2", "D16"],
    first: false,
    packet: (_lab, value) => unsubscribe(1, value),
  },
];

function onIllFormed({ name, statements, first, packet }: StringField): ConformanceCase {
  return hangsUp(
    `hangs up on ill-formed UTF-8 in the ${name}`,
    ["MQTT-1.5.3-1", ...statements, "C01", "C02", "C03"],
    (lab) =>
      [...ILL_FORMED].flatMap(([what, bytes]): Offence[] => [
        [`${what} alone`, packet(lab, bytes)],
        [`${what} between letters`, packet(lab, join(toBytes("a"), bytes, toBytes("b")))],
        [`${what} at the end`, packet(lab, join(toBytes("ab"), bytes))],
      ]),
    { first },
  );
}

function onNul({ name, onNul: statements, first, packet }: StringField): ConformanceCase {
  return hangsUp(
    `hangs up on U+0000 in the ${name}, be it first, inside or last`,
    ["MQTT-1.5.3-2", ...statements, "C04"],
    (lab) =>
      ["\0ab", "a\0b", "ab\0", "\0"].map(
        (text): Offence => [JSON.stringify(text), packet(lab, text)],
      ),
    { first },
  );
}

function onDisallowed({ name, first, packet }: StringField): ConformanceCase {
  const texts = [
    "a\u0001b",
    "a\u001fb",
    "a\u007fb",
    "a\u0085b",
    "a\ufffeb",
    "a\ufdd0b",
    "\u{1ffff}",
  ];
  return hangsUp(
    `hangs up on control characters and noncharacters in the ${name}`,
    ["M11", "C06"],
    (lab) => texts.map((text): Offence => [JSON.stringify(text), packet(lab, text)]),
    { first, ours: true },
  );
}

/** §1.5.3: UTF-8 encoded strings. */
export const SECTION_1_5: Section = {
  name: "section-1-5-data",
  title: "§1.5 Data representations",
  cases: [
    ...FIELDS.map(onIllFormed),
    ...FIELDS.map(onNul),
    ...FIELDS.map(onDisallowed),
    {
      title: "does not let a sequence begun in one field end in the next",
      proves: ["MQTT-1.5.3-1", "C05"],
      run: (lab) =>
        eachHangsUp(lab, [
          ["C3 | 00 …", publish({ topicName: hex`61c3`, payload: hex`a9` })],
          ["E2 82 | …", subscribe(1, [hex`61e282`, 0], [hex`ac61`, 0])],
        ]),
    },
    {
      title: "keeps U+FEFF where it stands and takes it for a character like any other",
      proves: ["MQTT-1.5.3-3", "C07"],
      async run(lab) {
        const front = `\ufeff${lab.level}`;
        const inside = lab.topic("a\ufeffb");
        const receiver = await lab.subscriber(front);
        await receiver.subscribe(inside);
        const sender = await lab.connect();
        await sender.publish({ topicName: lab.level, payload: "no" });
        await sender.publish({ topicName: lab.topic("ab"), payload: "no" });
        await sender.publish({ topicName: front, payload: "front" });
        await sender.publish({ topicName: inside, payload: "inside" });
        await receiver.expectPublish({ topicName: front, payload: "front" });
        await receiver.expectPublish({ topicName: inside, payload: "inside" });
        await receiver.expectSilence();
      },
    },
    {
      title: "never takes two ill-formed Client Identifiers for one Session",
      proves: ["MQTT-3.1.3-4", "C09"],
      run: (lab) =>
        eachHangsUp(
          lab,
          [hex`ff41`, hex`fe41`].map(
            (clientId): Offence => [
              "CONNECT",
              lab.connectPacket({ clientId, cleanSession: false }),
            ],
          ),
          true,
        ),
    },
    {
      title: "passes on characters of one to four bytes unchanged",
      proves: ["§1.5.3"],
      async run(lab) {
        const topicName = lab.topic("k\u00e9\u20ac\u{1f41d}");
        const receiver = await lab.subscriber(topicName);
        const sender = await lab.connect();
        await sender.publish({ topicName, payload: "x" });
        const { topicName: seen } = await receiver.expectPublish({ topicName, payload: "x" });
        need(seen === topicName, `the Topic Name came as ${seen}`);
      },
    },
    {
      title: "takes passwords and payloads as bytes, not as text",
      proves: ["§3.1.3.3", "§3.1.3.5"],
      async run(lab) {
        const bytes = hex`00 ff c080 eda080 fe`;
        const watcher = await lab.subscriber(lab.topic("will"));
        const client = await lab.connect({
          will: { topicName: lab.topic("will"), payload: bytes },
        });
        await client.publish({ topicName: lab.topic("will"), payload: bytes });
        await watcher.expectPublish({ topicName: lab.topic("will"), payload: bytes });
        client.drop();
        await watcher.expectPublish({ topicName: lab.topic("will"), payload: bytes });
      },
    },
    {
      title: "takes Client Identifiers that differ in form or case for different Clients",
      proves: ["MQTT-3.1.3-2", "C08"],
      async run(lab) {
        const names = ["\u00e9", "e\u0301", "A", "a", "\uff41"].map((name) => lab.clientId(name));
        const clients = await Promise.all(names.map((clientId) => lab.connect({ clientId })));
        await inBatches(clients, (client) => client.expectSilence());
      },
    },
  ],
};
