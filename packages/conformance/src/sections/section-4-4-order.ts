import type { ConformanceCase, Section } from "../case.js";
import { need } from "../lab.js";
import { NotObservable } from "../outcome.js";
import { puback, pubcomp, publish, pubrec, pubrel } from "../packets.js";
import { packetIdOf, type ReceivedPublish, readPublish, typeOf } from "../received.js";
import type { WireClient } from "../wire-client.js";
import { range } from "./shapes.js";

const MESSAGES = 10;

/** The payloads of all PUBLISH packets that come until it is quiet. */
async function payloadsOf(client: WireClient): Promise<string[]> {
  return (await client.collect()).flatMap((it) => {
    const published = readPublish(it);
    return published === undefined ? [] : [new TextDecoder().decode(published.payload)];
  });
}

/** The Sender's part of QoS 2 for the identifiers 1 to `count`. */
async function finishAll(sender: WireClient, count: number): Promise<void> {
  for (const at of range(count)) await sender.take(pubrec(at + 1));
  sender.send(...range(count).map((at) => pubrel(at + 1)));
  for (const at of range(count)) await sender.take(pubcomp(at + 1));
}

const resends: readonly ConformanceCase[] = [
  {
    title: "sends open PUBLISH packets again in their first order under their identifiers",
    proves: ["MQTT-4.4.0-1", "MQTT-4.6.0-1", "MQTT-4.6.0-6", "MQTT-2.3.1-4", "M14"],
    async run(lab) {
      const topicName = lab.topic("a");
      const first = await lab.durable("r");
      await first.subscribe(topicName, 2);
      const sender = await lab.connect();
      const messages = range(MESSAGES).map((at) => ({
        topicName,
        payload: `${at}`,
        qos: 1 + (at % 2),
      }));
      for (const message of messages) await sender.publish(message);
      const sent: ReceivedPublish[] = [];
      for (const message of messages) sent.push(await first.expectPublish(message));
      first.drop();
      const second = await lab.durable("r", true);
      for (const { payload, qos, packetId } of sent) {
        await second.expectPublish({ topicName, payload, qos, packetId, dup: "either" });
      }
      await second.expectSilence();
    },
  },
  {
    title: "sends open PUBREL packets again, in the order of the PUBREC packets",
    proves: ["MQTT-4.4.0-1", "MQTT-4.6.0-4", "MQTT-4.6.0-6", "MQTT-4.3.3-1"],
    async run(lab) {
      const topicName = lab.topic("a");
      const first = await lab.durable("r");
      await first.subscribe(topicName, 2);
      const sender = await lab.connect();
      const messages = range(6).map((at) => ({ topicName, payload: `${at}`, qos: 2 }));
      for (const message of messages) await sender.publish(message);
      const ids: number[] = [];
      for (const message of messages) ids.push((await first.expectPublish(message)).packetId);
      first.send(...ids.slice(0, 3).map(pubrec));
      await first.expect(...ids.slice(0, 3).map(pubrel));
      first.drop();
      const second = await lab.durable("r", true);
      // Between PUBREL and PUBLISH packets the standard promises no order.
      const again = [await second.next(), await second.next(), await second.next()];
      for (const _ of ids.slice(3)) again.push(await second.next());
      const released = again.filter((it) => typeOf(it) === 6).map(packetIdOf);
      const repeated = again.flatMap((it) => readPublish(it)?.packetId ?? []);
      need(released.join() === ids.slice(0, 3).join(), `PUBREL came for ${released.join()}`);
      need(repeated.join() === ids.slice(3).join(), `PUBLISH came for ${repeated.join()}`);
      await second.expectSilence();
    },
  },
  {
    title: "sends what was open first, then what was kept, then what is live",
    proves: ["M14", "MQTT-4.6.0-6", "MQTT-4.5.0-1"],
    async run(lab) {
      const topicName = lab.topic("a");
      const first = await lab.durable("r");
      await first.subscribe(topicName, 1);
      const sender = await lab.connect();
      await sender.publish({ topicName, payload: "open", qos: 1 });
      await first.expectPublish({ topicName, payload: "open", qos: 1 });
      first.drop();
      await lab.sleep(100); // the broker must have noticed, or "kept" is sent into the void
      await sender.publish({ topicName, payload: "kept", qos: 1 });
      const second = await lab.durable("r", true);
      await sender.publish({ topicName, payload: "live", qos: 1 });
      await second.receive({ topicName, payload: "open", qos: 1, dup: "either" });
      await second.receive({ topicName, payload: "kept", qos: 1 });
      await second.receive({ topicName, payload: "live", qos: 1 });
      await second.expectSilence();
    },
  },
  {
    title: "keeps the order over many resumes that are cut after a few messages",
    proves: ["MQTT-4.6.0-6", "MQTT-4.4.0-1", "F14"],
    async run(lab) {
      const topicName = lab.topic("a");
      const first = await lab.durable("r");
      await first.subscribe(topicName, 1);
      await first.disconnect();
      const sender = await lab.connect();
      for (const at of range(60)) await sender.publish({ topicName, payload: `${at}`, qos: 1 });
      for (let at = 0; at < 60; at += 6) {
        const client = await lab.durable("r", true);
        for (const next of range(6)) {
          const received = readPublish(await client.next(`message ${at + next}`));
          const payload = new TextDecoder().decode(received?.payload);
          need(payload === `${at + next}`, `message ${payload} came instead of ${at + next}`);
          client.send(puback(received?.packetId ?? 0));
        }
        await client.ping();
        client.drop();
      }
      const last = await lab.durable("r", true);
      await last.expectSilence();
    },
  },
];

