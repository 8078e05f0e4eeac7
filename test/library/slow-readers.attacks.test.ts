import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import type { ListenerOptions } from "../../src/library/listener-rows.js";
import { createBroker } from "../../src/library/mqtt-broker.js";
import type { Limits } from "../../src/ports/limits.js";
import { publishPacket, subscribePacket } from "../net/raw-client.js";
import { acceptedThrough, DOORS, type Door, type DoorClient } from "../support/doors.js";
import { TestCa } from "../support/test-ca.js";

/** A few of these fill what the system keeps of a connection, and then what the broker may keep. */
const PAYLOAD = "x".repeat(256 * 1024);
/** The system keeps less than this of a connection, here. */
const MESSAGES_MAX = 400;

const ca = new TestCa();
const files = ca.issue();
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
afterAll(() => ca.remove());

/** A broker with one door; Clients that subscribe to what floods, or not. */
async function behind(door: Door, limits: Partial<Limits>) {
  const broker = createBroker({ limits });
  closers.push(() => broker.close());
  const isSecure = door === "tls" || door === "wss";
  const options = { type: door, port: 0, ...(isSecure && files) } as ListenerOptions; // as its type asks
  const address = await broker.listen(options);
  const open = async (clientId: string): Promise<DoorClient> => {
    const client = await acceptedThrough(door, address, { clientId });
    closers.push(() => client.stream.destroy());
    return client;
  };
  const reader = async (clientId: string): Promise<DoorClient> => {
    const client = await open(clientId);
    client.send(subscribePacket("flood"));
    await client.until(() => client.packets.length === 2);
    return client;
  };
  return { broker, open, reader };
}

/** Sends one message after the other, each when `quick` has the one before, until something is true. */
async function floodUntil(sender: DoorClient, quick: DoorClient, isTrue: () => boolean) {
  for (let sent = 1; !isTrue() && sent <= MESSAGES_MAX; sent += 1) {
    sender.send(publishPacket("flood", PAYLOAD));
    await quick.until(() => quick.packets.length === 2 + sent);
  }
  expect(isTrue()).toBe(true);
}

describe.each(DOORS)("readers that do not read, over %s", (door) => {
  it("[I04] [I06] [M24] have a bound, each and all, and cost nobody else a message", async () => {
    const each = { outboundBytesMax: 1_000_000 };
    const all = { outboundTotalBytesMax: 1_000_000 };
    for (const limits of [each, all]) {
      const { broker, open, reader } = await behind(door, limits);
      for (const clientId of ["slow-1", "slow-2"]) (await reader(clientId)).stream.pause();
      const quick = await reader("quick");
      await floodUntil(
        await open("sender"),
        quick,
        () => broker.stats().drops["slow-receiver"] > 0,
      );
      expect(quick.isClosed).toBe(false);
    }
  });

  it("[I05] [M24] are hung up on when they take nothing for a time", async () => {
    const { broker, open, reader } = await behind(door, { stalledMs: 100 });
    const slow = await reader("slow");
    slow.stream.pause();
    const sender = await open("sender"); // is sent nothing, so that it cannot be late
    for (let sent = 0; sent < 60; sent += 1) sender.send(publishPacket("flood", PAYLOAD));
    await vi.waitUntil(() => broker.stats().closes["stalled"] === 1, { timeout: 30_000 });
    expect(sender.isClosed).toBe(false);
  });
});
