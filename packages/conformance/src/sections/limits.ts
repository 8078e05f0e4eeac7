import type { ConformanceCase, Section } from "../case.js";
import { need, sameOr } from "../lab.js";
import { NotObservable } from "../outcome.js";
import { hex, join, publish, pubrec, suback, subscribe, toBytes } from "../packets.js";
import { readPublish } from "../received.js";
import { range } from "./shapes.js";

/** A whole PUBLISH of `size` bytes. */
function publishOfSize(topicName: string, size: number): Uint8Array {
  const overhead = publish({ topicName, payload: new Uint8Array(size >> 1) }).length - (size >> 1);
  const packet = publish({ topicName, payload: new Uint8Array(size - overhead) });
  need(packet.length === size, `the PUBLISH has ${packet.length} bytes instead of ${size}`);
  return packet;
}

const queueCases: readonly ConformanceCase[] = [
  {
    title: "keeps 1,000 messages for a Session that is away, and drops the newest beyond",
    proves: ["M17", "F13"],
    ours: true,
    async run(lab) {
      const topicName = lab.topic("a");
      const away = await lab.durable("q");
      await away.subscribe(topicName, 1);
      await away.disconnect();
      const sender = await lab.connect();
      for (const at of range(1_100)) {
        sender.send(publish({ topicName, payload: `${at}`, qos: 1, packetId: at + 1 }));
        await sender.take(hex`40 02 ${(at + 1) >> 8} ${(at + 1) & 0xff}`);
      }
      const back = await lab.durable("q", true);
      for (const at of range(1_000)) await back.receive({ topicName, payload: `${at}`, qos: 1 });
      await back.expectSilence();
    },
  },
  {
    title: "keeps at most 8 MiB for a Session that is away",
    proves: ["M17", "F13"],
    ours: true,
    async run(lab) {
      const topicName = lab.topic("a");
      const away = await lab.durable("q");
      await away.subscribe(topicName, 1);
      await away.disconnect();
      const sender = await lab.connect();
      const filler = new Uint8Array(900_000);
      for (const at of range(12)) {
        const payload = join(toBytes(`${at}`.padStart(2, "0")), filler);
        await sender.publish({ topicName, payload, qos: 1, packetId: at + 1 });
      }
      const back = await lab.durable("q", true);
      const count = (await back.collect()).length;
      need(count >= 8 && count <= 9, `${count} messages of 900 kB came`);
    },
  },
];

const sizeCases: readonly ConformanceCase[] = [
  {
    title: "accepts a packet of exactly 8 MiB and hangs up on one byte more",
    proves: ["M23", "A07"],
    ours: true,
    async run(lab) {
      const topicName = lab.topic("big");
      const receiver = await lab.subscriber(topicName);
      const sender = await lab.connect();
      sender.send(publishOfSize(topicName, 8_388_608));
      await sender.ping();
      const whole = await receiver.next("the PUBLISH");
      need(whole.length === 8_388_608, `${whole.length} bytes came`);
      sender.send(publishOfSize(topicName, 8_388_609));
      await sender.expectClose();
      await receiver.expectSilence();
    },
  },
  {
    title: "accepts a CONNECT of up to 64 KiB and closes on a larger one",
    proves: ["M19", "A06"],
    ours: true,
    async run(lab) {
      const base = lab.connectPacket({ username: "u", password: "" }).length;
      const fits = await lab.dial();
      const padding = (size: number) => new Uint8Array(size).fill(0x61);
      fits.send(lab.connectPacket({ username: "u", password: padding(65_500 - base) }));
      const answer = await fits.next("a CONNACK");
      need(answer[0] === 0x20, "no CONNACK came");
      const tooBig = await lab.dial();
      const will = { topicName: lab.topic("w"), payload: padding(40_000) };
      tooBig.send(lab.connectPacket({ will, username: "u", password: padding(40_000) }));
      await tooBig.expectClose();
    },
  },
  {
    title:
      "answers all 65,535 QoS 2 messages that may wait for their PUBREL, or hangs up at its bound",
    proves: ["E11"],
    ours: true,
    async run(lab) {
      const topicName = lab.topic("open");
      const sender = await lab.connect();
      for (let id = 1; id <= 65_535 && !sender.closed; id += 500) {
        const ids = range(Math.min(500, 65_536 - id)).map((at) => id + at);
        sender.send(...ids.map((packetId) => publish({ topicName, qos: 2, packetId })));
        for (const packetId of ids) {
          const answer = await sender.next("a PUBREC").catch(() => undefined);
          if (answer === undefined) break; // closed: a bound below 65,535
          sameOr(answer, pubrec(packetId), "expected a PUBREC");
        }
      }
      if (!sender.closed) await sender.expectSilence();
    },
  },
];

