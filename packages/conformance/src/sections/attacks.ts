import type { ConformanceCase, Section } from "../case.js";
import { need } from "../lab.js";
import { hex, PINGREQ, publish, pubrec, subscribe } from "../packets.js";
import { inBatches, range } from "./shapes.js";

const takeOvers: readonly ConformanceCase[] = [
  {
    title: "keeps one owner through a storm of connects, publishes and subscribes under one id",
    proves: ["MQTT-3.1.4-2", "F01"],
    async run(lab) {
      const clientId = lab.clientId("storm");
      const topicName = lab.topic("a");
      const connect = lab.connectPacket({ clientId });
      await inBatches(
        range(150),
        async (at) => {
          const client = await lab.dial();
          client.send(
            connect,
            subscribe(1, [topicName, at % 3]),
            publish({ topicName, payload: "x", qos: at % 3, packetId: 2 }),
          );
          // Its CONNECT has been dealt with then. A broker may read connections in any order: one
          // that it had not read yet could take over the last one below.
          await client.nextUnlessClosed();
        },
        15,
      );
      const last = await lab.connect({ clientId });
      await last.subscribe(topicName, 0);
      await last.drain();
      await last.publish({ topicName, payload: "calm" });
      await last.expectPublish({ topicName, payload: "calm" });
      await last.expectSilence();
    },
  },
  {
    title: "lets two Clients with one id take each other over again and again, each time whole",
    proves: ["MQTT-3.1.4-2", "F02"],
    async run(lab) {
      const topicName = lab.topic("a");
      let owner = await lab.durable("duel");
      await owner.subscribe(topicName, 1);
      const sender = await lab.connect();
      for (const at of range(30)) {
        const next = await lab.durable("duel", true);
        await owner.expectClose();
        await sender.publish({ topicName, payload: `${at}`, qos: 1 });
        await next.receive({ topicName, payload: `${at}`, qos: 1 });
        await next.ping();
        owner = next;
      }
    },
  },
  {
    title: "takes over a connection in the middle of a packet, of SUBSCRIBE and of QoS 2",
    proves: ["MQTT-3.1.4-2", "F03"],
    async run(lab) {
      const message = { topicName: lab.topic("a"), payload: "x", qos: 2 };
      const watcher = await lab.subscriber(message.topicName, 2);
      const half = await lab.durable("t");
      half.send(publish({ ...message, packetId: 1 }).subarray(0, 9));
      const open = await lab.durable("t", "either");
      await half.expectClose();
      open.send(publish({ ...message, packetId: 2 }));
      await open.expect(pubrec(2));
      const last = await lab.durable("t", "either");
      await open.expectClose();
      last.send(publish({ ...message, packetId: 2, dup: true }));
      await last.expect(pubrec(2));
      last.send(hex`62 02 0002`);
      await last.expect(hex`70 02 0002`);
      await watcher.receive(message);
      await watcher.expectSilence();
    },
  },
  {
    title: "does not let the late end of an old connection touch the new one, its Will least",
    proves: ["MQTT-3.1.4-2", "MQTT-3.1.2-10", "F04"],
    async run(lab) {
      const topicName = lab.topic("will");
      const watcher = await lab.subscriber(topicName);
      const clientId = lab.clientId("t");
      const old = await lab.connect({ clientId, will: { topicName, payload: "old" } });
      const taker = await lab.connect({ clientId, will: { topicName, payload: "new" } });
      await watcher.expectPublish({ topicName, payload: "old" });
      await old.expectClose();
      old.drop();
      await lab.sleep(50);
      await taker.expectSilence();
      await watcher.expectSilence();
      taker.drop();
      await watcher.expectPublish({ topicName, payload: "new" });
    },
  },
  {
    title: "treats a Client that connects with a Will and drops, again and again, like any other",
    proves: ["MQTT-3.1.2-8", "F09"],
    async run(lab) {
      const topicName = lab.topic("will");
      const watcher = await lab.subscriber(topicName);
      for (const at of range(50)) {
        const client = await lab.connect({ will: { topicName, payload: `${at}` } });
        client.drop();
        await watcher.expectPublish({ topicName, payload: `${at}` });
      }
    },
  },
];

