import type { ConformanceCase, Section } from "../case.js";
import { type Lab, type LabConnectOptions, need } from "../lab.js";
import { hex, puback, pubcomp, publish, pubrec, pubrel, suback, subscribe } from "../packets.js";
import { readPublish } from "../received.js";
import { eachHangsUp, hangsUp, type Offence } from "./shapes.js";

const flags: readonly ConformanceCase[] = [
  hangsUp("hangs up on a PUBLISH with QoS 3", ["MQTT-3.3.1-4", "E01"], (lab) =>
    [0x36, 0x37, 0x3e, 0x3f].map((first): Offence => {
      const packet = publish({ topicName: lab.topic("a"), qos: 1, packetId: 1, payload: "x" });
      packet[0] = first;
      return [`first byte ${first.toString(16)}`, packet];
    }),
  ),
  hangsUp(
    "hangs up on a PUBLISH with DUP at QoS 0",
    ["MQTT-3.3.1-2", "MQTT-4.3.1-1", "M12", "E02"],
    (lab) => [
      ["38", publish({ topicName: lab.topic("a"), dup: true })],
      ["39", publish({ topicName: lab.topic("a"), dup: true, retain: true })],
    ],
  ),
  {
    title: "does not pass on the DUP flag of the publisher",
    proves: ["MQTT-3.3.1-3", "MQTT-4.3.2-1", "MQTT-4.3.3-1"],
    async run(lab) {
      const topicName = lab.topic("a");
      const receiver = await lab.subscriber(topicName, 2);
      const sender = await lab.connect();
      for (const qos of [1, 2]) {
        await sender.publish({ topicName, payload: `${qos}`, qos, dup: true });
        await receiver.receive({ topicName, payload: `${qos}`, qos, dup: false });
      }
    },
  },
  {
    title: "sets DUP when it sends a QoS 1 or 2 message again",
    proves: ["MQTT-3.3.1-1", "MQTT-3.3.1-3", "MQTT-4.4.0-1"],
    async run(lab) {
      const topicName = lab.topic("a");
      const first = await lab.durable("d");
      await first.subscribe(topicName, 2);
      const sender = await lab.connect();
      const messages = [1, 2].map((qos) => ({ topicName, payload: `${qos}`, qos }));
      for (const message of messages) await sender.publish(message);
      const sent = [];
      for (const message of messages) sent.push(await first.expectPublish(message));
      first.drop();
      const second = await lab.durable("d", true);
      for (const { topicName, payload, qos, packetId } of sent) {
        await second.expectPublish({ topicName, payload, qos, packetId, dup: true });
      }
    },
  },
  {
    title: "sends QoS 0 deliveries with QoS 0 and without DUP",
    proves: ["MQTT-4.3.1-1", "MQTT-3.3.1-2"],
    async run(lab) {
      const topicName = lab.topic("a");
      const receiver = await lab.subscriber(topicName, 0);
      const sender = await lab.connect();
      for (const qos of [0, 1, 2]) {
        await sender.publish({ topicName, payload: `${qos}`, qos });
        await receiver.expect(publish({ topicName, payload: `${qos}` }));
      }
    },
  },
];

const topics: readonly ConformanceCase[] = [
  hangsUp(
    "hangs up on a PUBLISH without a Topic Name, or with half of one",
    ["MQTT-3.3.2-1", "MQTT-4.7.3-1", "E03"],
    () => [
      ["no body", hex`30 00`],
      ["one byte", hex`30 01 00`],
      ["empty Topic Name", hex`30 02 0000`],
      ["empty Topic Name and payload", hex`30 04 0000 6162`],
      ["size beyond the packet", hex`30 07 ffff 6162636465`],
      ["size one beyond the packet", hex`30 04 0003 6162`],
    ],
  ),
  hangsUp(
    "hangs up on a QoS 1 or 2 PUBLISH that ends in or before its identifier",
    ["MQTT-2.3.1-1", "MQTT-4.8.0-1", "E04"],
    () => [
      ["QoS 1, none", hex`32 03 0001 61`],
      ["QoS 1, half", hex`32 04 0001 61 00`],
      ["QoS 2, none", hex`34 03 0001 61`],
      ["QoS 2, half", hex`34 04 0001 61 01`],
    ],
  ),
  hangsUp(
    "hangs up on wildcards in the Topic Name of a PUBLISH",
    ["MQTT-3.3.2-2", "MQTT-4.7.1-1", "E05"],
    (lab) =>
      ["#", "+", "a/#", "a/+/b", "a+", "#a", "a/b#"].map((name): Offence => {
        const topicName = name.length > 1 ? lab.topic(name) : name;
        return [name, publish({ topicName, payload: "x" })];
      }),
  ),
  {
    title: "delivers under the Topic Name that was published, which the filter matches",
    proves: ["MQTT-3.3.2-3"],
    async run(lab) {
      const receiver = await lab.subscriber(lab.topic("+/b/#"));
      const sender = await lab.connect();
      for (const name of ["a/b", "x/b/c", "/b/c/d"]) {
        await sender.publish({ topicName: lab.topic(name), payload: name });
        await receiver.expectPublish({ topicName: lab.topic(name), payload: name });
      }
      await sender.publish({ topicName: lab.topic("a/c"), payload: "no" });
      await receiver.expectSilence();
    },
  },
  {
    title: "carries a payload of no bytes and one of 200,000",
    proves: ["§3.3.3"],
    async run(lab) {
      const topicName = lab.topic("a");
      const receiver = await lab.subscriber(topicName, 1);
      const sender = await lab.connect();
      for (const size of [0, 200_000]) {
        const message = { topicName, payload: new Uint8Array(size).fill(9), qos: 1 };
        await sender.publish(message);
        await receiver.receive(message);
      }
    },
  },
  {
    title: "lets a Client receive what it publishes itself",
    proves: ["§3.3.5"],
    async run(lab) {
      const topicName = lab.topic("a");
      const client = await lab.subscriber(topicName, 0);
      await client.publish({ topicName, payload: "me" });
      await client.expectPublish({ topicName, payload: "me" });
    },
  },
];

