import { describe, expect, it } from "vitest";
import { Lab } from "../../packages/conformance/src/lab.js";
import { pubrec, pubrel } from "../../packages/conformance/src/packets.js";
import { SECTIONS } from "../../packages/conformance/src/sections.js";
import { EngineTarget } from "../support/conformance/engine-target.js";
import { overLinks } from "../support/conformance/over-links.js";
import { SlowDisk } from "../support/conformance/slow-disk.js";

// Every case once more with durable state: acknowledgements wait for a disk that takes its time.
for (const section of SECTIONS) overLinks(section, true);

describe("a resume while the disk is behind", () => {
  it("[M14] [M26] keeps the first order of PUBREL and PUBLISH, though a PUBREL has to wait", async () => {
    const target = new EngineTarget({}, new SlowDisk());
    const lab = new Lab(target, "slow");
    const topicName = lab.topic("a");
    const first = await lab.durable("r");
    await first.subscribe(topicName, 2);
    const sender = await lab.connect();
    const ids: number[] = [];
    for (const qos of [2, 1, 2]) {
      await sender.publish({ topicName, payload: `${qos}`, qos });
      ids.push((await first.expectPublish({ topicName, payload: `${qos}`, qos })).packetId);
    }
    const [released = 0, one = 0, two = 0] = ids;
    first.send(pubrec(released));
    await first.expect(pubrel(released));
    first.drop();
    await lab.sleep(1_000);
    // The Session is taken up in one commit, and somebody else keeps the disk busy with the next.
    const busy = await lab.dial();
    const second = await lab.dial();
    second.send(lab.connectPacket({ clientId: lab.clientId("r"), cleanSession: false }));
    busy.send(lab.connectPacket({ clientId: lab.clientId("b"), cleanSession: false }));
    const [connack] = await second.next("the CONNACK");
    expect(connack).toBe(0x20);
    await second.expect(pubrel(released));
    await second.expectPublish({ topicName, payload: "1", qos: 1, packetId: one, dup: true });
    await second.expectPublish({ topicName, payload: "2", qos: 2, packetId: two, dup: true });
    await second.expectSilence();
  });
});
