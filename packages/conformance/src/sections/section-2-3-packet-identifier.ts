import type { Section } from "../case.js";
import { need } from "../lab.js";
import {
  puback,
  pubcomp,
  publish,
  pubrec,
  pubrel,
  suback,
  subscribe,
  unsuback,
  unsubscribe,
} from "../packets.js";
import { hangsUp, range } from "./shapes.js";

const IDENTIFIERS = [1, 255, 256, 0x1234, 65_535];

/** §2.3.1: Packet Identifiers. */
export const SECTION_2_3: Section = {
  name: "section-2-3-packet-identifier",
  title: "§2.3 Packet Identifier",
  cases: [
    hangsUp("hangs up on the Packet Identifier 0", ["MQTT-2.3.1-1", "D02", "D16", "E04"], (lab) => [
      ["SUBSCRIBE", subscribe(0, [lab.topic("a"), 0])],
      ["UNSUBSCRIBE", unsubscribe(0, lab.topic("a"))],
      ["PUBLISH QoS 1", publish({ topicName: lab.topic("a"), qos: 1, packetId: 0 })],
      ["PUBLISH QoS 2", publish({ topicName: lab.topic("a"), qos: 2, packetId: 0 })],
    ]),
    hangsUp(
      "hangs up on acknowledgements with the Packet Identifier 0",
      ["M12"],
      () => [
        ["PUBACK", puback(0)],
        ["PUBREC", pubrec(0)],
        ["PUBREL", pubrel(0)],
        ["PUBCOMP", pubcomp(0)],
      ],
      { ours: true },
    ),
    {
      title: "echoes the identifier of a QoS 1 PUBLISH in PUBACK",
      proves: ["MQTT-2.3.1-6", "MQTT-3.3.4-1"],
      async run(lab) {
        const client = await lab.connect();
        for (const packetId of IDENTIFIERS) {
          client.send(publish({ topicName: lab.topic("a"), qos: 1, packetId }));
          await client.expect(puback(packetId));
        }
      },
    },
    {
      title: "echoes the identifier of a QoS 2 PUBLISH in PUBREC and PUBCOMP",
      proves: ["MQTT-2.3.1-6", "MQTT-3.3.4-1"],
      async run(lab) {
        const client = await lab.connect();
        for (const packetId of IDENTIFIERS) {
          client.send(publish({ topicName: lab.topic("a"), qos: 2, packetId }));
          await client.expect(pubrec(packetId));
        }
        for (const packetId of IDENTIFIERS) {
          client.send(pubrel(packetId));
          await client.expect(pubcomp(packetId));
        }
      },
    },
    {
      title: "echoes the identifiers of SUBSCRIBE and UNSUBSCRIBE, several at once",
      proves: ["MQTT-2.3.1-7", "MQTT-3.8.4-2", "MQTT-3.10.4-4"],
      async run(lab) {
        const client = await lab.connect();
        client.send(...IDENTIFIERS.map((id) => subscribe(id, [lab.topic(`${id}`), 0])));
        for (const packetId of IDENTIFIERS) await client.take(suback(packetId, 0));
        client.send(...IDENTIFIERS.map((id) => unsubscribe(id, lab.topic(`${id}`))));
        for (const packetId of IDENTIFIERS) await client.take(unsuback(packetId));
        need(client.waiting === 0, "more answers came than requests were sent");
      },
    },
    {
      title: "puts no identifier into a PUBLISH at QoS 0, and expects none",
      proves: ["MQTT-2.3.1-5", "MQTT-4.3.1-1"],
      async run(lab) {
        const topicName = lab.topic("a");
        const client = await lab.subscriber(topicName, 2);
        await client.publish({ topicName, payload: "\u0001\u0002payload" });
        await client.expect(publish({ topicName, payload: "\u0001\u0002payload" }));
      },
    },
    {
      title: "gives every unacknowledged delivery an identifier of its own",
      proves: ["MQTT-2.3.1-4", "MQTT-4.3.2-1", "MQTT-4.3.3-1"],
      async run(lab) {
        const topicName = lab.topic("a");
        const receiver = await lab.subscriber(topicName, 2);
        const sender = await lab.connect();
        const seen = new Set<number>();
        for (const at of range(16)) {
          const message = { topicName, payload: `${at}`, qos: 1 + (at % 2) };
          await sender.publish(message);
          seen.add((await receiver.expectPublish(message)).packetId);
        }
        need(seen.size === 16, `16 deliveries in flight had ${seen.size} identifiers`);
      },
    },
    {
      title: "frees an identifier only by PUBACK or PUBCOMP",
      proves: ["MQTT-2.3.1-4"],
      async run(lab) {
        const topicName = lab.topic("a");
        const receiver = await lab.subscriber(topicName, 2);
        const sender = await lab.connect();
        const open = { topicName, payload: "open", qos: 2 };
        await sender.publish(open);
        const { packetId } = await receiver.expectPublish(open);
        receiver.send(pubrec(packetId));
        await receiver.expect(pubrel(packetId)); // and no PUBCOMP: the identifier stays in use
        for (const at of range(40)) {
          const message = { topicName, payload: `${at}`, qos: 1 };
          await sender.publish(message);
          const received = await receiver.receive(message);
          need(received.packetId !== packetId, `identifier ${packetId} was used twice`);
        }
      },
    },
    {
      title: "counts identifiers up from 1, skipping those in use",
      proves: ["M28"],
      ours: true,
      async run(lab) {
        const topicName = lab.topic("a");
        const receiver = await lab.subscriber(topicName, 1);
        const sender = await lab.connect();
        for (const packetId of [1, 2, 3, 4]) {
          await sender.publish({ topicName, qos: 1 });
          await receiver.expectPublish({ topicName, qos: 1, packetId });
          if (packetId % 2 === 0) receiver.send(puback(packetId));
        }
      },
    },
    {
      title: "lets both sides use one identifier at the same time",
      proves: ["§2.3.1"],
      async run(lab) {
        const topicName = lab.topic("a");
        const client = await lab.subscriber(topicName, 2);
        const sender = await lab.connect();
        const incoming = { topicName, payload: "in", qos: 2 };
        await sender.publish(incoming);
        const { packetId } = await client.expectPublish(incoming);
        client.send(publish({ topicName: lab.topic("b"), payload: "out", qos: 2, packetId }));
        await client.expect(pubrec(packetId));
        client.send(pubrec(packetId));
        await client.expect(pubrel(packetId));
        client.send(pubrel(packetId));
        await client.expect(pubcomp(packetId));
        client.send(pubcomp(packetId));
        await client.expectSilence();
      },
    },
  ],
};
