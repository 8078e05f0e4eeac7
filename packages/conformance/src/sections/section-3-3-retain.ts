import type { ConformanceCase, Section } from "../case.js";
import { need } from "../lab.js";
import { publish, suback, subscribe } from "../packets.js";
import { readPublish } from "../received.js";
import { range } from "./shapes.js";

const keeping: readonly ConformanceCase[] = [
  {
    title: "serves a retained message to later Subscriptions at the lower QoS of both",
    proves: ["MQTT-3.3.1-5", "MQTT-3.3.1-8", "MQTT-3.8.4-6"],
    async run(lab) {
      const sender = await lab.connect();
      for (const published of [0, 1, 2]) {
        const kept = { topicName: lab.topic(`q${published}`), payload: "kept", retain: true };
        await sender.publish({ ...kept, qos: published });
        for (const granted of [0, 1, 2]) {
          const reader = await lab.subscriber(kept.topicName, granted);
          await reader.receive({ ...kept, qos: Math.min(published, granted) });
        }
      }
    },
  },
  {
    title: "serves the last retained message of each topic a wildcard matches, with RETAIN 1",
    proves: ["MQTT-3.3.1-6", "MQTT-3.3.1-8"],
    async run(lab) {
      const sender = await lab.connect();
      for (const name of ["a", "b/c", "b/d", "b", ""]) {
        const topicName = lab.topic(`r/${name}`);
        await sender.publish({ topicName, payload: "first", retain: true });
        await sender.publish({ topicName, payload: `last ${name}`, retain: true });
      }
      const due = (names: readonly string[]) =>
        names.map((name) => ({
          topicName: lab.topic(`r/${name}`),
          payload: `last ${name}`,
          retain: true,
        }));
      const wanted: readonly (readonly [string, readonly string[]])[] = [
        ["r/#", ["a", "b/c", "b/d", "b", ""]],
        ["r/+", ["a", "b", ""]],
        ["r/b/+", ["b/c", "b/d"]],
        ["r/b/#", ["b/c", "b/d", "b"]],
        ["+/+/d", ["b/d"]],
      ];
      for (const [filter, names] of wanted) {
        const reader = await lab.subscriber(lab.topic(filter));
        await reader.expectInAnyOrder(due(names));
        await reader.expectSilence();
      }
    },
  },
  {
    title: "replaces a retained QoS 1 message by a retained one at QoS 0",
    proves: ["MQTT-3.3.1-7"],
    async run(lab) {
      const topicName = lab.topic("a");
      const sender = await lab.connect();
      await sender.publish({ topicName, payload: "old", qos: 1, retain: true });
      await sender.publish({ topicName, payload: "new", qos: 0, retain: true });
      const reader = await lab.subscriber(topicName, 1);
      const kept = (await reader.collect()).map((it) => new TextDecoder().decode(it.subarray(-3)));
      need(!kept.includes("old"), "the QoS 1 message is still served");
    },
  },
  {
    title: "keeps a retained message at QoS 0 too",
    proves: ["M5", "MQTT-3.3.1-7"],
    ours: true,
    async run(lab) {
      const kept = { topicName: lab.topic("a"), payload: "new", retain: true };
      const sender = await lab.connect();
      await sender.publish(kept);
      const reader = await lab.subscriber(kept.topicName, 1);
      await reader.expectPublish(kept);
    },
  },
  {
    title: "sends RETAIN 0 to a standing Subscription, whatever the publisher set",
    proves: ["MQTT-3.3.1-9"],
    async run(lab) {
      const topicName = lab.topic("a");
      const live = await lab.subscriber(topicName, 1);
      const away = await lab.durable("d");
      await away.subscribe(topicName, 1);
      await away.disconnect();
      const sender = await lab.connect();
      await sender.publish({ topicName, payload: "x", qos: 1, retain: true });
      await live.receive({ topicName, payload: "x", qos: 1, retain: false });
      const back = await lab.durable("d", true);
      await back.receive({ topicName, payload: "x", qos: 1, retain: false });
      await back.expectSilence();
    },
  },
  {
    title: "serves nothing retained to a Session that only comes back",
    proves: ["M5", "MQTT-3.3.1-6"],
    async run(lab) {
      const topicName = lab.topic("a");
      const sender = await lab.connect();
      await sender.publish({ topicName, payload: "kept", retain: true });
      const first = await lab.durable("d");
      await first.subscribe(topicName, 1);
      await first.expectPublish({ topicName, payload: "kept", retain: true });
      await first.disconnect();
      const back = await lab.durable("d", true);
      await back.expectSilence();
    },
  },
  {
    title: "serves retained messages again on every SUBSCRIBE to the same filter",
    proves: ["MQTT-3.8.4-3", "M5"],
    async run(lab) {
      const kept = { topicName: lab.topic("a"), payload: "kept", retain: true };
      const sender = await lab.connect();
      await sender.publish(kept);
      const reader = await lab.connect();
      for (const qos of [0, 0, 1]) {
        await reader.subscribe(kept.topicName, qos);
        await reader.expectPublish(kept);
      }
      await reader.expectSilence();
    },
  },
  {
    title: "serves retained messages once for each filter of a SUBSCRIBE, after its SUBACK",
    proves: ["M5"],
    ours: true,
    async run(lab) {
      const kept = { topicName: lab.topic("a/b"), payload: "kept", retain: true };
      const sender = await lab.connect();
      await sender.publish({ ...kept, qos: 2 });
      const reader = await lab.connect();
      reader.send(subscribe(1, [lab.topic("a/b"), 0], [lab.topic("a/+"), 1], [lab.topic("#"), 2]));
      await reader.expect(suback(1, 0, 1, 2));
      const seen = (await reader.collect()).map((it) => readPublish(it)?.qos);
      need(seen.sort().join() === "0,1,2", `the copies came at QoS ${seen.join()}`);
    },
  },
];

