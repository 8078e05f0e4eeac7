import { describe, expect, it } from "vitest";
import { decodeAppend } from "../../src/cluster/entries.js";
import { ENTRY_BYTES_MAX } from "../../src/cluster/fabric.js";
import { OrderWriter } from "../../src/cluster/order-writer.js";

const NODE = "0123456789abcdef";

class Appends {
  readonly sent: Uint8Array[] = [];
  readonly answers: ((isStored: boolean) => void)[] = [];

  append(bytes: Uint8Array, done: (isStored: boolean) => void): void {
    this.sent.push(bytes.slice());
    this.answers.push(done);
  }

  send(): void {}
}

describe("the hand on the order log", () => {
  it("has one append under way, and everything that comes up meanwhile in the next", () => {
    const appends = new Appends();
    const writer = new OrderWriter(appends, NODE);
    writer.add({ kind: 128, name: "n" });
    writer.work(1);
    writer.add({ kind: 133, topicFilter: "a" });
    writer.add({ kind: 133, topicFilter: "b" });
    writer.work(2);
    expect(appends.sent.map((bytes) => decodeAppend(bytes).number)).toEqual([1]);
    writer.readBack(1, 5);
    expect([writer.readBackSentMs, writer.lagMs]).toEqual([1, 4]);
    writer.work(6);
    expect(decodeAppend(appends.sent[1] as Uint8Array)).toMatchObject({
      number: 2,
      entries: [{ topicFilter: "a" }, { topicFilter: "b" }],
    });
  });

  it("puts 2,000 entries into an append at most: all nodes take it up in one turn", () => {
    const appends = new Appends();
    const writer = new OrderWriter(appends, NODE);
    for (let at = 0; at < 2_001; at += 1) writer.add({ kind: 134, topicFilter: "a" });
    writer.work(1);
    writer.readBack(1, 2);
    writer.work(3);
    const counts = appends.sent.map((bytes) => decodeAppend(bytes).entries.length);
    expect(counts).toEqual([2_000, 1]);
  });

  it("[L08] what is not known to be stored is sent again as it was, until it is read back", () => {
    const appends = new Appends();
    const writer = new OrderWriter(appends, NODE);
    writer.add({ kind: 128, name: "n" });
    writer.work(1);
    appends.answers[0]?.(true);
    writer.work(2);
    expect(appends.sent).toHaveLength(1); // the log has it: it will be read
    const other = new OrderWriter(appends, NODE);
    other.add({ kind: 128, name: "n" });
    other.work(1);
    appends.answers[1]?.(false);
    expect(other.hasWork).toBe(true);
    other.work(2);
    expect(appends.sent[2]).toEqual(appends.sent[1]);
    other.readBack(1, 9);
    expect(other.readBackSentMs).toBe(1); // by the first try: what a later one proves, it proves too
  });

  it("an append has no more bytes than one may have", () => {
    const appends = new Appends();
    const writer = new OrderWriter(appends, NODE);
    const topicFilter = "x".repeat(60_000);
    for (let count = 0; count < 10; count += 1) writer.add({ kind: 133, topicFilter });
    for (let number = 1; !writer.isIdle; number += 1) {
      writer.work(number);
      writer.readBack(number, number);
    }
    expect(appends.sent.length).toBeGreaterThan(2);
    for (const bytes of appends.sent) expect(bytes.length).toBeLessThanOrEqual(ENTRY_BYTES_MAX);
  });
});
