import { describe, expect, it } from "vitest";
import { EncodedTopics } from "../../src/codec/encoded-topics.js";

const encoder = new TextEncoder();

function remember(topics: EncodedTopics, topic: string): void {
  const bytes = Uint8Array.from([0, ...encoder.encode(topic), 0]);
  topics.remember(topic, bytes, 1, bytes.length - 1);
}

describe("EncodedTopics", () => {
  it("gives the bytes of what it remembers", () => {
    const topics = new EncodedTopics();
    for (const topic of ["a", "é/1", "x".repeat(64)]) {
      expect(topics.find(topic)).toBe(-1);
      remember(topics, topic);
      const slot = topics.find(topic);
      const target = new Uint8Array(70);
      topics.copy(slot, target, 3);
      expect(target.slice(3, 3 + topics.lengthAt(slot))).toEqual(encoder.encode(topic));
    }
  });

  it("never finds the empty topic, which nobody may send", () => {
    expect(new EncodedTopics().find("")).toBe(-1);
  });

  it("does not remember long topics", () => {
    const topics = new EncodedTopics();
    remember(topics, "x".repeat(65));
    expect(topics.find("x".repeat(65))).toBe(-1);
  });

  it("forgets, but never confuses", () => {
    const topics = new EncodedTopics();
    const target = new Uint8Array(64);
    for (let index = 0; index < 3000; index++) remember(topics, `device/${index}`);
    let found = 0;
    for (let index = 0; index < 3000; index++) {
      const slot = topics.find(`device/${index}`);
      if (slot < 0) continue;
      found++;
      topics.copy(slot, target, 0);
      expect(target.slice(0, topics.lengthAt(slot))).toEqual(encoder.encode(`device/${index}`));
    }
    expect(found).toBeGreaterThan(0);
    expect(found).toBeLessThanOrEqual(256);
  });
});