const deleting: readonly ConformanceCase[] = [
  {
    title: "deletes a retained message by an empty one, which it delivers like any other",
    proves: ["MQTT-3.3.1-10", "MQTT-3.3.1-11"],
    async run(lab) {
      const topicName = lab.topic("a");
      const sender = await lab.connect();
      for (const qos of [0, 1, 2]) {
        await sender.publish({ topicName, payload: "kept", retain: true });
        const live = await lab.subscriber(topicName, 2);
        await live.expectPublish({ topicName, payload: "kept", retain: true });
        await sender.publish({ topicName, retain: true, qos });
        await live.receive({ topicName, qos, retain: false });
        const later = await lab.subscriber(topicName, 2);
        await later.expectSilence();
      }
    },
  },
  {
    title: "keeps no empty message, and forgets only the topic it was published to",
    proves: ["MQTT-3.3.1-11", "MQTT-3.3.1-10"],
    async run(lab) {
      const sender = await lab.connect();
      await sender.publish({ topicName: lab.topic("a/b"), payload: "kept", retain: true });
      await sender.publish({ topicName: lab.topic("a"), retain: true });
      await sender.publish({ topicName: lab.topic("a/b/c"), retain: true });
      const reader = await lab.subscriber(lab.topic("#"));
      await reader.expectPublish({ topicName: lab.topic("a/b"), payload: "kept", retain: true });
      await reader.expectSilence();
    },
  },
  {
    title: "leaves the retained message alone when a message without RETAIN comes, even empty",
    proves: ["MQTT-3.3.1-12"],
    async run(lab) {
      const topicName = lab.topic("a");
      const sender = await lab.connect();
      await sender.publish({ topicName, payload: "kept", retain: true });
      await sender.publish({ topicName, payload: "passing", qos: 1 });
      await sender.publish({ topicName });
      const reader = await lab.subscriber(topicName);
      await reader.expectPublish({ topicName, payload: "kept", retain: true });
      await reader.expectSilence();
    },
  },
  {
    title: "stores nothing without RETAIN",
    proves: ["MQTT-3.3.1-12"],
    async run(lab) {
      const topicName = lab.topic("a");
      const sender = await lab.connect();
      for (const qos of [0, 1, 2]) await sender.publish({ topicName, payload: "x", qos });
      const reader = await lab.subscriber(topicName, 2);
      await reader.expectSilence();
    },
  },
  {
    title: "serves the last of many retained messages of one topic",
    proves: ["MQTT-3.3.1-5", "I08"],
    async run(lab) {
      const topicName = lab.topic("a");
      const sender = await lab.connect();
      const packets = range(5_000).map((at) =>
        publish({ topicName, payload: `${at}`, retain: true }),
      );
      sender.send(...packets);
      await sender.ping();
      const reader = await lab.subscriber(topicName);
      await reader.expectPublish({ topicName, payload: "4999", retain: true });
      await reader.expectSilence();
    },
  },
];

/** §3.3.1.3: RETAIN. */
export const SECTION_3_3_RETAIN: Section = {
  name: "section-3-3-retain",
  title: "§3.3 PUBLISH: RETAIN",
  cases: [...keeping, ...deleting],
};
