import type { ConformanceCase, Section } from "../case.js";
import { puback, pubcomp, publish, pubrec, pubrel } from "../packets.js";
import { range } from "./shapes.js";

const asReceiver: readonly ConformanceCase[] = [
  {
    title:
      "delivers a QoS 1 message whose PUBACK was lost with the connection, and acknowledges it",
    proves: ["MQTT-4.3.2-2", "MQTT-4.4.0-1"],
    async run(lab) {
      const topicName = lab.topic("a");
      const watcher = await lab.subscriber(topicName, 1);
      const first = await lab.durable("p");
      first.send(publish({ topicName, payload: "x", qos: 1, packetId: 10 }));
      await watcher.receive({ topicName, payload: "x", qos: 1 });
      first.drop();
      const second = await lab.durable("p", "either");
      second.send(publish({ topicName, payload: "x", qos: 1, packetId: 10, dup: true }));
      await second.expect(puback(10));
      await watcher.receive({ topicName, payload: "x", qos: 1, dup: "either" }); // again
      await watcher.expectSilence();
    },
  },
  {
    title: "takes the identifier of an acknowledged QoS 1 PUBLISH for a new message, DUP or not",
    proves: ["MQTT-4.3.2-2"],
    async run(lab) {
      const topicName = lab.topic("a");
      const watcher = await lab.subscriber(topicName, 1);
      const sender = await lab.connect();
      for (const [at, dup] of [false, false, true, false].entries()) {
        sender.send(publish({ topicName, payload: `${at}`, qos: 1, packetId: 7, dup }));
        await sender.expect(puback(7));
        await watcher.receive({ topicName, payload: `${at}`, qos: 1, dup: "either" });
      }
    },
  },
];

const asSender: readonly ConformanceCase[] = [
  {
    title: "holds a QoS 1 message until PUBACK: cut before it, the message comes again",
    proves: ["MQTT-4.3.2-1", "MQTT-4.4.0-1", "M14"],
    async run(lab) {
      const message = { topicName: lab.topic("a"), payload: "x", qos: 1 };
      const first = await lab.durable("r");
      await first.subscribe(message.topicName, 1);
      const sender = await lab.connect();
      await sender.publish(message);
      const { packetId } = await first.expectPublish(message);
      first.drop();
      const second = await lab.durable("r", true);
      await second.expectPublish({ ...message, packetId, dup: "either" });
      second.drop();
      const third = await lab.durable("r", true);
      await third.expectPublish({ ...message, packetId, dup: "either" });
      third.send(puback(packetId));
      await third.expectSilence();
    },
  },
  {
    title: "forgets a QoS 1 message at PUBACK: cut after it, nothing comes again",
    proves: ["MQTT-4.3.2-1", "MQTT-4.4.0-1"],
    async run(lab) {
      const message = { topicName: lab.topic("a"), payload: "x", qos: 1 };
      const first = await lab.durable("r");
      await first.subscribe(message.topicName, 1);
      const sender = await lab.connect();
      await sender.publish(message);
      const { packetId } = await first.expectPublish(message);
      first.send(puback(packetId));
      await first.ping();
      first.drop();
      const second = await lab.durable("r", true);
      await second.expectSilence();
    },
  },
  {
    title: "forgets open QoS 1 and 2 deliveries with a Clean Session",
    proves: ["MQTT-3.1.2-6", "MQTT-4.4.0-1"],
    async run(lab) {
      const topicName = lab.topic("a");
      const clientId = lab.clientId("r");
      const sender = await lab.connect();
      for (const qos of [1, 2]) {
        const receiver = await lab.connect({ clientId });
        await receiver.subscribe(topicName, 2);
        await sender.publish({ topicName, payload: "x", qos });
        await receiver.expectPublish({ topicName, payload: "x", qos });
        receiver.drop();
        const again = await lab.connect({ clientId });
        await again.expectSilence();
      }
    },
  },
  {
    title: "does not send again on a live connection",
    proves: ["M15"],
    ours: true,
    lastsSeconds: 5,
    async run(lab) {
      const message = { topicName: lab.topic("a"), payload: "x", qos: 1 };
      const receiver = await lab.subscriber(message.topicName, 1);
      const sender = await lab.connect();
      await sender.publish(message);
      await receiver.expectPublish(message);
      await receiver.expectQuiet(5_000);
    },
  },
];

const strayAcknowledgements: readonly ConformanceCase[] = [
  {
    title: "ignores PUBACK and PUBCOMP nobody waits for, and answers PUBREC and PUBREL",
    proves: ["M13", "E06", "E07"],
    ours: true,
    async run(lab) {
      const client = await lab.connect();
      client.send(puback(700), pubcomp(701), pubrec(702), pubrel(703));
      await client.expect(pubrel(702), pubcomp(703));
      await client.expectSilence();
    },
  },
  {
    title: "answers PUBREL for an unknown identifier by PUBCOMP",
    proves: ["MQTT-4.3.3-2", "E07"],
    async run(lab) {
      const client = await lab.connect();
      client.send(pubrel(703));
      await client.expect(pubcomp(703));
      await client.expectSilence();
    },
  },
  {
    title: "hangs up on an acknowledgement of the wrong kind, and keeps the message",
    proves: ["M13", "E08"],
    ours: true,
    async run(lab) {
      const topicName = lab.topic("a");
      const sender = await lab.connect();
      const wrong = [
        [1, pubrec],
        [2, puback],
        [2, pubcomp],
      ] as const;
      for (const [qos, acknowledge] of wrong) {
        const name = `w${qos}${acknowledge === pubcomp ? "c" : ""}`;
        const message = { topicName, payload: name, qos };
        const receiver = await lab.durable(name);
        await receiver.subscribe(topicName, 2);
        await sender.publish(message);
        const { packetId } = await receiver.expectPublish(message);
        receiver.send(acknowledge(packetId));
        await receiver.expectClose();
        const back = await lab.durable(name, true);
        await back.receive({ ...message, packetId, dup: true });
        await back.unsubscribe(topicName);
        await back.disconnect();
      }
    },
  },
  {
    title: "loses nothing by acknowledgements out of order or doubled",
    proves: ["MQTT-4.3.2-1", "E09"],
    async run(lab) {
      const topicName = lab.topic("a");
      const receiver = await lab.subscriber(topicName, 1);
      const sender = await lab.connect();
      const messages = range(10).map((at) => ({ topicName, payload: `${at}`, qos: 1 }));
      const open: number[] = [];
      for (const message of messages) await sender.publish(message);
      for (const message of messages) open.push((await receiver.expectPublish(message)).packetId);
      receiver.send(...open.reverse().map(puback));
      await receiver.expectSilence();
      for (const message of messages) {
        await sender.publish(message);
        await receiver.receive(message);
      }
      await receiver.expectSilence();
    },
  },
];

/** §4.3.1 and §4.3.2: QoS 0 and 1, cut at every step of the handshake. */
export const SECTION_4_3_QOS_1: Section = {
  name: "section-4-3-qos-1",
  title: "§4.3.2 QoS 1: at least once",
  cases: [...asReceiver, ...asSender, ...strayAcknowledgements],
};
