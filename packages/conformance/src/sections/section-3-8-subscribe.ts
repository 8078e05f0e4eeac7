import type { ConformanceCase, Section } from "../case.js";
import { need } from "../lab.js";
import { field, hex, packet, publish, suback, subscribe } from "../packets.js";
import { packetIdOf, readPublish } from "../received.js";
import { hangsUp, type Offence, range } from "./shapes.js";

/** Filters whose wildcards stand where none may. §4.7.1. */
const MISPLACED_HASH = ["a#", "#a", "#/a", "a/#/b", "##", "a/b#", "/#/", "a/##"];
const MISPLACED_PLUS = ["a+", "+a", "a/b+", "a/+b", "++", "+a/b", "a/b+/c"];

const layout: readonly ConformanceCase[] = [
  hangsUp(
    "hangs up on a SUBSCRIBE without Topic Filter, or that ends inside one",
    ["MQTT-3.8.3-3", "D03", "D04"],
    () => [
      ["no identifier", hex`82 00`],
      ["half an identifier", hex`82 01 00`],
      ["no filter", hex`82 02 0001`],
      ["half a size", hex`82 03 0001 00`],
      ["filter without QoS", hex`82 05 0001 0001 61`],
      ["size beyond the packet", hex`82 06 0001 0003 6100`],
      ["second filter without QoS", hex`82 09 0001 0001 61 00 0001 62`],
    ],
  ),
  hangsUp(
    "hangs up on a filter without QoS byte at sizes around the powers of two",
    ["MQTT-3.8.3-3", "D04"],
    () =>
      [1, 2, 3, 7, 8, 15, 16, 31, 32, 63, 64, 127, 128, 255, 256, 1023, 1024].map(
        (size): Offence => [
          `filter of ${size} bytes`,
          packet(0x82, hex`0001`, field("x".repeat(size))),
        ],
      ),
  ),
  hangsUp(
    "hangs up on a requested QoS byte of 3 or with reserved bits",
    ["MQTT-3.8.3-4", "D05"],
    (lab) =>
      [3, 4, 5, 8, 0x10, 0x40, 0x80, 0x81, 0xff].map(
        (qos): Offence => [`QoS byte ${qos}`, subscribe(1, [lab.topic("a"), qos])],
      ),
  ),
  hangsUp("hangs up on an empty Topic Filter", ["MQTT-4.7.3-1", "D06"], (lab) => [
    ["alone", subscribe(1, ["", 0])],
    ["behind another", subscribe(1, [lab.topic("a"), 0], ["", 0])],
  ]),
  hangsUp("hangs up on a # that is not a whole last level", ["MQTT-4.7.1-2", "D07"], () =>
    MISPLACED_HASH.map((filter): Offence => [filter, subscribe(1, [filter, 0])]),
  ),
  hangsUp("hangs up on a + that is not a whole level", ["MQTT-4.7.1-3", "D07"], () =>
    MISPLACED_PLUS.map((filter): Offence => [filter, subscribe(1, [filter, 0])]),
  ),
  {
    title: "keeps no filter of a SUBSCRIBE it hangs up on",
    proves: ["M7", "M12", "MQTT-3.8.3-1", "D07", "D08"],
    ours: true,
    async run(lab) {
      const topicName = lab.topic("a");
      const bad = [
        ["a#", 0],
        ["", 0],
        [topicName, 3],
        [hex`ff`, 0],
      ] as const;
      for (const [filter, qos] of bad) {
        const clientId = lab.clientId("d");
        const client = await lab.connect({ clientId, cleanSession: false });
        client.send(subscribe(1, [topicName, 1], [filter, qos]));
        await client.expectClose();
        const back = await lab.dial();
        back.send(lab.connectPacket({ clientId, cleanSession: false }));
        await back.next("a CONNACK");
        const sender = await lab.connect();
        await sender.publish({ topicName, payload: "x", qos: 1 });
        await back.expectSilence();
        await back.disconnect();
        const wipe = await lab.connect({ clientId });
        await wipe.disconnect();
      }
    },
  },
];

