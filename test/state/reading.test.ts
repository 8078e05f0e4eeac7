import { describe, expect, it } from "vitest";
import { allowReading, isStoppedFor, StopReason, stopReading } from "../../src/state/reading.js";
import { Harness } from "../support/harness.js";

const reasons = Object.entries(StopReason);
const pairs = reasons.flatMap(([a, one], at) =>
  reasons.slice(at + 1).map(([b, other]) => ({ a, one, b, other })),
);

function make() {
  const { connection, link } = new Harness().open();
  return { connection, link };
}

describe("a peer is not read while there is a reason", () => {
  it.each(reasons)("%s alone stops and starts it, however often it is said", (_name, reason) => {
    const { connection, link } = make();
    stopReading(connection, reason);
    stopReading(connection, reason);
    expect([link.isPaused, isStoppedFor(connection, reason)]).toEqual([true, true]);
    allowReading(connection, reason);
    expect([link.isPaused, isStoppedFor(connection, reason)]).toEqual([false, false]);
  });

  it.each(pairs)("$a and $b: the first taken away leaves it stopped, in both orders", (pair) => {
    const { one, other } = pair;
    for (const [first, last] of [
      [one, other],
      [other, one],
    ] as const) {
      const { connection, link } = make();
      stopReading(connection, one);
      stopReading(connection, other);
      allowReading(connection, first);
      expect([link.isPaused, isStoppedFor(connection, last)]).toEqual([true, true]);
      allowReading(connection, last);
      expect(link.isPaused).toBe(false);
    }
  });

  it("a reason that was never given takes nothing away, and resumes nobody", () => {
    const { connection, link } = make();
    let resumed = 0;
    link.resume = () => {
      resumed += 1;
    };
    allowReading(connection, StopReason.HELD);
    stopReading(connection, StopReason.DEAF);
    allowReading(connection, StopReason.HELD);
    expect([resumed, link.isPaused]).toEqual([0, true]);
  });

  it("only this file stops and starts a Link", async () => {
    const { readdirSync, readFileSync } = await import("node:fs");
    const root = new URL("../../src/", import.meta.url);
    const rooms = ["broker", "handling", "sending", "state", "ports"];
    const files = rooms.flatMap((room) =>
      readdirSync(new URL(`${room}/`, root)).map((file) => `${room}/${file}`),
    );
    const callers = files.filter((file) =>
      /\.(pause|resume)\(\)/.test(readFileSync(new URL(file, root), "utf8")),
    );
    expect(callers).toEqual(["state/reading.ts"]);
  });
});
