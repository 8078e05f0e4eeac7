import { expect, it } from "vitest";
import { createBroker } from "../../src/index.js";
import { type SysReading, SysTopics } from "../../src/sys/sys-topics.js";

const stats = createBroker().stats();

function reading(changes: Partial<typeof stats> = {}, uptimeSeconds = 10): SysReading {
  return {
    stats: { ...stats, queues: { inFlight: 3, queued: 4, queuedBytes: 500 }, ...changes },
    uptimeSeconds,
    heapBytes: 1_000_000,
  };
}

it("tells in Mosquitto's names what the broker counts", () => {
  const topics = new SysTopics("1.2.3");
  const changes = {
    ...{ sessions: 5, offlineSessions: 2, retained: 6, retainedBytes: 60, sessionsExpired: 8 },
    ...{ payloadBytesReceived: 90, payloadBytesSent: 91, sharedSubscriptions: 9 },
  };
  const all = topics.changed(reading({ ...changes, bytesReceived: 700, drops: drops(2, 3) }));
  expect(Object.fromEntries(all)).toMatchObject({
    "$SYS/broker/version": "beeline version 1.2.3",
    "$SYS/broker/uptime": "10 seconds",
    "$SYS/broker/clients/total": "5",
    "$SYS/broker/clients/connected": "3",
    "$SYS/broker/clients/disconnected": "2",
    "$SYS/broker/clients/expired": "8",
    "$SYS/broker/publish/bytes/received": "90",
    "$SYS/broker/publish/bytes/sent": "91",
    "$SYS/broker/shared_subscriptions/count": "9",
    "$SYS/broker/bytes/received": "700",
    "$SYS/broker/messages/inflight": "3",
    "$SYS/broker/store/messages/count": "10",
    "$SYS/broker/store/messages/bytes": "560",
    "$SYS/broker/publish/messages/dropped": "5",
    "$SYS/broker/retained messages/count": "6",
    "$SYS/broker/heap/current": "1000000",
  });
  expect(all.get("$SYS/broker/load/bytes/received/1min")).toBe(
    (4200 * (1 - Math.exp(-10 / 60))).toFixed(2),
  );
});

it("tells again only what has changed, and remembers the most there was", () => {
  const topics = new SysTopics("1");
  topics.changed(reading({ sessions: 5 }));
  expect(topics.changed(reading({ sessions: 5 }))).toEqual(new Map());
  const changed = topics.changed(reading({ sessions: 4 }, 10.5));
  expect([...changed.keys()]).toEqual([
    "$SYS/broker/clients/total",
    "$SYS/broker/clients/connected",
    "$SYS/broker/clients/active",
  ]);
});

function drops(expired: number, offline: number): typeof stats.drops {
  return { ...stats.drops, expired, offline };
}
