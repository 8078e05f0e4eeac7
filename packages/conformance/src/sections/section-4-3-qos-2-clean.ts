import type { ConformanceCase, Section } from "../case.js";
import { type Lab, need } from "../lab.js";
import { hex, pubcomp, publish, pubrec, pubrel, toBytes } from "../packets.js";
import { readPublish, sameBytes } from "../received.js";
import type { WireClient } from "../wire-client.js";

const ID = 20;

/** How far the sending Client gets before its connection is cut. */
const INBOUND_CUTS: readonly (readonly [
  after: string,
  until: (client: WireClient) => Promise<void>,
])[] = [
  ["PUBLISH, before PUBREC is seen", (client) => client.ping()],
  ["PUBREC", (client) => client.take(pubrec(ID))],
  [
    "PUBREL, before PUBCOMP is seen",
    async (client) => {
      await client.take(pubrec(ID));
      client.send(pubrel(ID));
      await client.ping();
    },
  ],
  [
    "PUBCOMP",
    async (client) => {
      await client.take(pubrec(ID));
      client.send(pubrel(ID));
      await client.take(pubcomp(ID));
    },
  ],
];

const inboundCuts: readonly ConformanceCase[] = INBOUND_CUTS.map(([after, until]) => ({
  title: `takes an identifier for a new message when a Clean Session was cut after ${after}`,
  proves: ["MQTT-3.1.2-6", "MQTT-4.3.3-2"],
  async run(lab: Lab) {
    const topicName = lab.topic("a");
    const watcher = await lab.subscriber(topicName, 2);
    const clientId = lab.clientId("p");
    const first = await lab.connect({ clientId });
    first.send(publish({ topicName, payload: "old", qos: 2, packetId: ID }));
    await until(first);
    first.drop();
    const second = await lab.connect({ clientId });
    // Both under the identifier that was open, the second one after its handshake has ended.
    for (const payload of ["new", "newer"]) {
      await second.publish({ topicName, payload, qos: 2, packetId: ID });
    }
    const seen = (await watcher.collect()).map((it) => readPublish(it)?.payload ?? hex``);
    const count = (text: string) => seen.filter((it) => sameBytes(it, toBytes(text))).length;
    // Whether the old one was passed on at its PUBLISH or waited for a PUBREL is the broker's choice.
    need(count("old") <= 1, "the message of a Session that is gone came more than once");
    need(count("new") === 1, `the first message of the new Session came ${count("new")} times`);
    need(count("newer") === 1, `the second message of it came ${count("newer")} times`);
  },
}));

/** How far the receiving Client gets before its connection is cut. */
const OUTBOUND_CUTS: readonly (readonly [
  after: string,
  until: (client: WireClient, packetId: number) => Promise<void>,
])[] = [
  ["PUBLISH", async () => {}],
  [
    "PUBREC",
    async (client, packetId) => {
      client.send(pubrec(packetId));
      await client.ping();
    },
  ],
  [
    "PUBREL",
    async (client, packetId) => {
      client.send(pubrec(packetId));
      await client.expect(pubrel(packetId));
    },
  ],
  [
    "PUBCOMP",
    async (client, packetId) => {
      client.send(pubrec(packetId));
      await client.expect(pubrel(packetId));
      client.send(pubcomp(packetId));
      await client.ping();
    },
  ],
];

const outboundCuts: readonly ConformanceCase[] = OUTBOUND_CUTS.map(([after, until]) => ({
  title: `sends nothing again of a QoS 2 delivery when a Clean Session was cut after ${after}`,
  proves: ["MQTT-3.1.2-6", "MQTT-4.3.3-1"],
  async run(lab: Lab) {
    const message = { topicName: lab.topic("a"), payload: "old", qos: 2 };
    const clientId = lab.clientId("r");
    const first = await lab.connect({ clientId });
    await first.subscribe(message.topicName, 2);
    const sender = await lab.connect();
    await sender.publish(message);
    const { packetId } = await first.expectPublish(message);
    await until(first, packetId);
    first.drop();
    const second = await lab.connect({ clientId });
    await second.expectSilence();
    await second.subscribe(message.topicName, 2);
    await sender.publish({ ...message, payload: "new" });
    await second.receive({ ...message, payload: "new" });
    await second.expectSilence();
  },
}));

/** §4.3.3 and §3.1.2.4: QoS 2 in Sessions that end with their connection, cut at every step. */
export const SECTION_4_3_QOS_2_CLEAN: Section = {
  name: "section-4-3-qos-2-clean",
  title: "§4.3.3 QoS 2 with Clean Session: nothing is left behind",
  cases: [...inboundCuts, ...outboundCuts],
};
