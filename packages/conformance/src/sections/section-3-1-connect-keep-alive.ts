import type { ConformanceCase, Section } from "../case.js";
import { need } from "../lab.js";
import { hex, PINGREQ, PINGRESP, publish, subscribe } from "../packets.js";
import { inBatches } from "./shapes.js";

/** How late other brokers may notice: the standard names no tolerance. */
const TOLERANCE_MS = 6_000;

const timing: readonly ConformanceCase[] = [
  {
    title: "closes a Client that was silent for one and a half times its Keep Alive, not earlier",
    proves: ["MQTT-3.1.2-24"],
    lastsSeconds: 8,
    async run(lab) {
      const client = await lab.connect({ keepAliveSeconds: 2 });
      const startMs = lab.target.clock.now();
      await client.expectClose(3_000 + TOLERANCE_MS);
      const silentMs = client.closedAtMs - startMs;
      need(silentMs > 2_900, `closed after ${Math.round(silentMs)} ms with Keep Alive 2 s`);
    },
  },
  {
    title: "closes between 1.5 times Keep Alive and one second later",
    proves: ["M18", "MQTT-3.1.2-24"],
    ours: true,
    lastsSeconds: 4,
    async run(lab) {
      const client = await lab.connect({ keepAliveSeconds: 2 });
      const startMs = lab.target.clock.now();
      await client.expectClose(10_000);
      const silentMs = client.closedAtMs - startMs;
      const inTime = silentMs >= 2_990 && silentMs <= 4_000 + lab.target.clock.slackMs;
      need(inTime, `closed after ${Math.round(silentMs)} ms with Keep Alive 2 s`);
    },
  },
  {
    title: "takes any whole packet for a sign of life, not only PINGREQ",
    proves: ["MQTT-3.1.2-24", "MQTT-3.12.4-1"],
    lastsSeconds: 8,
    async run(lab) {
      const topicName = lab.topic("a");
      const client = await lab.connect({ keepAliveSeconds: 1 });
      const packets = [
        PINGREQ,
        publish({ topicName, payload: "alive" }),
        publish({ topicName, payload: "alive", qos: 1, packetId: 5 }),
        subscribe(6, [topicName, 0]),
        PINGREQ,
      ];
      for (const packet of packets) {
        client.send(packet);
        await lab.sleep(1_100);
      }
      client.send(PINGREQ);
      await client.take(PINGRESP);
      need(!client.closed, "a Client that kept sending was closed");
    },
  },
  {
    title: "never closes a silent Client whose Keep Alive is 0",
    proves: ["MQTT-3.1.2-24"],
    lastsSeconds: 8,
    async run(lab) {
      const client = await lab.connect({ keepAliveSeconds: 0 });
      await client.expectQuiet(8_000);
      await client.expectSilence();
    },
  },
  {
    title: "does not let bytes of an unfinished packet pass for a sign of life",
    proves: ["M18", "F16", "A08"],
    ours: true,
    lastsSeconds: 4,
    async run(lab) {
      const client = await lab.connect({ keepAliveSeconds: 1 });
      const dribble = publish({ topicName: lab.topic("a"), payload: "never whole" });
      const startMs = lab.target.clock.now();
      for (let at = 0; at < 6 && !client.closed; at++) {
        client.send(dribble.subarray(at, at + 1));
        await lab.sleep(900);
      }
      await client.expectClose();
      const silentMs = client.closedAtMs - startMs;
      need(silentMs <= 2_500 + lab.target.clock.slackMs, `closed after ${Math.round(silentMs)} ms`);
    },
  },
  {
    title: "closes a Client that goes silent inside a packet, at any offset",
    proves: ["MQTT-3.1.2-24", "A10"],
    lastsSeconds: 8,
    async run(lab) {
      const topicName = lab.topic("cut");
      const watcher = await lab.subscriber(topicName, 1);
      const packets = [
        publish({ topicName, payload: "x", qos: 1, packetId: 1 }),
        subscribe(1, [topicName, 1]),
        hex`40 02 0001`,
      ];
      const cuts = packets.flatMap((packet) =>
        Array.from(packet.subarray(1), (_, at) => packet.subarray(0, at + 1)),
      );
      await inBatches(
        cuts,
        async (bytes) => {
          const client = await lab.connect({ keepAliveSeconds: 1 });
          client.send(bytes);
          await client.expectClose(1_500 + TOLERANCE_MS);
        },
        cuts.length,
      );
      await watcher.expectSilence();
    },
  },
];

const connectTimeout: readonly ConformanceCase[] = [
  {
    title: "closes a connection on which no CONNECT comes within a reasonable time",
    proves: ["§3.1.4", "I01"],
    lastsSeconds: 100,
    async run(lab) {
      const client = await lab.dial();
      await client.expectClose(100_000); // "reasonable" is the Server's to say: this is generous
    },
  },
  {
    title: "closes after 10 seconds without CONNECT, trickled bytes or none",
    proves: ["M19", "§3.1.4", "I01", "I02"],
    ours: true,
    lastsSeconds: 12,
    async run(lab) {
      const startMs = lab.target.clock.now();
      const [silent, trickling] = [await lab.dial(), await lab.dial()];
      const connect = lab.connectPacket({ clientId: lab.clientId("t"), username: "slow" });
      for (let at = 0; at < 14 && !trickling.closed; at++) {
        trickling.send(connect.subarray(at, at + 1));
        await lab.sleep(1_000);
      }
      for (const client of [silent, trickling]) {
        await client.expectClose(1_000);
        const waitedMs = client.closedAtMs - startMs;
        const inTime = waitedMs > 9_900 && waitedMs < 11_000 + lab.target.clock.slackMs;
        need(inTime, `closed after ${Math.round(waitedMs)} ms`);
      }
    },
  },
];

/** §3.1.2.10 and §3.1.4: what only time shows. */
export const SECTION_3_1_KEEP_ALIVE: Section = {
  name: "section-3-1-connect-keep-alive",
  title: "§3.1 CONNECT: Keep Alive and the time limit",
  cases: [...timing, ...connectTimeout],
};
