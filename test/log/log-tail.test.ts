import { describe, expect, it } from "vitest";
import { LogTail } from "../../src/log/log-tail.js";
import type { Logger, LogLine } from "../../src/log/logger.js";

describe("the tail of a log", () => {
  it("keeps what a logger writes, with whom it is about, and passes it on", () => {
    const written: string[] = [];
    const tail = new LogTail(() => 7);
    const log = tail.behind({
      info: (text) => written.push(text),
      warn: (text) => written.push(text),
    });
    log.info?.("connected", { client: "a", user: "u" });
    log.warn?.("late", {});
    expect(written).toEqual(["connected", "late"]);
    expect(tail.lines).toEqual([
      { atMs: 7, level: "info", text: "connected", client: "a" },
      { atMs: 7, level: "warn", text: "late" },
    ]);
  });

  it("does not make a logger want what it does not want", () => {
    const logger: Logger & { info?: LogLine } = { error: () => undefined };
    const tail = new LogTail(() => 0);
    const log = tail.behind(logger);
    log.info?.("not wanted", {});
    expect(log.info).toBeUndefined();
    logger.info = () => undefined;
    log.info?.("wanted by now", {});
    expect(tail.lines.map(({ text }) => text)).toEqual(["wanted by now"]);
  });

  it("holds the last 500 lines", () => {
    const tail = new LogTail(() => 0);
    const log = tail.behind({ info: () => undefined });
    for (let line = 0; line <= 500; line += 1) log.info?.(`${line}`, {});
    expect(tail.lines).toHaveLength(500);
    expect(tail.lines[0]?.text).toBe("1");
  });

  it("tells whoever follows, until that ends", () => {
    const tail = new LogTail(() => 0);
    const log = tail.behind({ info: () => undefined });
    const told: string[] = [];
    log.info?.("before", {});
    const stop = tail.follow(({ text }) => told.push(text));
    log.info?.("during", {});
    stop();
    log.info?.("after", {});
    expect(told).toEqual(["during"]);
  });
});