const orders: readonly ConformanceCase[] = [
  {
    title: "acknowledges QoS 1 messages in the order they came",
    proves: ["MQTT-4.6.0-2", "MQTT-4.6.0-6"],
    async run(lab) {
      const client = await lab.connect();
      const ids = range(50).map((at) => ((at * 7) % 50) + 1);
      client.send(...ids.map((id) => publish({ topicName: lab.topic("a"), qos: 1, packetId: id })));
      await client.expect(...ids.map(puback));
    },
  },
  {
    title: "sends PUBREC in the order of PUBLISH, and PUBCOMP in the order of PUBREL",
    proves: ["MQTT-4.6.0-3", "MQTT-4.6.0-6"],
    async run(lab) {
      const client = await lab.connect();
      const ids = range(18).map((at) => ((at * 7) % 19) + 1);
      client.send(...ids.map((id) => publish({ topicName: lab.topic("a"), qos: 2, packetId: id })));
      await client.expect(...ids.map(pubrec));
      client.send(...ids.map(pubrel));
      await client.expect(...ids.map(pubcomp));
    },
  },
  {
    title: "sends PUBREL in the order of PUBREC",
    proves: ["MQTT-4.6.0-4", "MQTT-4.6.0-6"],
    async run(lab) {
      const topicName = lab.topic("a");
      const receiver = await lab.subscriber(topicName, 2);
      const sender = await lab.connect();
      const ids: number[] = [];
      for (const at of range(8)) {
        const message = { topicName, payload: `${at}`, qos: 2 };
        await sender.publish(message);
        ids.push((await receiver.expectPublish(message)).packetId);
      }
      const shuffled = [5, 2, 7, 0, 3, 6, 1, 4].map((at) => ids[at] ?? 0);
      receiver.send(...shuffled.map(pubrec));
      await receiver.expect(...shuffled.map(pubrel));
    },
  },
  {
    title: "passes on the messages of a publisher in their order, at each QoS",
    proves: ["MQTT-4.6.0-5", "MQTT-4.6.0-6"],
    async run(lab) {
      for (const qos of [0, 1, 2]) {
        const topicName = lab.topic(`q${qos}`);
        const receiver = await lab.subscriber(topicName, qos);
        const sender = await lab.connect();
        const packets = range(15).map((at) =>
          publish({ topicName, payload: `${at}`, qos, packetId: at + 1 }),
        );
        sender.send(...packets);
        if (qos === 2) await finishAll(sender, 15);
        for (const at of range(15)) {
          await receiver.expectPublish({ topicName, payload: `${at}`, qos });
        }
      }
    },
  },
  {
    title: "keeps the order of one publisher between kept and live messages",
    proves: ["MQTT-4.6.0-6", "MQTT-3.1.2-5"],
    async run(lab) {
      const topicName = lab.topic("a");
      const away = await lab.durable("r");
      await away.subscribe(topicName, 1);
      await away.disconnect();
      const sender = await lab.connect();
      const half = range(10).map((at) =>
        publish({ topicName, payload: `${at}`, qos: 1, packetId: at + 1 }),
      );
      sender.send(...half);
      await sender.ping();
      const back = await lab.durable("r", true);
      sender.send(
        ...range(10).map((at) =>
          publish({ topicName, payload: `${at + 10}`, qos: 1, packetId: at + 11 }),
        ),
      );
      for (const at of range(20)) await back.receive({ topicName, payload: `${at}`, qos: 1 });
    },
  },
  {
    title: "keeps the order on a topic between messages of QoS 1 and QoS 2",
    proves: ["M14"],
    ours: true,
    async run(lab) {
      const topicName = lab.topic("a");
      const receiver = await lab.subscriber(topicName, 2);
      const sender = await lab.connect();
      sender.send(
        ...range(15).map((at) =>
          publish({ topicName, payload: `${at}`, qos: 1 + (at % 2), packetId: at + 1 }),
        ),
      );
      const seen = await payloadsOf(receiver);
      need(seen.join() === range(15).join(), `the order was ${seen.join()}`);
    },
  },
];

