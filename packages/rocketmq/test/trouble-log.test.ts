import { describe, expect, it } from "vitest";
import { TroubleLog } from "../src/trouble-log.js";

function world() {
  const lines: string[] = [];
  const line = (text: string): void => {
    lines.push(text);
  };
  const clock = { nowMs: 0 };
  return { lines, clock, log: new TroubleLog({ info: line, warn: line }, () => clock.nowMs) };
}

describe("lines about trouble", () => {
  it("come once a minute, and count what they leave out", () => {
    const { log, lines, clock } = world();
    for (clock.nowMs = 0; clock.nowMs <= 60_000; clock.nowMs += 20_000) log.warn("a", "bad");
    log.warn("b", "worse");
    expect(lines).toEqual(["bad", "bad (and 2 more like it)", "worse"]);
  });

  it("say when it is over, if there was one", () => {
    const { log, lines } = world();
    log.over("a", "good");
    log.warn("a", "bad");
    log.over("a", "good");
    log.warn("a", "bad");
    expect(lines).toEqual(["bad", "good", "bad"]);
  });

  it("go nowhere without a logger", () => {
    const log = new TroubleLog({}, Date.now);
    log.warn("a", "bad");
    log.over("a", "good");
  });
});
