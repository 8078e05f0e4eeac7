import type { Section } from "../case.js";
import { DISCONNECT, publish } from "../packets.js";

/** §3.14: DISCONNECT. What its wrong flags do is in §2.2. */
export const SECTION_3_14: Section = {
  name: "section-3-14-disconnect",
  title: "§3.14 DISCONNECT",
  cases: [
    {
      title: "cancels the Will on DISCONNECT",
      proves: ["MQTT-3.14.4-3", "MQTT-3.1.2-10"],
      async run(lab) {
        const topicName = lab.topic("will");
        const watcher = await lab.subscriber(topicName);
        const client = await lab.connect({ will: { topicName, payload: "never" } });
        await client.disconnect();
        await watcher.expectSilence();
      },
    },
    {
      title: "closes after DISCONNECT if the Client does not",
      proves: ["§3.14.4"],
      async run(lab) {
        const client = await lab.connect();
        client.send(DISCONNECT);
        await client.expectClose();
      },
    },
    {
      title: "hands over what came before DISCONNECT in the same segment",
      proves: ["§3.14"],
      async run(lab) {
        const topicName = lab.topic("a");
        const watcher = await lab.subscriber(topicName);
        const client = await lab.connect();
        client.send(publish({ topicName, payload: "last words" }), DISCONNECT);
        client.finish();
        await watcher.expectPublish({ topicName, payload: "last words" });
      },
    },
    {
      title: "publishes the Will when DISCONNECT has reserved bits set",
      proves: ["MQTT-3.14.1-1", "MQTT-3.1.2-8", "A16"],
      async run(lab) {
        const topicName = lab.topic("will");
        const watcher = await lab.subscriber(topicName);
        for (let flags = 1; flags < 16; flags++) {
          const will = { topicName, payload: `${flags}` };
          const client = await lab.connect({ will });
          client.send(Uint8Array.of(0xe0 | flags, 0));
          await client.expectClose();
          await watcher.expectPublish(will);
        }
      },
    },
  ],
};
