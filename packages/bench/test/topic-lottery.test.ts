import { describe, expect, it } from "vitest";
import { PublishBlock } from "../src/packets.js";
import { groupOf, TopicLottery } from "../src/topic-lottery.js";

const LAYOUT = { groupAt: 2, topicAt: 6 };
const RANGE = { from: 5000, count: 2000, receiverOf: (topic: number) => (topic < 5500 ? 0 : 1) };

function blockOf(capacity: number): PublishBlock {
  const shape = {
    topicName: "t/000/0000000",
    qos: 0,
    payloadBytes: 16,
    run: 1,
    sender: 0,
  } as const;
  return new PublishBlock({ ...shape, capacity });
}

function drawn(seed: number): { topics: number[]; counters: number[]; lottery: TopicLottery } {
  const lottery = new TopicLottery(LAYOUT, RANGE, 2, seed);
  const block = blockOf(400);
  const counters = Array.from({ length: 400 }, (_, index) => lottery.draw(block, index));
  const names = Array.from({ length: 400 }, (_, index) =>
    block.bytes.toString("latin1", index * block.packetBytes + 4, index * block.packetBytes + 17),
  );
  const topics = names.map((name) => Number(name.slice(6)));
  expect(names.map((name) => Number(name.slice(2, 5)))).toEqual(topics.map(groupOf));
  return { topics, counters, lottery };
}

describe("the topic lottery", () => {
  it("draws from the whole range, and nothing outside it", () => {
    const { topics } = drawn(1);
    expect(Math.min(...topics)).toBeGreaterThanOrEqual(5000);
    expect(Math.max(...topics)).toBeLessThan(7000);
    expect(new Set(topics).size).toBeGreaterThan(300);
  });

  it("counts for each receiver on its own", () => {
    const { topics, counters, lottery } = drawn(2);
    const ofFirst = counters.filter((_, at) => (topics[at] as number) < 5500);
    expect(ofFirst).toEqual(Array.from({ length: ofFirst.length }, (_, at) => at));
    expect([lottery.sentTo(0), lottery.sentTo(1)]).toEqual([ofFirst.length, 400 - ofFirst.length]);
  });

  it("draws the same for the same seed, and other topics for another", () => {
    expect(drawn(3).topics).toEqual(drawn(3).topics);
    expect(drawn(3).topics).not.toEqual(drawn(4).topics);
  });
});
