import type { Section } from "../case.js";
import { PINGREQ, PINGRESP } from "../packets.js";
import { range } from "./shapes.js";

/** §3.12 and §3.13: PINGREQ and its answer. */
export const SECTION_3_12: Section = {
  name: "section-3-12-pingreq",
  title: "§3.12 PINGREQ and §3.13 PINGRESP",
  cases: [
    {
      title: "answers every PINGREQ by one PINGRESP",
      proves: ["MQTT-3.12.4-1"],
      async run(lab) {
        const client = await lab.connect();
        client.send(PINGREQ, PINGREQ, PINGREQ);
        await client.expect(PINGRESP, PINGRESP, PINGRESP);
        await client.expectSilence();
      },
    },
    {
      title: "answers PINGREQ while a large backlog goes out",
      proves: ["MQTT-3.12.4-1"],
      async run(lab) {
        const topicName = lab.topic("a");
        const receiver = await lab.subscriber(topicName, 0);
        const sender = await lab.connect();
        const payload = new Uint8Array(4_000);
        for (const _ of range(100)) await sender.publish({ topicName, payload });
        receiver.send(PINGREQ);
        await receiver.take(PINGRESP);
        // At another node of a cluster the last ones may still be on their way.
        for (const _ of range(100)) await receiver.expectPublish({ topicName, payload });
      },
    },
  ],
};
