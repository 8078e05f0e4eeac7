import { describe, expect, it } from "vitest";
import { EncodedTopics } from "../../../src/codec/text/encoded-topics.js";

const encoder = new TextEncoder();

function remember(topics: EncodedTopics, topic: string): void {
  const bytes = Uint8Array.from([0, ...encoder.encode(topic), 0]);
  topics.remember(topic, bytes, 1, bytes.length - 1);
}

/** The bytes of a topic that is remembered, with and without a view of where they go. */
function recalled(topics: EncodedTopics, topic: string): Uint8Array | undefined {
  const place = topics.find(topic);
  if (place === undefined) return undefined;
  const target = new Uint8Array(80).fill(0xee);
  const other = target.slice();
  topics.copy(place, target, undefined, 3);
  topics.copy(place, other, new DataView(other.buffer), 3);
  expect(target).toEqual(other);
  const end = 3 + topics.lengthAt(place);
  expect([...target.slice(0, 3), ...target.slice(end)].every((byte) => byte === 0xee)).toBe(true);
  return target.slice(3, end);
}

describe("EncodedTopics", () => {
  it("gives the bytes of what it remembers", () => {
    const topics = new EncodedTopics();
    for (const topic of ["a", "é/1", "abcd/ef", "x".repeat(64)]) {
      expect(recalled(topics, topic)).toBeUndefined();
      remember(topics, topic);
      expect(recalled(topics, topic)).toEqual(encoder.encode(topic));
    }
  });

  it("does not remember long topics", () => {
    const topics = new EncodedTopics();
    remember(topics, "x".repeat(65));
    expect(topics.find("x".repeat(65))).toBeUndefined();
    remember(topics, "é".repeat(33)); // 66 bytes
    expect(topics.find("é".repeat(33))).toBeUndefined();
  });

  it("holds 32 KiB to the last byte, and begins anew with the next topic", () => {
    const topics = new EncodedTopics();
    const names = Array.from({ length: 512 }, (_, index) => String(index).padStart(64, "x"));
    for (const name of names) remember(topics, name);
    expect(names.every((name) => topics.find(name) !== undefined)).toBe(true);
    expect(recalled(topics, names[511] as string)).toEqual(encoder.encode(names[511]));
    remember(topics, "a");
    expect(names.some((name) => topics.find(name) !== undefined)).toBe(false);
    expect(recalled(topics, "a")).toEqual(encoder.encode("a"));
  });

  it("forgets when it is full, but never confuses", () => {
    const topics = new EncodedTopics();
    const names = Array.from({ length: 5000 }, (_, index) => `device/${index}`);
    for (const name of names) remember(topics, name);
    let found = 0;
    for (const name of names) {
      const bytes = recalled(topics, name);
      if (bytes === undefined) continue;
      found++;
      expect(bytes).toEqual(encoder.encode(name));
    }
    expect(found).toBeGreaterThan(0);
    expect(found).toBeLessThan(32_768 / "device/1000".length);
  });
});
