import { afterEach, expect, it, vi } from "vitest";
import { createBroker } from "../../src/index.js";
import { History } from "../../src/metrics/history.js";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const end of ends.splice(0)) await end();
});

async function world() {
  const broker = createBroker();
  const clock = { nowMs: 0 };
  const commits = vi.fn<() => { p50Ms: number; p99Ms: number } | undefined>();
  const history = new History({ broker, commits, nowMs: () => clock.nowMs });
  ends.push(
    () => history.close(),
    () => broker.close(),
  );
  return { broker, clock, commits, history };
}

it("measures what happened since the last look, by the second", async () => {
  const { broker, clock, commits, history } = await world();
  const client = await broker.connectInProcess({ clientId: "a" });
  for (let count = 0; count < 6; count += 1) {
    await client.publish({ topicName: "t", payload: "x", qos: 1 });
  }
  commits.mockReturnValueOnce({ p50Ms: 1, p99Ms: 2 });
  clock.nowMs = 3_000;
  history.look();
  const { times, series } = history.after();
  expect(times).toEqual([3_000]);
  expect(series).toMatchObject({
    ...{ messagesIn: [2], connects: [1 / 3], connected: [1], commitP50Ms: [1], commitP99Ms: [2] },
  });
  clock.nowMs = 5_000;
  history.look();
  expect(history.after(3_000)).toMatchObject({
    times: [5_000],
    series: { messagesIn: [0], commitP99Ms: [null] },
  });
});

it("names what was dropped by its reason, as long as there was some", async () => {
  const { broker, clock, history } = await world();
  const receiver = await broker.connectInProcess({ clientId: "r", cleanSession: false });
  await receiver.subscribe("t", 1);
  await receiver.disconnect();
  await broker.publish({ topicName: "t", payload: "x", qos: 1 });
  broker.clearQueue("r");
  clock.nowMs = 1_000;
  history.look();
  clock.nowMs = 2_000;
  history.look();
  expect(history.after().series).toMatchObject({
    ...{ "drops.cleared": [1, null], messagesDropped: [1, 0] },
  });
});

it("leaves out what a clock that was set back would make of it", async () => {
  const { clock, history } = await world();
  clock.nowMs = -1;
  history.look();
  expect(history.after().times).toEqual([]);
});

it("holds a quarter of an hour, and looks every two seconds until it is closed", async () => {
  vi.useFakeTimers();
  const { clock, history } = await world();
  for (let count = 0; count < 451; count += 1) {
    clock.nowMs += 2_000;
    vi.advanceTimersByTime(2_000);
  }
  expect(history.after().times).toHaveLength(450);
  expect(history.after().times[0]).toBe(4_000);
  history.close();
  clock.nowMs += 2_000;
  vi.advanceTimersByTime(2_000);
  expect(history.after().times).toHaveLength(450);
});
