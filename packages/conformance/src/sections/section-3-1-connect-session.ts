import type { Section } from "../case.js";
import { need } from "../lab.js";
import { connack, publish } from "../packets.js";
import { range } from "./shapes.js";

/** §3.1.2.4 and §3.1.4: Clean Session, and one owner per Client Identifier. */
export const SECTION_3_1_SESSION: Section = {
  name: "section-3-1-connect-session",
  title: "§3.1 CONNECT: Session",
  cases: [
    {
      title: "takes up the Subscriptions of a durable Session again",
      proves: ["MQTT-3.1.2-4", "MQTT-3.1.4-3", "MQTT-4.1.0-1"],
      async run(lab) {
        const topicName = lab.topic("a");
        const first = await lab.durable("d");
        await first.subscribe(topicName, 1);
        await first.disconnect();
        const second = await lab.durable("d", true);
        const sender = await lab.connect();
        await sender.publish({ topicName, payload: "back", qos: 1 });
        await second.receive({ topicName, payload: "back", qos: 1 });
      },
    },
    {
      title: "begins a new Session for an identifier it does not know",
      proves: ["MQTT-3.1.2-4", "MQTT-3.2.2-3"],
      async run(lab) {
        const client = await lab.durable("d");
        await client.expectSilence();
      },
    },
    {
      title: "keeps QoS 1 and 2 messages for a durable Client that is away, in order",
      proves: ["MQTT-3.1.2-5", "MQTT-4.5.0-1", "MQTT-4.6.0-6"],
      async run(lab) {
        const topicName = lab.topic("a");
        const away = await lab.durable("d");
        await away.subscribe(topicName, 2);
        await away.disconnect();
        const sender = await lab.connect();
        const messages = range(20).map((at) => ({
          topicName,
          payload: `${at}`,
          qos: at < 10 ? 1 : 2, // between the two no order is promised
        }));
        for (const message of messages) await sender.publish(message);
        const back = await lab.durable("d", true);
        for (const message of messages) {
          await back.acknowledge(await back.expectPublish(message));
        }
        await back.expectSilence();
      },
    },
    {
      title: "keeps no QoS 0 message for a Session without connection",
      proves: ["M17"],
      ours: true,
      async run(lab) {
        const topicName = lab.topic("a");
        const away = await lab.durable("d");
        await away.subscribe(topicName, 2);
        await away.disconnect();
        const sender = await lab.connect();
        await sender.publish({ topicName, payload: "0" });
        const back = await lab.durable("d", true);
        await back.expectSilence();
      },
    },
    {
      title: "discards with Clean Session 1 what an earlier Session left, for good",
      proves: ["MQTT-3.1.2-6", "MQTT-3.2.2-1", "MQTT-3.1.4-3", "M25"],
      async run(lab) {
        const topicName = lab.topic("a");
        const first = await lab.durable("d");
        await first.subscribe(topicName, 1);
        await first.disconnect();
        const sender = await lab.connect();
        await sender.publish({ topicName, payload: "old", qos: 1 });
        const clean = await lab.connect({ clientId: lab.clientId("d") });
        await sender.publish({ topicName, payload: "while clean", qos: 1 });
        await clean.expectSilence();
        await clean.disconnect();
        const third = await lab.durable("d");
        await sender.publish({ topicName, payload: "after", qos: 1 });
        await third.expectSilence();
      },
    },
    {
      title: "leaves nothing of a Clean Session 1 Session to a later one",
      proves: ["MQTT-3.1.2-6", "MQTT-3.1.4-3"],
      async run(lab) {
        const topicName = lab.topic("a");
        const clean = await lab.connect({ clientId: lab.clientId("d") });
        await clean.subscribe(topicName, 1);
        const sender = await lab.connect();
        await sender.publish({ topicName, payload: "unacked", qos: 1 });
        await clean.expectPublish({ topicName, payload: "unacked", qos: 1 });
        await clean.disconnect();
        await sender.publish({ topicName, payload: "while away", qos: 1 });
        const durable = await lab.durable("d");
        await durable.expectSilence();
      },
    },
    {
      title: "keeps retained messages when the Session of their publisher ends, however it does",
      proves: ["MQTT-3.1.2-7"],
      async run(lab) {
        const kept = { payload: "kept", retain: true };
        const clean = await lab.connect();
        await clean.publish({ topicName: lab.topic("clean"), ...kept });
        await clean.disconnect();
        const cut = await lab.connect();
        await cut.publish({ topicName: lab.topic("cut"), ...kept });
        cut.drop();
        const durable = await lab.durable("d");
        await durable.publish({ topicName: lab.topic("durable"), ...kept });
        await durable.disconnect();
        const wiped = await lab.connect({ clientId: lab.clientId("d") });
        await wiped.disconnect();
        const reader = await lab.subscriber(lab.topic("+"));
        await reader.expectInAnyOrder(
          ["clean", "cut", "durable"].map((name) => ({ topicName: lab.topic(name), ...kept })),
        );
      },
    },
    {
      title: "closes the old connection when its identifier connects again",
      proves: ["MQTT-3.1.4-2", "M1"],
      async run(lab) {
        const old = await lab.connect({ clientId: lab.clientId("t") });
        const taker = await lab.connect({ clientId: lab.clientId("t") });
        await old.expectClose();
        await taker.expectSilence();
      },
    },
    {
      title: "hands a durable Session over to the new connection of a live Client",
      proves: ["MQTT-3.1.4-2", "MQTT-3.1.2-4", "MQTT-3.2.2-2"],
      async run(lab) {
        const topicName = lab.topic("a");
        const old = await lab.durable("t");
        await old.subscribe(topicName, 1);
        const sender = await lab.connect();
        await sender.publish({ topicName, payload: "open", qos: 1 });
        const { packetId } = await old.expectPublish({ topicName, payload: "open", qos: 1 });
        const taker = await lab.durable("t", true);
        await old.expectClose();
        await taker.receive({ topicName, payload: "open", qos: 1, dup: "either", packetId });
        await sender.publish({ topicName, payload: "live", qos: 1 });
        await taker.receive({ topicName, payload: "live", qos: 1 });
        await taker.expectSilence();
      },
    },
    {
      title: "leaves one owner when 60 connections race for one identifier",
      proves: ["MQTT-3.1.4-2", "F01", "F02", "M1"],
      async run(lab) {
        const packet = lab.connectPacket({ clientId: lab.clientId("race") });
        const clients = await Promise.all(range(60).map(() => lab.dial()));
        for (const client of clients) client.send(packet);
        const { clock } = lab.target;
        const live = () => clients.filter((client) => !client.closed);
        const endMs = clock.now() + clock.patienceMs;
        do await lab.sleep(clock.quietMs * 2);
        while (live().length > 1 && clock.now() < endMs);
        const left = live();
        need(left.length === 1, `${left.length} of 60 connections with one identifier are open`);
        await left[0]?.expect(connack(0));
        await left[0]?.expectSilence();
      },
    },
    {
      title: "answers a valid CONNECT by CONNACK with code 0 and nothing else",
      proves: ["MQTT-3.1.4-4", "MQTT-3.2.2-3"],
      async run(lab) {
        const client = await lab.connect();
        await client.expectSilence();
      },
    },
    {
      title: "runs packets that came behind CONNECT in its segment, in order, after acceptance",
      proves: ["M20", "MQTT-3.2.0-1"],
      async run(lab) {
        const topicName = lab.topic("a");
        const watcher = await lab.subscriber(topicName);
        const client = await lab.dial();
        const publishes = range(10).map((at) => publish({ topicName, payload: `${at}` }));
        client.send(lab.connectPacket(), ...publishes);
        await client.expect(connack(0));
        for (const at of range(10)) await watcher.expectPublish({ topicName, payload: `${at}` });
      },
    },
  ],
};
