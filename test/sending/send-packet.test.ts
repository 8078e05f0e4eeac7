import { expect, it } from "vitest";
import { PacketType } from "../../src/engine.js";
import { Harness } from "../support/harness.js";

it("the rare packets go into the same outbox, in order, and leave with one flush", () => {
  const harness = new Harness();
  const client = harness.connect({ clientId: "A" });
  const { flushes } = client.link;
  client.send(
    { type: PacketType.PINGREQ },
    { type: PacketType.SUBSCRIBE, packetId: 7, requests: [{ topicFilter: "t", requestedQos: 2 }] },
    { type: PacketType.PUBREL, packetId: 3 },
    { type: PacketType.PINGREQ },
  );
  expect(client.packets()).toEqual([
    { type: PacketType.PINGRESP },
    { type: PacketType.SUBACK, packetId: 7, returnCodes: [2] },
    { type: PacketType.PUBCOMP, packetId: 3 },
    { type: PacketType.PINGRESP },
  ]);
  expect(client.link.flushes).toBe(flushes + 1);
});
