import type { Section } from "../case.js";
import { publish, pubrec } from "../packets.js";

/** §4.1, §4.5, §4.8 and §7: state, receipt, errors and conformance as a whole. */
export const SECTION_4_1: Section = {
  name: "section-4-1-state",
  title: "§4.1 Storing state, §4.5 Receipt, §4.8 Errors, §7 Conformance",
  cases: [
    {
      title: "keeps every part of a Session's state while its Client is away",
      proves: ["MQTT-4.1.0-1", "MQTT-3.1.2-4"],
      async run(lab) {
        const topicName = lab.topic("a");
        const first = await lab.durable("s");
        await first.subscribe(topicName, 2);
        first.send(publish({ topicName: lab.topic("out"), qos: 2, packetId: 8 }));
        await first.expect(pubrec(8));
        const sender = await lab.connect();
        await sender.publish({ topicName, payload: "open", qos: 1 });
        const open = await first.expectPublish({ topicName, payload: "open", qos: 1 });
        await first.disconnect();
        await sender.publish({ topicName, payload: "kept", qos: 2 });
        const back = await lab.durable("s", true);
        await back.receive({
          topicName,
          payload: "open",
          qos: 1,
          dup: "either",
          packetId: open.packetId,
        });
        await back.receive({ topicName, payload: "kept", qos: 2 });
        back.send(publish({ topicName: lab.topic("out"), qos: 2, packetId: 8, dup: true }));
        await back.expect(pubrec(8));
      },
    },
    {
      title: "keeps a Session at least as long as its connection",
      proves: ["MQTT-4.1.0-2"],
      lastsSeconds: 5,
      async run(lab) {
        const topicName = lab.topic("a");
        const receiver = await lab.subscriber(topicName, 1);
        await lab.sleep(5_000);
        const sender = await lab.connect();
        await sender.publish({ topicName, payload: "still there", qos: 1 });
        await receiver.receive({ topicName, payload: "still there", qos: 1 });
      },
    },
    {
      title: "adds a message to the state of every Client whose filter matches, here or away",
      proves: ["MQTT-4.5.0-1"],
      async run(lab) {
        const topicName = lab.topic("a/b");
        const filters = ["a/b", "a/+", "#", "+/b"].map((filter) => lab.topic(filter));
        const live = await Promise.all(filters.map((filter) => lab.subscriber(filter, 1)));
        for (const [at, filter] of filters.entries()) {
          const away = await lab.durable(`d${at}`);
          await away.subscribe(filter, 1);
          await away.disconnect();
        }
        const sender = await lab.connect();
        await sender.publish({ topicName, payload: "all", qos: 1 });
        for (const client of live) await client.receive({ topicName, payload: "all", qos: 1 });
        for (const at of filters.keys()) {
          const back = await lab.durable(`d${at}`, true);
          await back.receive({ topicName, payload: "all", qos: 1 });
        }
      },
    },
    {
      title: "touches nobody but the offender when it hangs up",
      proves: ["MQTT-4.8.0-1"],
      async run(lab) {
        const topicName = lab.topic("a");
        const receiver = await lab.subscriber(topicName, 1);
        const sender = await lab.connect();
        for (const first of [0x00, 0xf0, 0x36, 0x81, 0x20]) {
          const offender = await lab.connect();
          offender.send(Uint8Array.of(first, 0));
          await offender.expectClose();
          await sender.publish({ topicName, payload: "fine", qos: 1 });
          await receiver.receive({ topicName, payload: "fine", qos: 1 });
        }
      },
    },
    {
      title: "serves Clients that use nothing but the standard",
      proves: ["MQTT-7.0.0-2"],
      async run(lab) {
        const topicName = lab.topic("plain");
        const client = await lab.subscriber(topicName, 2);
        for (const qos of [0, 1, 2]) {
          await client.publish({ topicName, payload: `${qos}`, qos });
          await client.receive({ topicName, payload: `${qos}`, qos });
        }
        await client.unsubscribe(topicName);
        await client.ping();
        await client.disconnect();
      },
    },
    {
      title: "speaks over an ordered, lossless stream of bytes in both directions",
      proves: ["MQTT-7.1.1-1"],
      async run(lab) {
        const topicName = lab.topic("stream");
        const client = await lab.subscriber(topicName, 0);
        const payload = Uint8Array.from({ length: 250_000 }, (_, at) => (at * 31) & 0xff);
        await client.publish({ topicName, payload });
        await client.expectPublish({ topicName, payload });
      },
    },
  ],
};
