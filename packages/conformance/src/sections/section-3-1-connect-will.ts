import type { Section } from "../case.js";
import { hex } from "../packets.js";
import { range } from "./shapes.js";

/** §3.1.2.5 to §3.1.2.7: the Will. */
export const SECTION_3_1_WILL: Section = {
  name: "section-3-1-connect-will",
  title: "§3.1 CONNECT: Will",
  cases: [
    {
      title: "publishes the Will when the connection breaks, at each QoS, once",
      proves: ["MQTT-3.1.2-8", "MQTT-3.1.2-10", "M2"],
      async run(lab) {
        const topicName = lab.topic("will");
        const watcher = await lab.subscriber(topicName, 2);
        for (const qos of [0, 1, 2]) {
          const will = { topicName, payload: `gone ${qos}`, qos };
          const client = await lab.connect({ will });
          client.drop();
          await watcher.receive(will);
        }
        await watcher.expectSilence();
      },
    },
    {
      title: "publishes the Will when the Client closes without DISCONNECT",
      proves: ["MQTT-3.1.2-8", "M2"],
      async run(lab) {
        const will = { topicName: lab.topic("will"), payload: "closed" };
        const watcher = await lab.subscriber(will.topicName);
        const client = await lab.connect({ will });
        client.finish();
        await client.expectClose();
        await watcher.expectPublish(will);
      },
    },
    {
      title: "publishes the Will when it hangs up on a violation",
      proves: ["MQTT-3.1.2-8", "MQTT-4.8.0-1", "M2", "M12", "A16"],
      async run(lab) {
        const topicName = lab.topic("will");
        const watcher = await lab.subscriber(topicName);
        const violations = [hex`e1 00`, hex`00 00`, hex`36 00`, hex`82 02 0001`, hex`e0 01 00`];
        for (const bytes of violations) {
          const will = { topicName, payload: bytes };
          const client = await lab.connect({ will });
          client.send(bytes);
          await client.expectClose();
          await watcher.expectPublish(will);
        }
      },
    },
    {
      title: "publishes the Will of a connection that was taken over",
      proves: ["MQTT-3.1.2-8", "MQTT-3.1.4-2", "M2"],
      async run(lab) {
        const will = { topicName: lab.topic("will"), payload: "taken over" };
        const watcher = await lab.subscriber(will.topicName);
        const old = await lab.connect({ clientId: lab.clientId("t"), will });
        const taker = await lab.connect({ clientId: lab.clientId("t") });
        await old.expectClose();
        await watcher.expectPublish(will);
        await taker.disconnect();
        await watcher.expectSilence();
      },
    },
    {
      title: "publishes the Will when Keep Alive runs out",
      proves: ["MQTT-3.1.2-8", "MQTT-3.1.2-24", "M2"],
      lastsSeconds: 2,
      async run(lab) {
        const will = { topicName: lab.topic("will"), payload: "silent" };
        const watcher = await lab.subscriber(will.topicName);
        const client = await lab.connect({ will, keepAliveSeconds: 1 });
        await client.expectClose(10_000);
        await watcher.expectPublish(will);
      },
    },
    {
      title: "publishes no Will after DISCONNECT, then or later",
      proves: ["MQTT-3.14.4-3", "MQTT-3.1.2-10", "MQTT-3.1.2-8"],
      async run(lab) {
        const topicName = lab.topic("will");
        const watcher = await lab.subscriber(topicName, 1);
        const first = await lab.durable("w", false, { will: { topicName, payload: "never" } });
        await first.disconnect();
        const second = await lab.durable("w", "either");
        second.drop();
        await watcher.expectSilence();
      },
    },
    {
      title: "publishes a Will once, not again when the Client comes back",
      proves: ["MQTT-3.1.2-10"],
      async run(lab) {
        const will = { topicName: lab.topic("will"), payload: "once", qos: 1 };
        const watcher = await lab.subscriber(will.topicName, 1);
        const first = await lab.durable("w", false, { will });
        first.drop();
        await watcher.receive(will);
        const second = await lab.durable("w", "either");
        second.drop();
        await watcher.expectSilence();
      },
    },
    {
      title: "publishes nothing for a connection without Will",
      proves: ["MQTT-3.1.2-12"],
      async run(lab) {
        const watcher = await lab.subscriber(lab.topic("#"));
        const client = await lab.connect();
        client.drop();
        await lab.sleep(50);
        await watcher.expectSilence();
      },
    },
    {
      title: "publishes a Will without RETAIN as an ordinary message",
      proves: ["MQTT-3.1.2-16"],
      async run(lab) {
        const will = { topicName: lab.topic("will"), payload: "plain" };
        const watcher = await lab.subscriber(will.topicName);
        const client = await lab.connect({ will });
        client.drop();
        await watcher.expectPublish(will);
        const later = await lab.subscriber(will.topicName);
        await later.expectSilence();
      },
    },
    {
      title: "publishes a Will with RETAIN as a retained message",
      proves: ["MQTT-3.1.2-17", "MQTT-3.3.1-9", "MQTT-3.3.1-8"],
      async run(lab) {
        const seen = { topicName: lab.topic("will"), payload: "kept", qos: 1 };
        const watcher = await lab.subscriber(seen.topicName, 1);
        const client = await lab.connect({ will: { ...seen, retain: true } });
        client.drop();
        await watcher.receive(seen);
        const later = await lab.subscriber(seen.topicName, 1);
        await later.receive({ ...seen, retain: true });
        await later.publish({ topicName: seen.topicName, retain: true });
      },
    },
    {
      title: "lets a Will with RETAIN and no payload delete the retained message",
      proves: ["MQTT-3.3.1-10", "MQTT-3.1.2-17"],
      async run(lab) {
        const topicName = lab.topic("will");
        const client = await lab.connect({ will: { topicName, retain: true } });
        await client.publish({ topicName, payload: "kept", retain: true });
        const watcher = await lab.subscriber(topicName);
        await watcher.expectPublish({ topicName, payload: "kept", retain: true });
        client.drop();
        await watcher.expectPublish({ topicName });
        const later = await lab.subscriber(topicName);
        await later.expectSilence();
      },
    },
    {
      title: "carries a Will of 65,535 bytes, and one of none",
      proves: ["§3.1.3.3"],
      async run(lab) {
        const topicName = lab.topic("will");
        const watcher = await lab.subscriber(topicName);
        for (const size of [0, 60_000]) {
          const will = { topicName, payload: new Uint8Array(size).fill(7) };
          const client = await lab.connect({ will });
          client.drop();
          await watcher.expectPublish(will);
        }
      },
    },
    {
      title: "publishes the Wills of many Clients that vanish at once, each once",
      proves: ["MQTT-3.1.2-8", "F07"],
      async run(lab) {
        const topicName = lab.topic("will");
        const watcher = await lab.subscriber(topicName);
        const wills = range(100).map((at) => ({ topicName, payload: `${at}` }));
        const clients = await Promise.all(wills.map((will) => lab.connect({ will })));
        for (const client of clients) client.drop();
        await watcher.expectInAnyOrder(wills);
        await watcher.expectSilence();
      },
    },
    {
      title: "starts no avalanche when Clients with Wills watch each other's Wills",
      proves: ["F08"],
      async run(lab) {
        const topicName = lab.topic("will");
        const watcher = await lab.subscriber(topicName);
        const wills = range(40).map((at) => ({ topicName, payload: `${at}` }));
        const clients = await Promise.all(
          wills.map((will) => lab.subscriber(topicName, 0, { will })),
        );
        for (const client of clients) client.drop();
        await watcher.expectInAnyOrder(wills);
        await watcher.expectSilence();
      },
    },
  ],
};