const answers: readonly ConformanceCase[] = [
  {
    title: "answers a PUBLISH by nothing, PUBACK or PUBREC, as its QoS asks, heard or not",
    proves: ["MQTT-3.3.4-1"],
    async run(lab) {
      const topicName = lab.topic("nobody");
      const client = await lab.connect();
      client.send(publish({ topicName }));
      await client.expectSilence();
      client.send(publish({ topicName, qos: 1, packetId: 3 }));
      await client.expect(puback(3));
      client.send(publish({ topicName, qos: 2, packetId: 4 }));
      await client.expect(pubrec(4));
      client.send(pubrel(4));
      await client.expect(pubcomp(4));
      await client.expectSilence();
    },
  },
  {
    title: "delivers at least once at the highest QoS when filters overlap",
    proves: ["MQTT-3.3.5-1"],
    async run(lab) {
      const topicName = lab.topic("a/b");
      const orders = [
        [0, 1, 2],
        [2, 1, 0],
        [1, 2, 0],
        [0, 2, 1],
      ];
      for (const [exact = 0, plus = 0, hash = 0] of orders) {
        const receiver = await lab.subscriber(topicName, exact);
        await receiver.subscribe(lab.topic("a/+"), plus);
        await receiver.subscribe(lab.topic("#"), hash);
        const sender = await lab.connect();
        await sender.publish({ topicName, payload: "x", qos: 2 });
        const copies = (await receiver.collect()).map((it) => readPublish(it)?.qos ?? -1);
        need(Math.max(...copies) === 2, `copies came at QoS ${copies.join(", ") || "none"}`);
        receiver.drop();
      }
    },
  },
  {
    title: "delivers one copy at the highest granted QoS when filters overlap",
    proves: ["M6", "MQTT-3.3.5-1"],
    ours: true,
    async run(lab) {
      const topicName = lab.topic("a/b");
      const receiver = await lab.subscriber(topicName, 0);
      await receiver.subscribe(lab.topic("a/+"), 1);
      await receiver.subscribe(lab.topic("#"), 0);
      const sender = await lab.connect();
      await sender.publish({ topicName, payload: "x", qos: 2 });
      await receiver.receive({ topicName, payload: "x", qos: 1 });
      await receiver.expectSilence();
    },
  },
  {
    title: "acknowledges and drops, or hangs up on, a PUBLISH that is not allowed",
    proves: ["MQTT-3.3.5-2", "M21"],
    needs: ["forbiddenTopic"],
    async run(lab) {
      const topicName = lab.know("forbiddenTopic");
      const reader = await lab.subscriber(topicName, 2, readerOf(lab));
      for (const qos of [0, 1, 2]) {
        const client = await lab.connect();
        client.send(publish({ topicName, payload: "no", qos, packetId: 1 }));
        const [first = 0] = qos === 0 ? [] : await client.next().catch(() => hex`00`);
        const lawful = qos === 0 || client.closed || first === (qos === 1 ? 0x40 : 0x50);
        need(lawful, `QoS ${qos}: neither acknowledged nor closed`);
      }
      const keeper = await lab.connect();
      keeper.send(publish({ topicName, payload: "kept", retain: true }));
      await reader.expectSilence();
      const later = await lab.subscriber(topicName, 0, readerOf(lab));
      await later.expectSilence();
    },
  },
  {
    title: "passes on nothing of a PUBLISH it hangs up on",
    proves: ["M12", "MQTT-4.8.0-1"],
    async run(lab) {
      const topicName = lab.topic("a");
      const watcher = await lab.subscriber(lab.topic("#"), 2);
      await eachHangsUp(lab, [
        ["identifier 0", publish({ topicName, payload: "x", qos: 1, packetId: 0 })],
        ["wildcard", publish({ topicName: lab.topic("a/+"), payload: "x", retain: true })],
      ]);
      await watcher.expectSilence();
      const client = await lab.connect();
      client.send(subscribe(1, [lab.topic("#"), 0]));
      await client.expect(suback(1, 0));
      await client.expectSilence();
    },
  },
];

/** The credentials of whoever may read the forbidden topic, if they are others. */
function readerOf({ knowledge }: Lab): LabConnectOptions {
  const { readerUsername: username, readerPassword: password } = knowledge;
  if (username === undefined || password === undefined) return {};
  return { username, password };
}

/** §3.3: PUBLISH; what RETAIN does is a file of its own. */
export const SECTION_3_3: Section = {
  name: "section-3-3-publish",
  title: "§3.3 PUBLISH",
  cases: [...flags, ...topics, ...answers],
};
