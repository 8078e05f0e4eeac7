import { describe, expect, it } from "vitest";
import { doubles, judge } from "./judge.js";

const sent = (...payloads: string[]) => ({
  acknowledged: payloads.map((payload) => ({
    ...{ topicName: "t", payload, qos: 1 as const, retain: false, isReceived: false },
  })),
});

function judged(received: string[], settled: [payload: string, arrived: number][] = []): string[] {
  const published = new Set(["plain:w:1", "plain:w:2", "ordered:w:3", "ordered:w:4"]);
  const writers = [sent("plain:w:1", "ordered:w:3", "ordered:w:4")];
  return judge({ reader: { received }, writers, published, settled: new Map(settled) });
}

describe("the judge of the faults", () => {
  it("finds nothing wrong with what was unacknowledged and came twice, or not at all", () => {
    const received = ["plain:w:1", "ordered:w:3", "ordered:w:4", "ordered:w:3", "plain:w:1"];
    expect(judged(received)).toEqual([]);
    expect(judged(["plain:w:2", ...received])).toEqual([]);
    expect(doubles(received)).toEqual(["ordered:w:3", "plain:w:1"]);
  });

  it("finds what is lost, out of order, made up, or came again without a reason", () => {
    expect(judged(["ordered:w:3", "ordered:w:4"])).toEqual([
      "plain:w:1 was acknowledged and is lost",
    ]);
    expect(judged(["plain:w:1", "ordered:w:4", "ordered:w:3"])).toEqual([
      "ordered:w:3 came behind ordered:w:4",
    ]);
    const all = ["plain:w:1", "ordered:w:3", "ordered:w:4"];
    expect(judged([...all, "plain:w:9"])).toEqual(["nobody has published plain:w:9"]);
    const again = [...all, "plain:w:1"];
    expect(judged(again, [["plain:w:1", 3]])).toEqual([
      "plain:w:1 came again, though it was acknowledged before the fault",
    ]);
    expect(judged(again, [["plain:w:1", 4]])).toEqual([]);
  });
});