const windows: readonly ConformanceCase[] = [
  {
    title: "has 65,535 messages in flight, each with its own identifier, and queues the next",
    proves: ["MQTT-2.3.1-4", "MQTT-4.3.2-1", "M28", "E20"],
    needs: ["window"],
    async run(lab) {
      if (lab.know("window") < 65_535) throw new NotObservable("the window is smaller");
      const topicName = lab.topic("a");
      const receiver = await lab.subscriber(topicName, 1);
      const sender = await lab.connect();
      const total = 65_540;
      for (let at = 0; at < total; at += 1_000) {
        const ids = range(Math.min(1_000, total - at)).map((next) => at + next);
        sender.send(
          ...ids.map((id) =>
            publish({ topicName, payload: `${id}`, qos: 1, packetId: (id % 65_535) + 1 }),
          ),
        );
        for (const id of ids) await sender.expect(puback((id % 65_535) + 1));
      }
      const ids = new Set<number>();
      for (let at = 0; at < 65_535; at++) {
        const { packetId } = await receiver.expectPublish({ topicName, payload: `${at}`, qos: 1 });
        ids.add(packetId);
      }
      need(ids.size === 65_535, `65,535 messages in flight have ${ids.size} identifiers`);
      await receiver.expectSilence();
      receiver.send(puback(4_242));
      const next = { topicName, payload: "65535", qos: 1 };
      await receiver.expectPublish({ ...next, packetId: 4_242 });
      await receiver.expectSilence();
    },
  },
  {
    title: "never has more than its window in flight, and sends the rest as room comes, in order",
    proves: ["M16", "E17", "E18"],
    ours: true,
    async run(lab) {
      const window = lab.knowledge.window ?? 32;
      const topicName = lab.topic("a");
      const receiver = await lab.subscriber(topicName, 1);
      const sender = await lab.connect();
      const total = Math.min(window + 40, 1_000);
      for (const at of range(total)) {
        await sender.publish({ topicName, payload: `${at}`, qos: 1 });
      }
      const first = Math.min(window, total);
      const open: number[] = [];
      for (const at of range(first)) {
        const message = { topicName, payload: `${at}`, qos: 1 };
        open.push((await receiver.expectPublish(message)).packetId);
      }
      await receiver.expectSilence();
      for (let at = first; at < total; at++) {
        receiver.send(puback(open.shift() ?? 0));
        const message = { topicName, payload: `${at}`, qos: 1 };
        open.push((await receiver.expectPublish(message)).packetId);
      }
    },
  },
];

/** §4.4 and §4.6: what is sent again, and in which order everything is sent. */
export const SECTION_4_4: Section = {
  name: "section-4-4-order",
  title: "§4.4 Message delivery retry and §4.6 Message ordering",
  cases: [...resends, ...orders, ...windows],
};