const slowReaders: readonly ConformanceCase[] = [
  {
    title: "lets nobody else feel a reader that does not read",
    proves: ["M24", "I04"],
    ours: true,
    async run(lab) {
      const topicName = lab.topic("flood");
      const slow = await lab.subscriber(topicName, 0);
      const fast = await lab.subscriber(topicName, 0);
      slow.pause();
      const sender = await lab.connect();
      const payload = new Uint8Array(20_000);
      const canary = await lab.canary();
      for (const at of range(40)) {
        sender.send(...range(25).map(() => publish({ topicName, payload })));
        await sender.ping();
        for (const _ of range(25)) await fast.expectPublish({ topicName, payload });
        if (at % 8 === 0) await canary.check();
      }
      slow.resume();
    },
  },
  {
    title: "drops no QoS 1 message of a slow reader within the bounds of its queue",
    proves: ["M24"],
    ours: true,
    async run(lab) {
      const topicName = lab.topic("slow");
      const slow = await lab.subscriber(topicName, 1);
      slow.pause();
      const sender = await lab.connect();
      const total = 300;
      const payload = (at: number) => join(toBytes(`${at} `), new Uint8Array(10_000));
      for (const at of range(total))
        await sender.publish({ topicName, payload: payload(at), qos: 1 });
      slow.resume();
      for (const at of range(total))
        await slow.receive({ topicName, payload: payload(at), qos: 1 });
    },
  },
];

const subscriptionCases: readonly ConformanceCase[] = [
  {
    title: "gives as many return codes as filters for 1,000 filters in one packet",
    proves: ["MQTT-3.8.4-5", "D11"],
    async run(lab) {
      const filters = range(1_000).map((at) => [lab.topic(`f/${at}`), at % 3] as const);
      const client = await lab.connect();
      client.send(subscribe(1, ...filters));
      const answer = await client.next("a SUBACK");
      const codes = [...answer.subarray(answer.length - 1_000)];
      const lawful = codes.every((code, at) => code === at % 3 || code === 0x80);
      need(lawful && codes.length === 1_000, "the codes do not line up with the filters");
    },
  },
  {
    title: "holds one Subscription for one filter named 1,000 times",
    proves: ["MQTT-3.8.4-5", "D11"],
    async run(lab) {
      const topicName = lab.topic("same");
      const client = await lab.connect();
      client.send(subscribe(1, ...range(1_000).map(() => [topicName, 0] as const)));
      const answer = await client.next("a SUBACK");
      need(answer.length >= 1_000, `the SUBACK has ${answer.length} bytes`);
      await client.publish({ topicName, payload: "once" });
      await client.expectPublish({ topicName, payload: "once" });
      await client.expectSilence();
    },
  },
  {
    title: "serves # over 1,000 retained messages while others go on",
    proves: ["MQTT-3.3.1-6", "D18", "I07"],
    async run(lab) {
      const sender = await lab.connect();
      const kept = range(1_000).map((at) => ({
        topicName: lab.topic(`kept/${at}`),
        payload: `${at}`,
        retain: true,
      }));
      sender.send(...kept.map(publish));
      await sender.ping();
      const reader = await lab.subscriber(lab.topic("kept/#"));
      const canary = await lab.canary();
      await canary.check();
      const seen = new Set<string>();
      for (const _ of kept) {
        const published = readPublish(await reader.next("a retained message"));
        if (published?.retain) seen.add(published.topicName);
      }
      need(seen.size === 1_000, `${seen.size} of 1,000 retained messages came`);
    },
  },
  {
    title: "refuses malformed $share filters by 0x80 and grants the rest",
    proves: ["D09"],
    ours: true,
    async run(lab) {
      const client = await lab.connect();
      const filters = ["$share/ab", "$share//t", "$share/g/", "$share/+/t", "$share/g/t"];
      client.send(subscribe(1, ...filters.map((filter) => [filter, 0] as const)));
      await client.expect(suback(1, 0x80, 0x80, 0x80, 0x80, 0));
      await client.publish({ topicName: "$share/ab", payload: "x", qos: 1 });
      await client.expectSilence();
    },
  },
  {
    title: "decides on $share filters at the SUBSCRIBE, and later traffic does no harm",
    proves: ["D09"],
    async run(lab) {
      const client = await lab.connect();
      const filters = ["$share/ab", "$share//t", "$share/g/", "$share/+/t", "$share/g/t"];
      for (const [at, filter] of filters.entries()) {
        client.send(subscribe(at + 1, [filter, 0]));
        const answer = await client.nextUnlessClosed();
        if (answer === undefined && client.closed) {
          throw new NotObservable("the broker hangs up on some $share filters");
        }
        need(answer?.[0] === 0x90, `${filter} got no SUBACK`);
      }
      client.send(...filters.slice(0, 3).map((topicName) => publish({ topicName, payload: "x" })));
      await client.drain();
    },
  },
];

/** Bounds: on queues, sizes, readers and Subscriptions. */
export const LIMITS: Section = {
  name: "limits",
  title: "Bounds on what a peer can make grow",
  cases: [...queueCases, ...sizeCases, ...slowReaders, ...subscriptionCases],
};
