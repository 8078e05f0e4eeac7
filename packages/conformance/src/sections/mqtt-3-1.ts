import type { Section } from "../case.js";
import { field, hex, packet } from "../packets.js";

/** What comes besides MQTT 3.1.1: Clients of MQTT 3.1, and the bridges of other brokers. */
export const MQTT_3_1: Section = {
  name: "mqtt-3-1",
  title: "MQTT 3.1 and bridges",
  cases: [
    {
      title: "accepts a bridge, and sends it RETAIN as published but nothing it sent itself",
      proves: ["M27", "B13"],
      ours: true,
      async run(lab) {
        const topicName = lab.topic("a");
        const bridge = await lab.connect({ clientId: lab.clientId("b"), protocolLevel: 0x84 });
        await bridge.subscribe(topicName, 1);
        await bridge.publish({ topicName, payload: "own", qos: 1 });
        const other = await lab.connect();
        await other.publish({ topicName, payload: "kept", qos: 1, retain: true });
        await bridge.receive({ topicName, payload: "kept", qos: 1, retain: true });
        await other.publish({ topicName, payload: "", retain: true });
        await bridge.expectPublish({ topicName, payload: "", retain: true });
      },
    },
    {
      title: "accepts MQTT 3.1: the name MQIsdp at level 3",
      proves: ["M27"],
      ours: true,
      async run(lab) {
        const old = { protocolName: "MQIsdp", protocolLevel: 3 };
        const topicName = lab.topic("a");
        const client = await lab.connect({ clientId: lab.clientId("o"), ...old });
        await client.subscribe(topicName, 2);
        await client.publish({ topicName, payload: "3.1", qos: 2 });
        await client.receive({ topicName, payload: "3.1", qos: 2 });
      },
    },
    {
      title: "reads past reserved flags in MQTT 3.1, which has none",
      proves: ["M27"],
      ours: true,
      async run(lab) {
        for (const first of [0x12, 0x14, 0x18]) {
          const client = await lab.dial();
          const rest = [field("MQIsdp"), hex`03 03 003c`, field(lab.clientId("o"))];
          client.send(packet(first, ...rest));
          await client.expect(hex`20 02 00 00`);
          client.send(hex`c2 00`, hex`42 02 0001`, hex`6a 02 0007`);
          await client.expect(hex`d0 00`);
          await client.expect(hex`70 02 0007`);
          client.drop();
        }
      },
    },
    {
      title: "accepts MQTT 3.1 without the user name or password that is flagged",
      proves: ["M27"],
      ours: true,
      async run(lab) {
        for (const flags of [0x82, 0xc2]) {
          const client = await lab.dial();
          const rest = [field("MQIsdp"), hex`03 ${flags} 003c`, field(lab.clientId("o"))];
          client.send(packet(0x10, ...rest));
          await client.expect(hex`20 02 00 00`);
          client.send(hex`c0 00`);
          await client.expect(hex`d0 00`);
          client.drop();
        }
      },
    },
  ],
};
