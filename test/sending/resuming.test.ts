import { describe, expect, it } from "vitest";
import type { Publish } from "../../src/engine.js";
import { Harness, type Peer, textOf } from "../support/harness.js";

const WHO = { clientId: "c", cleanSession: false } as const;

/** A Client that is away with twenty messages in flight, told apart by their payloads. */
function withTwentyInFlight() {
  const harness = new Harness({ limits: { inFlightMax: 50, workPerTurnMax: 10 } });
  const client = harness.connect(WHO);
  client.subscribe(["t", 2]);
  const publisher = harness.connect({ clientId: "publisher" });
  const send = (payload: number | string, qos: 0 | 1 = 1) =>
    publisher.publish("t", `${payload}`, { qos, packetId: 1 });
  for (let at = 1; at <= 20; at += 1) send(at);
  harness.work();
  client.publishes();
  client.cut();
  return { harness, send, back: () => harness.connect(WHO) };
}

/** What one call of the engine more has brought. */
function nextOf(harness: Harness, peer: Peer): Publish[] {
  harness.broker.work(harness.nowMs);
  harness.broker.flush();
  return peer.publishes();
}

const payloads = (publishes: readonly Publish[]) => publishes.map(({ payload }) => textOf(payload));
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => `${from + at}`);

describe("a Session that is resumed with much in flight", () => {
  it("[M14] [MQTT-4.6.0-1] is sent it again in slices, in order, and what is new comes behind it", () => {
    const { harness, send, back } = withTwentyInFlight();
    const client = back();
    const got = client.publishes();
    expect(got.length).toBeGreaterThan(0);
    expect(got.length).toBeLessThan(10);
    send("new");
    send("newer", 0);
    expect(payloads(client.publishes())).toEqual([]);
    while (harness.broker.needsWork) {
      const more = nextOf(harness, client);
      expect(more.length).toBeLessThan(10);
      got.push(...more);
    }
    expect(payloads(got)).toEqual([...numbers(1, 20), "new", "newer"]);
    expect(got.map(({ dup }) => dup)).toEqual(got.map((_, at) => at < 20));
    send("live");
    expect(client.payloads()).toEqual(["live"]);
    expect(harness.broker.stats.resent).toBe(20);
  });

  it("[M14] what it acknowledges before that comes again never does", () => {
    const { harness, back } = withTwentyInFlight();
    const client = back();
    const got = client.publishes();
    const last = 20;
    expect(got.map(({ packetId }) => packetId)).not.toContain(last);
    client.puback(last);
    while (harness.broker.needsWork) got.push(...nextOf(harness, client));
    expect(payloads(got)).toEqual(numbers(1, 19));
  });

  it("[M14] [F14] is sent all of it when it is cut in the middle and comes back", () => {
    const { harness, back } = withTwentyInFlight();
    const first = back();
    first.puback(1);
    first.cut();
    const second = back();
    const got = second.publishes();
    while (harness.broker.needsWork) got.push(...nextOf(harness, second));
    expect(payloads(got)).toEqual(numbers(2, 20));
  });
});
