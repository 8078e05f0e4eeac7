import { describe, expect, it } from "vitest";
import type { DEFAULT_LIMITS } from "../../src/ports/limits.js";
import { Harness, publishPacket } from "../support/harness.js";

function world(limits: Partial<typeof DEFAULT_LIMITS>, keepAliveSeconds = 0) {
  const slowed: string[] = [];
  const harness = new Harness({
    limits,
    events: { onSlowDown: ({ clientId }) => void slowed.push(clientId) },
  });
  const witness = harness.connect({ clientId: "W" });
  witness.subscribe("t");
  const client = harness.connect({ clientId: "A", keepAliveSeconds });
  witness.packets();
  client.packets();
  return { harness, witness, client, slowed };
}

describe("a Client that publishes faster than it may", () => {
  it("is not read until time has made up for it, and loses nothing", () => {
    const { harness, witness, client, slowed } = world({ publishesPerSecondMax: 10 });
    for (let at = 0; at < 10; at += 1) client.publish("t", `${at}`);
    expect(client.link.isPaused).toBe(false);
    client.publish("t", "one too many");
    expect(client.link.isPaused).toBe(true);
    expect(slowed).toEqual(["A"]);
    expect(harness.broker.stats.slowedDown).toBe(1);
    expect(witness.packets()).toHaveLength(11);
    harness.advance(500);
    expect(client.link.isPaused).toBe(false);
    client.publish("t", "again");
    expect(harness.closes).toEqual([]);
  });

  it("has at most a second's worth saved up, and pays for all it has sent", () => {
    const { harness, client } = world({ publishesPerSecondMax: 10 });
    harness.advance(60_000);
    client.send(...Array.from({ length: 40 }, () => publishPacket("t")));
    expect(client.link.isPaused).toBe(true);
    harness.advance(2_500);
    expect(client.link.isPaused).toBe(true);
    harness.advance(1_000);
    expect(client.link.isPaused).toBe(false);
  });

  it("is held to its bytes as well, of packets that are not whole too", () => {
    const { harness, client, slowed } = world({ publishBytesPerSecondMax: 1_000 });
    client.publish("t", new Uint8Array(900));
    expect(client.link.isPaused).toBe(false);
    client.send(Uint8Array.of(0x30, 0xff, 0x10, ...new Uint8Array(1_100)));
    expect(client.link.isPaused).toBe(true);
    harness.advance(900);
    expect(client.link.isPaused).toBe(true);
    harness.advance(1_000);
    expect(client.link.isPaused).toBe(false);
    expect(slowed).toEqual(["A"]);
  });

  it("[M18] is not taken for silent meanwhile", () => {
    const { harness, client } = world({ publishesPerSecondMax: 1 }, 1);
    client.send(...Array.from({ length: 6 }, () => publishPacket("t")));
    harness.advance(4_500);
    expect(harness.closes).toEqual([]);
    harness.advance(3_500);
    expect(harness.closes).toMatchObject([{ clientId: "A", reason: "keep-alive" }]);
  });

  it("slows down nobody else, and is not asked about where there is no bound", () => {
    const { client, harness } = world({ publishesPerSecondMax: 1 });
    const other = harness.connect({ clientId: "B" });
    client.send(publishPacket("t"), publishPacket("t"));
    expect([client.link.isPaused, other.link.isPaused]).toEqual([true, false]);
    const free = world({});
    for (let at = 0; at < 5_000; at += 1) free.client.publish("t", "");
    expect(free.client.link.isPaused).toBe(false);
  });
});
