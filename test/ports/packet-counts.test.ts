import { expect, it } from "vitest";
import { PacketCounts } from "../../src/ports/packet-counts.js";
import { PacketType } from "../../src/protocol/packet-type.js";

it("counts packets and their bytes by type, and shows those that were none of, too", () => {
  const received = new PacketCounts("client");
  received.add(PacketType.PUBLISH, 20);
  received.add(PacketType.PUBLISH, 2 ** 32);
  received.add(PacketType.PUBACK, 4);
  expect(received.packetsByType).toEqual({
    ...{ connect: 0, publish: 2, puback: 1, pubrec: 0, pubrel: 0, pubcomp: 0 },
    ...{ subscribe: 0, unsubscribe: 0, pingreq: 0, disconnect: 0 },
  });
  expect(received.bytesByType).toMatchObject({ publish: 2 ** 32 + 20, puback: 4, connect: 0 });
  expect([received.packets, received.bytes]).toEqual([3, 2 ** 32 + 24]);
});

it("shows of each side the types that it sends, and every type belongs to one", () => {
  const names = (["client", "server"] as const).map((sender) =>
    Object.keys(new PacketCounts(sender).packetsByType),
  );
  expect(names[1]).toContain("connack");
  expect(names[0]).not.toContain("connack");
  expect([...new Set(names.flat())].map((name) => name.toUpperCase()).sort()).toEqual(
    Object.keys(PacketType).sort(),
  );
});
