import { describe, expect, it } from "vitest";
import type { KeptRecord } from "../../src/cluster/fabric.js";
import { RetainedReader } from "../../src/cluster/retained-record.js";
import { RetainedWriter } from "../../src/cluster/retained-writer.js";
import { Message } from "../../src/session/message.js";
import { bytesOf, textOf } from "../support/harness.js";

function message(topicName: string, payload: string): Message {
  const block = bytesOf(payload);
  return new Message(topicName, bytesOf(topicName), block, 0, block.length, 1);
}

/** One obligation that writes down what became of it. */
function owed(into: string[], name: string) {
  return { settle: () => void into.push(name), fail: () => void into.push(`${name} failed`) };
}

function world() {
  const sent: string[] = [];
  const told: string[] = [];
  const ends: string[] = [];
  const reader = new RetainedReader();
  const writer = new RetainedWriter({
    keep: ({ number, bytes, isRemoval }: KeptRecord) => {
      const { topicName, message: found } = reader.read(bytes);
      expect(found === undefined).toBe(isRemoval);
      sent.push(`${number} ${topicName} ${found === undefined ? "-" : textOf(found.payload)}`);
    },
  });
  const put = (topicName: string, payload: string, name?: string): void => {
    const given = payload === "" ? undefined : message(topicName, payload);
    writer.put(topicName, given, name === undefined ? undefined : owed(ends, name));
    writer.work(1_000);
  };
  const answered = (number: number, sequence?: number): void => {
    writer.answered(number, sequence, 1_007, (topicName, found) => {
      told.push(`${topicName} ${found === undefined ? "-" : textOf(found.payload)}`);
    });
    writer.work(1_000);
  };
  return { sent, told, ends, writer, put, answered };
}

describe("what a node has retained itself", () => {
  it("goes to the log, and its publisher waits until it is there", () => {
    const { sent, ends, writer, put, answered } = world();
    put("t", "x", "one");
    put("u", "", "two");
    expect([sent, ends]).toEqual([["1 t x", "2 u -"], []]);
    answered(2, 7);
    expect(ends).toEqual(["two"]);
    answered(1, 8);
    answered(1, 8);
    expect(ends).toEqual(["two", "one"]);
    expect([writer.count, writer.byteCount]).toEqual([0, 0]);
  });

  it("of each topic one record is under way, and only the last one behind it", () => {
    const { sent, ends, writer, put, answered } = world();
    put("t", "1", "one");
    put("t", "2", "two");
    put("t", "3", "three");
    expect(sent).toEqual(["1 t 1"]);
    answered(1, 1);
    expect(ends).toEqual(["one"]);
    expect(sent).toEqual(["1 t 1", "2 t 3"]);
    answered(2, 2);
    expect(ends).toEqual(["one", "two", "three"]);
    expect([writer.count, writer.byteCount]).toEqual([0, 0]);
  });

  it("[L08] is sent again under its number when nobody knows what became of it", () => {
    const { sent, ends, writer, put, answered } = world();
    put("t", "1", "one");
    answered(1);
    put("t", "2");
    expect(sent).toEqual(["1 t 1", "1 t 1"]);
    expect([ends, writer.count]).toEqual([[], 1]);
    answered(1, 4);
    expect([sent.at(-1), ends]).toEqual(["2 t 2", ["one"]]);
  });

  it("gives way to what another node has written behind it, and not to what stands before", () => {
    const before = world();
    before.put("t", "own");
    expect(before.writer.isLast("t", 5, message("t", "other"))).toBe(false);
    before.answered(1, 6);
    expect(before.writer.lagMs).toBe(7);
    expect(before.told).toEqual([]);
    expect(before.writer.isLast("t", 6, message("t", "own"))).toBe(false);
    expect(before.writer.isLast("t", 7, message("t", "later"))).toBe(true);
    const behind = world();
    behind.put("t", "own");
    expect(behind.writer.isLast("t", 6, message("t", "other"))).toBe(false);
    behind.answered(1, 5);
    expect(behind.told).toEqual(["t other"]);
    expect(behind.writer.has("t")).toBe(false);
    const removed = world();
    removed.put("t", "own");
    removed.writer.isLast("t", 6, undefined);
    removed.answered(1, 5);
    expect(removed.told).toEqual(["t -"]);
    for (const { writer } of [before, behind, removed]) expect(writer.byteCount).toBe(0);
  });

  it("stays while the log is read up to it", () => {
    const { writer, put, answered } = world();
    put("t", "own");
    answered(1, 9);
    expect(writer.isLast("t", 8, message("t", "before"))).toBe(false);
    expect(writer.isLast("t", 10, message("t", "behind"))).toBe(true);
    expect(writer.isLast("u", 1, undefined)).toBe(true);
  });

  it("read back before the answer it needs nothing more", () => {
    const { told, writer, put, answered } = world();
    put("t", "own");
    writer.isLast("t", 3, message("t", "own"));
    answered(1, 3);
    expect(told).toEqual([]);
    expect(writer.has("t")).toBe(false);
  });

  it("what replaces one that is stored and not read yet is held against the same order", () => {
    const { told, writer, put, answered } = world();
    put("t", "1");
    answered(1, 5);
    put("t", "2");
    expect(writer.isLast("t", 5, message("t", "1"))).toBe(false);
    expect(writer.isLast("t", 7, message("t", "other"))).toBe(false);
    answered(2, 6);
    expect(told).toEqual(["t other"]);
  });

  it("[L07] no more than 256 records or 4 MiB are under way; the rest waits, and counts", () => {
    const many = world();
    for (let at = 0; at < 300; at += 1) many.put(`t${at}`, "x");
    expect(many.sent).toHaveLength(256);
    expect(many.writer.hasWork).toBe(false);
    many.answered(1, 1);
    expect(many.sent).toHaveLength(257);
    const large = world();
    for (let at = 0; at < 20; at += 1) large.put(`t${at}`, "x".repeat(500_000));
    expect(large.sent).toHaveLength(9);
    expect(large.writer.isFull).toBe(false);
    for (let at = 20; at < 34; at += 1) large.put(`t${at}`, "x".repeat(500_000));
    expect(large.writer.isFull).toBe(true);
    expect(large.writer.hasRoom).toBe(false);
  });

  it("[L07] is full at 10,000 topics", () => {
    const { writer, put } = world();
    for (let at = 0; at < 9_999; at += 1) put(`t${at}`, "x");
    expect(writer.isFull).toBe(false);
    put("one more", "x");
    expect(writer.isFull).toBe(true);
  });

  it("is dropped when the node starts anew: who waits is told, and late answers mean nothing", () => {
    const { ends, writer, put, answered } = world();
    put("t", "1", "one");
    put("t", "2", "two");
    writer.drop(new Error("anew"));
    answered(1, 1);
    expect(ends).toEqual(["one failed", "two failed"]);
    expect([writer.count, writer.byteCount, writer.hasWork]).toEqual([0, 0, false]);
    expect(writer.nextNumber()).toBe(2);
  });

  it("forgets places, which may be those of another log", () => {
    const { writer, put, answered } = world();
    put("t", "1");
    answered(1, 100);
    writer.forgetPlaces();
    expect(writer.isLast("t", 1, message("t", "of the new log"))).toBe(true);
  });
});
