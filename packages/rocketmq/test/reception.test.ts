import { describe, expect, it } from "vitest";
import { newTally } from "../src/counts.js";
import { Reception } from "../src/reception.js";
import { TroubleLog } from "../src/trouble-log.js";

describe("what arrives from RocketMQ", () => {
  it("is told topic by topic, when it changes", () => {
    const lines: string[] = [];
    const line = (text: string): void => {
      lines.push(text);
    };
    const tally = newTally();
    const log = new TroubleLog({ info: line, warn: line }, Date.now);
    const reception = new Reception("h:1", ["a", "b"], tally, log);
    expect(reception.failure).toBe("not connected yet");
    reception.receiving("a", undefined);
    expect(reception.failure).toBe("not connected yet");
    reception.receiving("b", "down");
    expect(reception.failure).toBe("down");
    reception.receiving("b", undefined);
    reception.receiving("b", undefined);
    expect(reception.failure).toBeUndefined();
    reception.receiving("a", "gone");
    reception.acknowledged(undefined);
    reception.acknowledged("too late");
    expect(tally.acknowledged).toBe(1);
    expect(lines).toEqual([
      "receiving the topic a from RocketMQ at h:1",
      "cannot receive the topic b from RocketMQ at h:1: down; it is tried again",
      "receiving the topic b from RocketMQ at h:1 again",
      "cannot receive the topic a from RocketMQ at h:1: gone; it is tried again",
      "RocketMQ will send a message again: too late",
    ]);
  });
});
