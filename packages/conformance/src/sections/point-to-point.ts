import type { ConformanceCase, Section } from "../case.js";
import { need } from "../lab.js";
import { publish } from "../packets.js";
import { inboxOf, ourCase, range } from "./shapes.js";

const delivering: readonly ConformanceCase[] = [
  ourCase(
    "hands a message to the Client its topic names, which never subscribed, at each QoS",
    ["S2", "S3", "S4", "S5", "S7", "P1", "P5", "P6", "MQTT-3.3.2-3"],
    async (lab) => {
      const receiver = await lab.connect({ clientId: lab.clientId("r") });
      const sender = await lab.connect();
      for (const qos of [0, 1, 2]) {
        const message = { topicName: inboxOf(lab, "r"), payload: `${qos}`, qos };
        await sender.publish(message);
        await receiver.receive(message);
      }
      await receiver.expectSilence();
    },
  ),
  ourCase(
    "runs publish/subscribe and point-to-point side by side on one connection",
    ["S1"],
    async (lab) => {
      const topicName = lab.topic("ordinary");
      const client = await lab.connect({ clientId: lab.clientId("r") });
      await client.subscribe(topicName, 1);
      const sender = await lab.connect();
      for (const at of range(5)) {
        const direct = { topicName: inboxOf(lab, "r"), payload: `direct ${at}`, qos: 1 };
        const topical = { topicName, payload: `topical ${at}`, qos: 1 };
        await sender.publish(direct);
        await sender.publish(topical);
        await client.receive(direct);
        await client.receive(topical);
      }
    },
  ),
  ourCase(
    "can reach a Client as soon as its CONNECT is accepted, in one segment with it",
    ["S6"],
    async (lab) => {
      const client = await lab.dial();
      const topicName = inboxOf(lab, "r");
      const connect = lab.connectPacket({ clientId: lab.clientId("r") });
      client.send(connect, publish({ topicName, payload: "me" }));
      await client.next("the CONNACK");
      await client.expectPublish({ topicName, payload: "me" });
    },
  ),
  {
    isWide: true,
    ...ourCase(
      "shows a point-to-point message to its receiver only, whatever others subscribe to",
      ["S2", "P3", "G02"],
      async (lab) => {
        const filters = ["#", "+/p2p/+", "+/+/#", `${lab.level}/#`, `${lab.level}/p2p/+`];
        const watchers = await Promise.all(
          [...filters, `${lab.level}/p2p/#`].map(async (filter) => {
            const watcher = await lab.connect();
            watcher.only(lab.level);
            await watcher.subscribe(filter, 0);
            return watcher;
          }),
        );
        const receiver = await lab.connect({ clientId: lab.clientId("r") });
        const sender = await lab.connect();
        const message = { topicName: inboxOf(lab, "r"), payload: "secret", qos: 1 };
        await sender.publish(message);
        await receiver.receive(message);
        for (const watcher of watchers) await watcher.expectSilence();
      },
    ),
  },
  ourCase("takes one trailing empty level for the same receiver", ["P1"], async (lab) => {
    const receiver = await lab.connect({ clientId: lab.clientId("r") });
    const sender = await lab.connect();
    const message = { topicName: `${inboxOf(lab, "r")}/`, payload: "slash" };
    await sender.publish(message);
    await receiver.expectPublish(message);
  }),
  ourCase("lets a Client send to itself at each QoS, both ways in flight", ["P15"], async (lab) => {
    const client = await lab.connect({ clientId: lab.clientId("r") });
    for (const qos of [0, 1, 2]) {
      const message = { topicName: inboxOf(lab, "r"), payload: `${qos}`, qos };
      await client.publish(message);
      await client.receive(message);
    }
    await client.expectSilence();
  }),
  ourCase("keeps one sender's order to one receiver", ["P10"], async (lab) => {
    const receiver = await lab.connect({ clientId: lab.clientId("r") });
    const sender = await lab.connect();
    const topicName = inboxOf(lab, "r");
    sender.send(
      ...range(30).map((at) =>
        publish({ topicName, payload: `${at}`, qos: 1 + (at % 2), packetId: at + 1 }),
      ),
    );
    for (const at of range(30)) {
      const message = { topicName, payload: `${at}`, qos: 1 + (at % 2) };
      await receiver.acknowledge(await receiver.expectPublish(message));
    }
  }),
  ourCase(
    "switches to the new connection at take-over, and the old one's end changes nothing",
    ["P16", "F03", "F04"],
    async (lab) => {
      const clientId = lab.clientId("r");
      const sender = await lab.connect();
      let old = await lab.connect({ clientId });
      for (const at of range(10)) {
        const taker = await lab.connect({ clientId });
        const message = { topicName: inboxOf(lab, "r"), payload: `${at}`, qos: 1 };
        await sender.publish(message);
        await taker.receive(message);
        await old.expectClose();
        old.drop();
        await sender.publish(message);
        await taker.receive(message);
        old = taker;
      }
    },
  ),
  ourCase(
    "routes a Will to a point-to-point topic as it routes a PUBLISH",
    ["P14"],
    async (lab) => {
      const watcher = await lab.subscriber(`${lab.level}/#`);
      const receiver = await lab.connect({ clientId: lab.clientId("r") });
      const will = { topicName: inboxOf(lab, "r"), payload: "gone", qos: 1 };
      const client = await lab.connect({ will });
      client.drop();
      await receiver.receive(will);
      await watcher.expectSilence();
    },
  ),
];

