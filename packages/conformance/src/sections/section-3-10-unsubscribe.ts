import type { Section } from "../case.js";
import { need } from "../lab.js";
import { hex, puback, pubcomp, pubrec, pubrel, unsuback, unsubscribe } from "../packets.js";
import { hangsUp, type Offence, range } from "./shapes.js";

/** §3.10 and §3.11: UNSUBSCRIBE and its answer. */
export const SECTION_3_10: Section = {
  name: "section-3-10-unsubscribe",
  title: "§3.10 UNSUBSCRIBE and §3.11 UNSUBACK",
  cases: [
    hangsUp(
      "hangs up on an UNSUBSCRIBE without Topic Filter, or that ends inside one",
      ["MQTT-3.10.3-2", "MQTT-3.10.3-1", "D16"],
      () => [
        ["no identifier", hex`a2 00`],
        ["no filter", hex`a2 02 0001`],
        ["half a size", hex`a2 03 0001 00`],
        ["size beyond the packet", hex`a2 05 0001 0002 61`],
        ["second filter cut", hex`a2 08 0001 0001 61 0002 62`],
      ],
    ),
    hangsUp(
      "hangs up on an UNSUBSCRIBE whose filter is empty or has misplaced wildcards",
      ["MQTT-4.7.3-1", "MQTT-4.7.1-2", "MQTT-4.7.1-3", "D16"],
      () =>
        ["", "a#", "a/#/b", "a+", "+a"].map(
          (filter): Offence => [JSON.stringify(filter), unsubscribe(1, filter)],
        ),
    ),
    {
      title: "removes the identical filter only, byte for byte",
      proves: ["MQTT-3.10.4-1"],
      async run(lab) {
        const topicName = lab.topic("a/b");
        const filters = ["a/b", "a/#", "a/+", "#"].map((name) => lab.topic(name));
        const client = await lab.connect();
        for (const filter of filters) await client.subscribe(filter, 0);
        const others = ["a/B", "A/b", "a/b/", "/a/b", "+/b", "a//b"].map((name) => lab.topic(name));
        client.send(unsubscribe(1, ...others));
        await client.expect(unsuback(1));
        for (const [at, filter] of filters.entries()) {
          await client.publish({ topicName, payload: `${at}` });
          await client.expectPublish({ topicName, payload: `${at}` });
          await client.drain(20); // another copy for each overlapping filter is lawful
          await client.unsubscribe(filter);
        }
        await client.publish({ topicName, payload: "none left" });
        await client.expectSilence();
      },
    },
    {
      title: "adds no message to a Subscription after its UNSUBACK, here or in the queue",
      proves: ["MQTT-3.10.4-2"],
      async run(lab) {
        const topicName = lab.topic("a");
        const durable = await lab.durable("d");
        await durable.subscribe(topicName, 1);
        await durable.unsubscribe(topicName);
        const sender = await lab.connect();
        await sender.publish({ topicName, payload: "live", qos: 1 });
        await durable.expectSilence();
        await durable.disconnect();
        await sender.publish({ topicName, payload: "away", qos: 1 });
        const back = await lab.durable("d", "either");
        await back.expectSilence();
      },
    },
    {
      title: "finishes QoS 1 and 2 deliveries that were begun before UNSUBSCRIBE",
      proves: ["MQTT-3.10.4-3"],
      async run(lab) {
        const topicName = lab.topic("a");
        const client = await lab.durable("d");
        await client.subscribe(topicName, 2);
        const sender = await lab.connect();
        const one = { topicName, payload: "1", qos: 1 };
        const two = { topicName, payload: "2", qos: 2 };
        await sender.publish(one);
        const first = await client.expectPublish(one);
        await sender.publish(two);
        const second = await client.expectPublish(two);
        await client.unsubscribe(topicName);
        client.send(pubrec(second.packetId));
        await client.expect(pubrel(second.packetId));
        client.drop();
        const back = await lab.durable("d", "either");
        await back.expectPublish({ ...one, packetId: first.packetId, dup: "either" });
        await back.expect(pubrel(second.packetId));
        back.send(puback(first.packetId), pubcomp(second.packetId));
        await back.expectSilence();
      },
    },
    {
      title: "answers by UNSUBACK with the identifier of the request, held filter or not",
      proves: ["MQTT-3.10.4-4", "MQTT-3.10.4-5", "MQTT-2.3.1-7"],
      async run(lab) {
        const client = await lab.subscriber(lab.topic("held"));
        for (const [packetId, name] of [
          [1, "held"],
          [300, "never held"],
          [65_535, "held"],
        ]) {
          client.send(unsubscribe(packetId as number, lab.topic(name as string)));
          await client.expect(unsuback(packetId as number));
        }
      },
    },
    {
      title: "treats many filters in one packet as many packets, with one UNSUBACK",
      proves: ["MQTT-3.10.4-6"],
      async run(lab) {
        const names = ["a", "b", "c"].map((name) => lab.topic(name));
        const client = await lab.connect();
        for (const name of names) await client.subscribe(name, 0);
        client.send(unsubscribe(5, ...names.slice(0, 2), lab.topic("never"), names[0] ?? ""));
        await client.expect(unsuback(5));
        for (const topicName of names) await client.publish({ topicName, payload: "x" });
        await client.expectPublish({ topicName: names[2] ?? "", payload: "x" });
        await client.expectSilence();
      },
    },
    {
      title: "answers 5,000 UNSUBSCRIBE packets for filters never held",
      proves: ["MQTT-3.10.4-5", "D17"],
      async run(lab) {
        const client = await lab.connect();
        client.send(...range(5_000).map((at) => unsubscribe(at + 1, lab.topic(`never/${at}`))));
        for (const at of range(5_000)) await client.expect(unsuback(at + 1));
      },
    },
    {
      title: "grows no state in a loop of SUBSCRIBE and UNSUBSCRIBE",
      proves: ["MQTT-3.10.4-2", "D14"],
      async run(lab) {
        const topicName = lab.topic("loop/+/x");
        const client = await lab.connect();
        for (let at = 0; at < 300; at++) {
          await client.subscribe(topicName, at % 3);
          await client.unsubscribe(topicName);
        }
        await client.publish({ topicName: lab.topic("loop/1/x"), payload: "x" });
        need(client.waiting === 0, "a Subscription was left");
      },
    },
  ],
};
