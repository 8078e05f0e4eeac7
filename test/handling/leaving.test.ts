import { describe, expect, it } from "vitest";
import { Harness, type Peer } from "../support/harness.js";

const FILTERS = Array.from({ length: 200 }, (_, at) => `f/${at}`);
const LAST = FILTERS.at(-1) as string;
/** What a turn may do, so many filters and those between two looks at it. */
const UNITS = 40;
const FILTERS_A_TURN = UNITS / 4 + 16;

/** A Client with many filters, in a broker whose turns are short. */
function scene(cleanSession = true, filters = FILTERS): { harness: Harness; peer: Peer } {
  const harness = new Harness({ limits: { workPerTurnMax: UNITS } });
  const peer = harness.connect({ clientId: "many", cleanSession });
  peer.subscribe(...filters);
  harness.work();
  peer.packets();
  return { harness, peer };
}

const left = (harness: Harness): number => harness.broker.gauges.subscriptions;

describe("a Session with many Subscriptions that ends", () => {
  it("[T2] is taken out of the tables in slices, each of a bounded size", () => {
    const { harness, peer } = scene();
    const steps = [left(harness)];
    peer.cut();
    steps.push(left(harness));
    while (harness.broker.needsWork) {
      harness.broker.work(harness.nowMs);
      steps.push(left(harness));
    }
    const sizes = steps.slice(1).map((count, at) => (steps[at] as number) - count);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(FILTERS_A_TURN);
    expect(steps[0]).toBe(FILTERS.length);
    expect(steps.at(-1)).toBe(0);
    expect(harness.broker.gauges.sessions).toBe(0);
  });

  it("[T2] at the bound of one look it is done at once", () => {
    const { harness, peer } = scene(true, FILTERS.slice(0, 15));
    peer.cut();
    expect([left(harness), harness.broker.needsWork]).toEqual([0, false]);
  });

  it("[MQTT-3.1.2-6] gets nothing meanwhile: no message is counted, queued or dropped", () => {
    const { harness, peer } = scene();
    const publisher = harness.connect({ clientId: "p" });
    publisher.publish(LAST, "before"); // from here on its receivers are remembered
    expect(peer.payloads()).toEqual(["before"]);
    const { messagesSent } = harness.broker.stats;
    peer.cut();
    publisher.publish(LAST, "after", { qos: 1 });
    expect(left(harness)).toBeGreaterThan(0);
    expect(harness.broker.stats.messagesSent).toBe(messagesSent);
    expect(harness.drops).toEqual([]);
    harness.work();
    expect(left(harness)).toBe(0);
  });

  it("[MQTT-3.10.4-2] [T1] gets nothing more of a message that was on its way to many", () => {
    const { harness, peer } = scene(false);
    peer.unsubscribe(LAST);
    for (let at = 0; at < 60; at += 1) harness.connect({ clientId: `s${at}` }).subscribe(LAST);
    peer.subscribe([LAST, 1]); // the last in line
    peer.cut();
    harness.connect({ clientId: "p" }).publish(LAST, "x", { qos: 1 });
    const sent = harness.broker.stats.messagesSent;
    expect(sent).toBeLessThan(60);
    harness.connect({ clientId: "many" }); // a clean one: the other Session ends
    harness.work();
    expect(harness.broker.stats.messagesSent).toBe(60);
    expect(harness.drops).toEqual([]);
    expect(left(harness)).toBe(60);
  });

  it("[MQTT-3.1.4-3] its successor under the same identifier has its own Subscriptions only", () => {
    const { harness, peer } = scene(false);
    peer.cut();
    const next = harness.connect({ clientId: "many" }); // a clean one: the other Session ends
    expect(next.sessionPresent).toBe(false);
    next.subscribe("f/0", LAST);
    const publisher = harness.connect({ clientId: "p" });
    for (const topicName of ["f/0", "f/1", "f/198", LAST]) publisher.publish(topicName, topicName);
    expect(next.payloads()).toEqual(["f/0", LAST]);
    harness.work();
    for (const topicName of ["f/0", "f/1", "f/198", LAST]) publisher.publish(topicName, topicName);
    expect(next.payloads()).toEqual(["f/0", LAST]);
    expect(left(harness)).toBe(2);
  });

  it("[M30] the other members of its shares get its messages from the first moment on", () => {
    const shares = FILTERS.map((topic) => `$share/g/${topic}`);
    const { harness, peer } = scene(true, shares);
    const other = harness.connect({ clientId: "other" });
    other.subscribe(`$share/g/${LAST}`);
    peer.cut();
    const publisher = harness.connect({ clientId: "p" });
    for (const payload of "abc") publisher.publish(LAST, payload);
    expect(left(harness)).toBeGreaterThan(1);
    expect(other.payloads()).toEqual(["a", "b", "c"]);
    harness.work();
    expect(left(harness)).toBe(1);
    expect(harness.broker.gauges.sharedSubscriptions).toBe(1);
  });

  it("[M07] keeps no stop waiting", () => {
    const { harness, peer } = scene();
    peer.cut();
    harness.broker.close(harness.nowMs);
    expect(harness.broker.needsWork).toBe(false);
  });
});