const floods: readonly ConformanceCase[] = [
  {
    title: "goes on accepting while hundreds of connections say nothing",
    proves: ["I01"],
    async run(lab) {
      const silent = await Promise.all(range(300).map(() => lab.dial()));
      const canary = await lab.canary();
      await canary.check();
      const client = await lab.connect();
      await client.expectSilence();
      for (const one of silent) one.drop();
    },
  },
  {
    title: "keeps others going through a flood of valid, invalid and refused CONNECTs",
    proves: ["I03", "B20"],
    async run(lab) {
      const canary = await lab.canary();
      const packets = [
        () => lab.connectPacket(),
        () => lab.connectPacket({ protocolLevel: 66 }),
        () => lab.connectPacket({ clientId: "", cleanSession: false }),
        () => hex`10 ff ff ff 7f`,
        () => hex`00 00`,
      ];
      await inBatches(
        range(300),
        async (at) => {
          const client = await lab.dial();
          client.send((packets[at % packets.length] ?? (() => PINGREQ))());
          await client.drain(1);
          client.drop();
        },
        30,
      );
      await canary.check();
    },
  },
  {
    title: "refuses a thousand CONNECTs in a row, and closes each",
    proves: ["MQTT-3.2.2-5", "B20", "B21"],
    async run(lab) {
      const packet = lab.connectPacket({ clientId: "", cleanSession: false });
      await inBatches(
        range(1_000),
        async () => {
          const client = await lab.dial();
          client.send(packet);
          await lab.expectRefusal(client);
        },
        40,
      );
    },
  },
  {
    title: "delivers a message to 200 receivers while one of them never reads",
    proves: ["I04", "I09"],
    async run(lab) {
      const topicName = lab.topic("bomb");
      const receivers = await Promise.all(range(200).map(() => lab.subscriber(topicName, 0)));
      const frozen = await lab.subscriber(topicName, 0);
      frozen.pause();
      const sender = await lab.connect();
      const payload = new Uint8Array(50_000).fill(1);
      for (const _ of range(4)) await sender.publish({ topicName, payload });
      for (const receiver of receivers) {
        for (const _ of range(4)) await receiver.expectPublish({ topicName, payload });
      }
      frozen.resume();
    },
  },
  {
    title: "ends what two Clients echo to each other when they end",
    proves: ["I10"],
    async run(lab) {
      const topicName = lab.topic("loop");
      const [one, two] = [await lab.subscriber(topicName), await lab.subscriber(topicName)];
      one.send(publish({ topicName, payload: "ball" }));
      await one.expectPublish({ topicName, payload: "ball" });
      await two.expectPublish({ topicName, payload: "ball" });
      await one.expectSilence();
      await two.expectSilence();
    },
  },
  {
    title: "survives 500 violations in a row, each of which costs only its own connection",
    proves: ["MQTT-4.8.0-1", "I14"],
    async run(lab) {
      const offences = [
        hex`00`,
        hex`36 02 0001`,
        hex`82 02 0001`,
        hex`20 02 0000`,
        hex`61 02 0001`,
      ];
      await inBatches(
        range(500),
        async (at) => {
          const client = await lab.connect();
          client.send(offences[at % offences.length] ?? PINGREQ);
          if (at % offences.length !== 0) await client.expectClose();
        },
        25,
      );
    },
  },
];

const timing: readonly ConformanceCase[] = [
  {
    title: "finds all of 200 Clients that go silent at the same moment",
    proves: ["MQTT-3.1.2-24", "I13"],
    lastsSeconds: 8,
    async run(lab) {
      const clients = await Promise.all(range(200).map(() => lab.connect({ keepAliveSeconds: 1 })));
      for (const client of clients) await client.expectClose(8_000);
      const spreadMs = clients.map((client) => client.closedAtMs);
      need(Math.max(...spreadMs) > 0, "no close was seen");
    },
  },
];

/** Take-over storms and floods that a socket is enough for. */
export const ATTACKS: Section = {
  name: "attacks",
  title: "Storms and floods",
  cases: [...takeOvers, ...floods, ...timing],
};
