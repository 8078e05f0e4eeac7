import { describe, expect, it } from "vitest";
import { CANARY_LATENCY_MS } from "../src/canary.js";
import { Lab } from "../src/lab.js";
import { connack, puback, publish, suback } from "../src/packets.js";
import { readPublish } from "../src/received.js";
import type { WireEvents } from "../src/target.js";
import { ScriptedTarget } from "./scripted-target.js";

/** A broker for two Clients, which delivers after a time, or never. */
function brokerWith(delayMs: number | undefined): ScriptedTarget {
  let receiver: WireEvents | undefined;
  const target: ScriptedTarget = new ScriptedTarget({
    received: (bytes, events) => {
      if (bytes[0] === 0x10) events.received(connack(0));
      if (bytes[0] === 0x82) {
        receiver = events;
        events.received(suback(1001, 1));
      }
      const published = readPublish(bytes);
      if (published === undefined) return;
      events.received(puback(published.packetId));
      if (delayMs === undefined) return;
      const { topicName, payload, qos } = published;
      const copy = publish({ topicName, payload, qos, packetId: 1 });
      target.after(delayMs, () => receiver?.received(copy));
    },
  });
  (target.clock as { patienceMs: number }).patienceMs = 3 * CANARY_LATENCY_MS;
  return target;
}

describe("an innocent pair of Clients", () => {
  it("tells how long its message took", async () => {
    const canary = await new Lab(brokerWith(30), "c").canary();
    expect(await canary.check()).toBe(30);
    expect(await canary.check()).toBe(30);
  });

  it("fails the case when its message does not arrive", async () => {
    const canary = await new Lab(brokerWith(undefined), "c").canary();
    await expect(canary.check()).rejects.toThrow("the innocent pair suffered");
  });

  it("fails the case when its message takes too long", async () => {
    const canary = await new Lab(brokerWith(CANARY_LATENCY_MS + 1), "c").canary();
    await expect(canary.check()).rejects.toThrow("took 2001 ms");
  });
});