const keeping: readonly ConformanceCase[] = [
  ourCase(
    "keeps QoS 1 and 2 messages for a receiver with a durable Session, none at QoS 0",
    ["P7", "P10", "P11"],
    async (lab) => {
      const topicName = inboxOf(lab, "r");
      const away = await lab.durable("r");
      await away.disconnect();
      const sender = await lab.connect();
      for (const qos of [0, 1, 2]) await sender.publish({ topicName, payload: `${qos}`, qos });
      const back = await lab.durable("r", true);
      await sender.publish({ topicName, payload: "live", qos: 1 });
      for (const qos of [1, 2]) await back.receive({ topicName, payload: `${qos}`, qos });
      await back.receive({ topicName, payload: "live", qos: 1 });
      await back.expectSilence();
    },
  ),
  ourCase(
    "keeps nothing for a receiver without durable Session, and nothing for an unknown one",
    ["P7", "P8", "P11", "G09"],
    async (lab) => {
      const sender = await lab.connect();
      const gone = await lab.connect({ clientId: lab.clientId("gone") });
      await gone.disconnect();
      for (const name of ["gone", "never"]) {
        for (const qos of [0, 1, 2]) {
          await sender.publish({ topicName: inboxOf(lab, name), payload: "x", qos });
        }
        const client = await lab.durable(name);
        await client.expectSilence();
      }
    },
  ),
  ourCase(
    "answers alike for a receiver that is here, away, unknown or without durable Session",
    ["P11", "G10"],
    async (lab) => {
      const here = await lab.connect({ clientId: lab.clientId("here") });
      const away = await lab.durable("away");
      await away.disconnect();
      const sender = await lab.connect();
      for (const name of ["here", "away", "unknown"]) {
        await sender.publish({ topicName: inboxOf(lab, name), payload: "x", qos: 1 });
        await sender.publish({ topicName: inboxOf(lab, name), payload: "x", qos: 2 });
      }
      await sender.expectSilence();
      need(!here.closed, "the receiver was closed");
    },
  ),
  ourCase(
    "resumes an unacknowledged point-to-point delivery like any other",
    ["P5", "P7", "MQTT-4.4.0-1"],
    async (lab) => {
      const topicName = inboxOf(lab, "r");
      const first = await lab.durable("r");
      const sender = await lab.connect();
      const sent = [];
      for (const qos of [1, 2]) {
        await sender.publish({ topicName, payload: `${qos}`, qos });
        sent.push(await first.expectPublish({ topicName, payload: `${qos}`, qos }));
      }
      first.drop();
      const second = await lab.durable("r", true);
      for (const { payload, qos, packetId } of sent) {
        await second.expectPublish({ topicName, payload, qos, packetId, dup: true });
      }
    },
  ),
  ourCase(
    "wipes what the receiver's Session kept with Clean Session 1",
    ["P7", "M25"],
    async (lab) => {
      const topicName = inboxOf(lab, "r");
      const away = await lab.durable("r");
      await away.disconnect();
      const sender = await lab.connect();
      await sender.publish({ topicName, payload: "old", qos: 1 });
      const clean = await lab.connect({ clientId: lab.clientId("r") });
      await clean.expectSilence();
    },
  ),
  ourCase(
    "never stores a retained message on a point-to-point topic, and clears the flag",
    ["P13", "G05"],
    async (lab) => {
      const topicName = inboxOf(lab, "r");
      const receiver = await lab.connect({ clientId: lab.clientId("r") });
      const sender = await lab.connect();
      await sender.publish({ topicName, payload: "x", qos: 1, retain: true });
      await receiver.receive({ topicName, payload: "x", qos: 1, retain: false });
      await receiver.disconnect();
      const later = await lab.connect({ clientId: lab.clientId("r") });
      await later.subscribe(topicName, 1);
      await later.expectSilence();
      const watcher = await lab.subscriber(`${lab.level}/#`, 0);
      await watcher.expectSilence();
    },
  ),
];

/** The point-to-point model: who gets a message, and what becomes of it when nobody is there. */
export const POINT_TO_POINT: Section = {
  name: "point-to-point",
  title: "Point-to-point delivery",
  cases: [...delivering, ...keeping],
};
