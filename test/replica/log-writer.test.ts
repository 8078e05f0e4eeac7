import { beforeEach, describe, expect, it } from "vitest";
import { EntryKind } from "../../src/replica/log-entry.js";
import {
  FencedError,
  LogWriter,
  STALL_MS,
  type WriteResult,
} from "../../src/replica/log-writer.js";
import { FakeHomeLog, type Fate } from "./fake-home-log.js";

let log: FakeHomeLog;
let told: string[];

beforeEach(() => {
  log = new FakeHomeLog(64);
  told = [];
});

function writer(run = "00000000000000aa", last = log.last): LogWriter {
  return new LogWriter(log, log.later, run, last, {
    stalled: ({ message }) => void told.push(`stalled: ${message}`),
    recovered: () => void told.push("recovered"),
    fenced: ({ message }) => void told.push(`fenced: ${message}`),
  });
}

function append(to: LogWriter, text: string, kind: EntryKind = EntryKind.COMMIT): WriteResult[] {
  const results: WriteResult[] = [];
  to.append(kind, Buffer.from(text), (result) => results.push(result));
  return results;
}

/** These, one after the other; then all goes well. */
function fates(...all: Fate[]): void {
  log.fateOf = () => all.shift() ?? "stored";
}

describe("the writer of the log of a replica", () => {
  it("has each entry in the log once, whatever happens to the answers", () => {
    for (const fate of ["stored-unanswered", "lost", "late", "refused-for-now"] as const) {
      log = new FakeHomeLog(64);
      const one = writer();
      fates(fate);
      const results = append(one, fate);
      log.run();
      expect([fate, results, log.last]).toEqual([fate, [1], 1]);
    }
    expect(told).toEqual([]);
  });

  it("has all parts of a long one in order, whatever happens to each", () => {
    fates("stored-unanswered", "late", "lost", "refused-for-now", "stored-unanswered");
    const results = append(writer(), "x".repeat(180));
    log.run();
    expect(results).toEqual([5]);
    expect(log.last).toBe(5);
  });

  it("waits while nobody answers whether it is there", () => {
    fates("stored-unanswered");
    log.isAnswering = false;
    const results = append(writer(), "a");
    log.run(5_000);
    expect(results).toEqual([]);
    log.isAnswering = true;
    log.run();
    expect([results, log.last]).toEqual([[1], 1]);
  });

  it("is fenced by another one that has begun, and says who that is", () => {
    const old = writer();
    append(old, "mine");
    log.run();
    append(writer("00000000000000bb"), "host b", EntryKind.EPOCH);
    log.run();
    const results = append(old, "too late");
    log.run();
    const words =
      "another server (host b) has taken over what this one kept in its replica, so this one must end";
    expect(told).toEqual([`fenced: ${words}`]);
    expect(results).toEqual([new FencedError(words)]);
    const again = append(old, "and again");
    log.run();
    expect(again).toEqual([new FencedError(words)]);
    expect(log.last).toBe(2);
  });

  it("finds that out while it has nothing to write", () => {
    const old = writer();
    append(old, "mine");
    log.run();
    old.checkFence();
    log.run();
    expect(told).toEqual([]);
    append(writer("00000000000000bb"), "host b", EntryKind.EPOCH);
    log.run();
    old.checkFence();
    log.run();
    expect(old.isFenced).toBe(true);
    expect(told).toHaveLength(1);
  });

  it("finds that out where the other one has removed what came behind", () => {
    const old = writer();
    append(old, "mine");
    log.run();
    const other = writer("00000000000000bb");
    append(other, "host b", EntryKind.EPOCH);
    log.run();
    append(other, "copy", EntryKind.COPY_BEGIN);
    log.run();
    log.purgeBefore(3);
    const results = append(old, "too late");
    log.run();
    expect(told).toEqual([
      "fenced: another server has taken over what this one kept in its replica, so this one must end",
    ]);
    expect(results).toHaveLength(1);
  });

  it("never says that an entry has failed: after 20 s it says that it takes long, and goes on", () => {
    let isDown = true;
    log.fateOf = () => (isDown ? "lost" : "stored");
    const one = writer();
    const results = append(one, "a");
    log.run(STALL_MS * 4);
    expect(results).toEqual([]);
    expect(told).toEqual(["stalled: the log of the replica takes no entry (timeout)"]);
    expect(one.outage).toBeInstanceOf(Error);
    isDown = false;
    log.run();
    expect(results).toEqual([1]);
    expect(told.at(-1)).toBe("recovered");
    expect(one.outage).toBeUndefined();
  });

  it("does not go on over entries that the servers have lost, and says so", () => {
    const one = writer();
    append(one, "a");
    log.run();
    append(one, "b");
    log.run();
    log.entries.delete(2);
    log.last = 1;
    const results = append(one, "c");
    log.run(60_000);
    expect(results).toEqual([]);
    expect(told[0]).toMatch(/ends at entry 1, but had 2 already: its servers have lost entries/);
    expect(log.last).toBe(1);
  });

  it("gives up at the end of the process only", () => {
    log.fateOf = () => "lost";
    const one = writer();
    const results = append(one, "a");
    log.run(3_000);
    expect(results).toEqual([]);
    one.close();
    log.run();
    expect(results).toEqual([expect.any(Error)]);
  });

  it("does not take for another's what it has given up at its end", () => {
    log.fateOf = () => "late";
    const one = writer();
    one.close();
    append(one, "a");
    log.run();
    log.fateOf = () => "stored";
    const results = append(one, "b");
    log.run();
    expect(told).toEqual([]);
    expect(results).toEqual([new Error("this server is ending")]);
  });
});