const answers: readonly ConformanceCase[] = [
  {
    title: "answers every SUBSCRIBE by one SUBACK with its identifier",
    proves: ["MQTT-3.8.4-1", "MQTT-3.8.4-2"],
    async run(lab) {
      const client = await lab.connect();
      for (const packetId of [1, 2, 2, 65_535]) {
        client.send(subscribe(packetId, [lab.topic("a"), 0]));
        await client.expect(suback(packetId, 0));
      }
      await client.expectSilence();
    },
  },
  {
    title: "gives one return code for each filter, in their order, repeats included",
    proves: ["MQTT-3.8.4-4", "MQTT-3.8.4-5", "MQTT-3.9.3-1", "M7"],
    async run(lab) {
      const client = await lab.connect();
      client.send(
        subscribe(
          9,
          [lab.topic("a"), 1],
          [lab.topic("b"), 0],
          [lab.topic("c/#"), 2],
          [lab.topic("a"), 2],
          [lab.topic("+/d"), 1],
        ),
      );
      await client.expect(suback(9, 1, 0, 2, 2, 1));
    },
  },
  {
    title: "grants wildcards or answers 0x80, and sends no other code",
    proves: ["MQTT-3.8.3-2", "MQTT-3.9.3-2"],
    async run(lab) {
      const filters = ["+", "#", "a/+", "+/+/#", "/+", "/#"].map((name) => lab.topic(name));
      const client = await lab.connect();
      client.send(subscribe(1, ...filters.map((filter) => [filter, 1] as const)));
      const codes = [...(await client.next("a SUBACK")).subarray(4)];
      need(codes.length === 6, `${codes.length} codes came for 6 filters`);
      need(
        codes.every((code) => code <= 1 || code === 0x80),
        `the codes are ${codes.join(", ")}`,
      );
    },
  },
  {
    title: "answers 0x80 in its place for a filter that is not allowed, and keeps the others",
    proves: ["MQTT-3.8.4-5", "MQTT-3.9.3-1", "M21"],
    needs: ["forbiddenFilter"],
    async run(lab) {
      const forbidden = lab.know("forbiddenFilter");
      const topicName = lab.topic("a");
      const client = await lab.connect();
      client.send(subscribe(1, [topicName, 1], [forbidden, 2], [lab.topic("b"), 0]));
      await client.expect(suback(1, 1, 0x80, 0));
      await client.publish({ topicName, payload: "x", qos: 1 });
      await client.receive({ topicName, payload: "x", qos: 1 });
    },
  },
  {
    title: "treats many filters in one packet as it treats many packets",
    proves: ["MQTT-3.8.4-4"],
    async run(lab) {
      const sender = await lab.connect();
      const names = ["a", "b", "c"].map((name) => lab.topic(name));
      for (const topicName of names) {
        await sender.publish({ topicName, payload: "kept", retain: true });
      }
      const together = await lab.connect();
      together.send(subscribe(1, ...names.map((name) => [name, 0] as const)));
      await together.take(suback(1, 0, 0, 0));
      const apart = await lab.connect();
      for (const name of names) await apart.subscribe(name, 0);
      const kept = names.map((topicName) => ({ topicName, payload: "kept", retain: true }));
      await together.expectInAnyOrder(kept);
      await apart.expectInAnyOrder(kept);
      for (const topicName of names) await sender.publish({ topicName, payload: "live" });
      for (const client of [together, apart]) {
        for (const topicName of names) await client.expectPublish({ topicName, payload: "live" });
        await client.expectSilence();
      }
    },
  },
  {
    title: "delivers at the lower of the published and the granted QoS",
    proves: ["MQTT-3.8.4-6"],
    async run(lab) {
      const sender = await lab.connect();
      for (const granted of [0, 1, 2]) {
        const topicName = lab.topic(`${granted}`);
        const receiver = await lab.subscriber(topicName, granted);
        for (const published of [0, 1, 2]) {
          const message = { topicName, payload: `${published}` };
          await sender.publish({ ...message, qos: published });
          await receiver.receive({ ...message, qos: Math.min(published, granted) });
        }
        await receiver.expectSilence();
      }
    },
  },
  {
    title: "replaces a Subscription when its filter comes again: one copy, at the new QoS",
    proves: ["MQTT-3.8.4-3", "D15"],
    async run(lab) {
      const topicName = lab.topic("a");
      const receiver = await lab.connect();
      const sender = await lab.connect();
      for (const granted of [2, 0, 1, 2]) {
        await receiver.subscribe(topicName, granted);
        await sender.publish({ topicName, payload: "x", qos: 2 });
        await receiver.receive({ topicName, payload: "x", qos: granted });
      }
      await receiver.expectSilence();
    },
  },
  {
    title: "neither loses nor doubles a message while a filter is subscribed to again",
    proves: ["MQTT-3.8.4-3", "D15"],
    async run(lab) {
      const topicName = lab.topic("flow");
      const receiver = await lab.subscriber(topicName, 1);
      const sender = await lab.connect();
      const total = 300;
      for (const at of range(total)) {
        sender.send(publish({ topicName, payload: `${at}` }));
        if (at % 10 === 0) receiver.send(subscribe(at + 1, [topicName, (at / 10) % 3]));
        if (at % 50 === 0) await sender.ping();
      }
      await sender.ping();
      const packets = await receiver.collect();
      const payloads = packets.flatMap((it) => {
        const published = readPublish(it);
        return published === undefined ? [] : [new TextDecoder().decode(published.payload)];
      });
      need(payloads.join() === range(total).join(), `${payloads.length} of ${total} came in order`);
      const answered = packets.filter((it) => it[0] === 0x90).map(packetIdOf);
      need(answered.length === total / 10, `${answered.length} SUBACK packets came`);
    },
  },
];

/** §3.8 and §3.9: SUBSCRIBE and its answer. */
export const SECTION_3_8: Section = {
  name: "section-3-8-subscribe",
  title: "§3.8 SUBSCRIBE and §3.9 SUBACK",
  cases: [...layout, ...answers],
};
