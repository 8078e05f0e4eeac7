import type { ConformanceCase, Section } from "../case.js";
import { type Lab, need } from "../lab.js";
import { hex, pubcomp, publish, pubrec, pubrel, toBytes } from "../packets.js";
import { readPublish, sameBytes } from "../received.js";
import type { WireClient } from "../wire-client.js";
import { range } from "./shapes.js";

/** How far the sending Client gets before its connection is cut, and what it does on resume. */
const INBOUND_CUTS: readonly (readonly [
  after: string,
  until: (client: WireClient) => Promise<void>,
  resume: (client: WireClient, again: Uint8Array) => Promise<void>,
])[] = [
  [
    "PUBLISH, before PUBREC is seen",
    (client) => client.ping(),
    async (client, again) => {
      client.send(again);
      await client.expect(pubrec(20));
      client.send(pubrel(20));
      await client.expect(pubcomp(20));
    },
  ],
  [
    "PUBREC",
    (client) => client.take(pubrec(20)),
    async (client) => {
      client.send(pubrel(20));
      await client.expect(pubcomp(20));
    },
  ],
  [
    "PUBREL, before PUBCOMP is seen",
    async (client) => {
      await client.take(pubrec(20));
      client.send(pubrel(20));
      await client.ping();
    },
    async (client) => {
      client.send(pubrel(20));
      await client.expect(pubcomp(20));
    },
  ],
  [
    "PUBCOMP",
    async (client) => {
      await client.take(pubrec(20));
      client.send(pubrel(20));
      await client.take(pubcomp(20));
    },
    (client) => client.ping(),
  ],
];

const inboundCuts: readonly ConformanceCase[] = INBOUND_CUTS.map(([after, until, resume]) => ({
  title: `passes a QoS 2 message on exactly once when the sender is cut after ${after}`,
  proves: ["MQTT-4.3.3-2", "MQTT-4.4.0-1", "M4", "E14"],
  async run(lab: Lab) {
    const message = { topicName: lab.topic("a"), payload: "once", qos: 2 };
    const watcher = await lab.subscriber(message.topicName, 2);
    const first = await lab.durable("p");
    first.send(publish({ ...message, packetId: 20 }));
    await until(first);
    first.drop();
    const second = await lab.durable("p", "either");
    await resume(second, publish({ ...message, packetId: 20, dup: true }));
    await watcher.receive(message);
    await watcher.expectSilence();
    await second.publish({ ...message, payload: "next", packetId: 20 });
    await watcher.receive({ ...message, payload: "next" });
  },
}));

/** How far the receiving Client gets before its connection is cut, and what it sees on resume. */
const OUTBOUND_CUTS: readonly (readonly [
  after: string,
  until: (client: WireClient, packetId: number) => Promise<void>,
  due: "PUBLISH" | "PUBREL" | "nothing",
])[] = [
  ["PUBLISH", async () => {}, "PUBLISH"],
  [
    "PUBREC",
    async (client, packetId) => {
      client.send(pubrec(packetId));
      await client.ping();
    },
    "PUBREL",
  ],
  [
    "PUBREL",
    async (client, packetId) => {
      client.send(pubrec(packetId));
      await client.expect(pubrel(packetId));
    },
    "PUBREL",
  ],
  [
    "PUBCOMP",
    async (client, packetId) => {
      client.send(pubrec(packetId));
      await client.expect(pubrel(packetId));
      client.send(pubcomp(packetId));
      await client.ping();
    },
    "nothing",
  ],
];

const outboundCuts: readonly ConformanceCase[] = OUTBOUND_CUTS.map(([after, until, due]) => ({
  title: `resumes a QoS 2 delivery by ${due} when the receiver is cut after ${after}`,
  proves: ["MQTT-4.3.3-1", "MQTT-4.4.0-1", "M14"],
  async run(lab: Lab) {
    const message = { topicName: lab.topic("a"), payload: "once", qos: 2 };
    const first = await lab.durable("r");
    await first.subscribe(message.topicName, 2);
    const sender = await lab.connect();
    await sender.publish(message);
    const { packetId } = await first.expectPublish(message);
    await until(first, packetId);
    first.drop();
    const second = await lab.durable("r", true);
    if (due === "PUBLISH") await second.expectPublish({ ...message, packetId, dup: "either" });
    if (due === "PUBLISH") second.send(pubrec(packetId));
    if (due !== "nothing") await second.expect(pubrel(packetId));
    if (due !== "nothing") second.send(pubcomp(packetId));
    await second.expectSilence();
    second.drop();
    const third = await lab.durable("r", true);
    await third.expectSilence();
  },
}));

