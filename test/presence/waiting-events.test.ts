import { describe, expect, it } from "vitest";
import { isLong, WaitingEvents, waitingEvent } from "../../src/presence/waiting-events.js";
import { eventFor } from "./presence-world.js";

const item = (channelId: string, clientId = channelId) =>
  waitingEvent(eventFor(channelId, "connect", 1, { clientId }));

describe("events that wait for a journal", () => {
  it("come out in order, as many as go into a record", () => {
    const waiting = new WaitingEvents();
    for (let nth = 0; nth < 300; nth += 1) waiting.add(item(String(nth)));
    const taken: string[][] = [];
    while (waiting.count > 0) taken.push(waiting.take().map(({ event }) => event.channelId));
    expect(taken.flat()).toEqual(Array.from({ length: 300 }, (_, nth) => String(nth)));
    expect(taken.length).toBeGreaterThan(1);
    expect(waiting.size).toBe(0);
    expect(waiting.take()).toEqual([]);
  });

  it("come out alone when they are too long for any", () => {
    const waiting = new WaitingEvents();
    const long = item("b", "x".repeat(17_000));
    expect([isLong(long), isLong(item("a"))]).toEqual([true, false]);
    for (const one of [item("a"), long, item("c")]) waiting.add(one);
    expect(waiting.take()).toHaveLength(1);
    expect(waiting.take()).toEqual([long]);
    expect([...waiting].length).toBe(1);
    expect(waiting.clear()).toHaveLength(1);
    expect([waiting.count, waiting.size]).toEqual([0, 0]);
  });

  it("are written at the end of a connection whose beginning was, though that says a little more", () => {
    const clientId = "x".repeat(16_384 - item("a", "").text.length);
    const end = waitingEvent(eventFor("a", "tcpclean", 1, { clientId }));
    expect([isLong(item("a", clientId)), end.text.length > 16_384, isLong(end)]).toEqual([
      false,
      true,
      false,
    ]);
    expect(isLong(item("a", `${clientId}x`))).toBe(true);
  });
});