const repeats: readonly ConformanceCase[] = [
  {
    title: "answers a repeat before PUBREL by PUBREC and passes the message on once",
    proves: ["MQTT-4.3.3-2", "E12"],
    async run(lab) {
      const message = { topicName: lab.topic("a"), payload: "once", qos: 2 };
      const watcher = await lab.subscriber(message.topicName, 2);
      const sender = await lab.connect();
      for (const dup of [false, true, true]) {
        sender.send(publish({ ...message, packetId: 9, dup }));
        await sender.expect(pubrec(9));
      }
      sender.send(pubrel(9));
      await sender.expect(pubcomp(9));
      await watcher.receive(message);
      await watcher.expectSilence();
    },
  },
  {
    title: "stands by the first payload when a repeat before PUBREL brings another",
    proves: ["M4", "E12"],
    ours: true,
    async run(lab) {
      const topicName = lab.topic("a");
      const watcher = await lab.subscriber(topicName, 2);
      const sender = await lab.connect();
      for (const [at, payload] of ["first", "second", "third"].entries()) {
        sender.send(publish({ topicName, payload, qos: 2, packetId: 9, dup: at > 0 }));
        await sender.expect(pubrec(9));
      }
      sender.send(pubrel(9));
      await sender.expect(pubcomp(9));
      await watcher.receive({ topicName, payload: "first", qos: 2 });
      await watcher.expectSilence();
    },
  },
  {
    title: "passes a QoS 2 message on at its PUBLISH, without waiting for PUBREL",
    proves: ["M4"],
    ours: true,
    async run(lab) {
      const topicName = lab.topic("a");
      const watcher = await lab.subscriber(topicName, 2);
      const sender = await lab.connect();
      sender.send(publish({ topicName, payload: "now", qos: 2, packetId: 9 }));
      await watcher.receive({ topicName, payload: "now", qos: 2 });
    },
  },
  {
    title: "takes the identifier for a new message after PUBCOMP, DUP or not",
    proves: ["MQTT-4.3.3-2", "E13"],
    async run(lab) {
      const topicName = lab.topic("a");
      const watcher = await lab.subscriber(topicName, 2);
      const sender = await lab.connect();
      for (const [at, dup] of [false, false, true].entries()) {
        sender.send(publish({ topicName, payload: `${at}`, qos: 2, packetId: 9, dup }));
        await sender.expect(pubrec(9));
        sender.send(pubrel(9));
        await sender.expect(pubcomp(9));
        await watcher.receive({ topicName, payload: `${at}`, qos: 2, dup: "either" });
      }
    },
  },
  {
    title: "answers every PUBREL by PUBCOMP, repeats included",
    proves: ["MQTT-4.3.3-2"],
    async run(lab) {
      const sender = await lab.connect();
      sender.send(publish({ topicName: lab.topic("a"), qos: 2, packetId: 9 }));
      await sender.expect(pubrec(9));
      sender.send(pubrel(9), pubrel(9), pubrel(9));
      await sender.expect(pubcomp(9), pubcomp(9), pubcomp(9));
    },
  },
  {
    title: "passes one message on when the same QoS 2 PUBLISH comes 5,000 times",
    proves: ["MQTT-4.3.3-2", "E10"],
    ours: true, // a bound on such a peer would be lawful
    async run(lab) {
      const message = { topicName: lab.topic("a"), payload: "x", qos: 2 };
      const watcher = await lab.subscriber(message.topicName, 2);
      const sender = await lab.connect();
      const repeat = publish({ ...message, packetId: 9, dup: true });
      sender.send(publish({ ...message, packetId: 9 }), ...range(4_999).map(() => repeat));
      for (const _ of range(5_000)) await sender.expect(pubrec(9));
      await watcher.receive(message);
      await watcher.expectSilence();
    },
  },
  {
    title: "forgets open identifiers of the sender with a Clean Session",
    proves: ["MQTT-3.1.2-6", "MQTT-4.3.3-2"],
    async run(lab) {
      const message = { topicName: lab.topic("a"), payload: "x", qos: 2 };
      const watcher = await lab.subscriber(message.topicName, 2);
      const clientId = lab.clientId("p");
      const first = await lab.connect({ clientId });
      first.send(publish({ ...message, packetId: 5 }));
      await first.expect(pubrec(5));
      first.drop();
      const second = await lab.connect({ clientId });
      await second.publish({ ...message, payload: "new", packetId: 5 });
      // The first may have been passed on at its PUBLISH or not at all; the second must be.
      const seen = (await watcher.collect()).map((it) => readPublish(it)?.payload ?? hex``);
      need(
        seen.some((payload) => sameBytes(payload, toBytes("new"))),
        "a new message was taken for a repeat of a Session that is gone",
      );
    },
  },
  {
    title: "neither loses a message nor takes it for a repeat when QoS 0, 1 and 2 are mixed",
    proves: ["MQTT-4.3.3-2", "MQTT-4.3.2-2", "E19"],
    async run(lab) {
      const topicName = lab.topic("a");
      const receiver = await lab.subscriber(topicName, 2);
      const sender = await lab.connect();
      for (const at of range(30)) {
        const message = { topicName, payload: `${at}`, qos: at % 3 };
        await sender.publish({ ...message, packetId: 1 + (at % 2) });
        await receiver.receive(message);
      }
      await receiver.expectSilence();
    },
  },
  {
    title: "finishes a QoS 2 delivery whose PUBREC comes twice",
    proves: ["MQTT-4.3.3-1"],
    async run(lab) {
      const message = { topicName: lab.topic("a"), payload: "x", qos: 2 };
      const receiver = await lab.subscriber(message.topicName, 2);
      const sender = await lab.connect();
      await sender.publish(message);
      const { packetId } = await receiver.expectPublish(message);
      receiver.send(pubrec(packetId));
      await receiver.expect(pubrel(packetId));
      receiver.send(pubrec(packetId));
      await receiver.expect(pubrel(packetId));
      receiver.send(pubcomp(packetId));
      await receiver.expectSilence();
    },
  },
];

/** §4.3.3: QoS 2, cut at every step of the handshake on both sides. */
export const SECTION_4_3_QOS_2: Section = {
  name: "section-4-3-qos-2",
  title: "§4.3.3 QoS 2: exactly once",
  cases: [...inboundCuts, ...outboundCuts, ...repeats],
};
