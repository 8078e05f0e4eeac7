import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { matches } from "../../src/topic/matches.js";
import { LOOKED_AT_MAX } from "../../src/viewing/page.js";
import { bytesOf, Harness, textOf } from "../support/harness.js";
import { topicFilter, topicName } from "../topic/topics.js";

function worldOf(...topicNames: readonly string[]): Harness {
  const harness = new Harness();
  for (const name of topicNames) retain(harness, name, name);
  return harness;
}

function retain({ broker, nowMs }: Harness, topicName: string, payload: string): void {
  broker.publish({ topicName, payload: bytesOf(payload), qos: 1, retain: true }, nowMs);
}

function walk(harness: Harness, filter: string | undefined, limit: number): string[] {
  const found: string[] = [];
  let after: string | undefined;
  do {
    const page = harness.broker.view.retained({ after, limit, topicFilter: filter });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    found.push(...page.items.map((one) => one.topicName));
    after = page.next;
  } while (after !== undefined);
  return found;
}

describe("pages of retained messages", () => {
  const names = ["a", "a/b", "a/b/c", "a/bc", "ab", "b/c", "$SYS/x"];

  it.each<[string | undefined, string[]]>([
    [undefined, ["$SYS/x", "a", "a/b", "a/b/c", "a/bc", "ab", "b/c"]],
    ["#", ["a", "a/b", "a/b/c", "a/bc", "ab", "b/c"]],
    ["$SYS/#", ["$SYS/x"]],
    ["a/#", ["a", "a/b", "a/b/c", "a/bc"]],
    ["a/b", ["a/b"]],
    ["a/+", ["a/b", "a/bc"]],
    ["+/b/#", ["a/b", "a/b/c"]],
    ["c", []],
  ])("hold for %s what it matches, in order", (filter, found) => {
    for (const limit of [1, 2, 100]) expect(walk(worldOf(...names), filter, limit)).toEqual(found);
  });

  it("tell QoS and size; one alone comes with a copy of its payload", () => {
    const harness = worldOf("t");
    retain(harness, "t", "hello");
    const { view } = harness.broker;
    expect(view.retained({ after: undefined, limit: 9, topicFilter: undefined }).items).toEqual([
      { topicName: "t", qos: 1, payloadBytes: 5 },
    ]);
    const message = view.retainedMessage("t");
    expect(message).toMatchObject({ topicName: "t", qos: 1, payloadBytes: 5 });
    message?.payload.fill(0);
    expect(textOf(view.retainedMessage("t")?.payload ?? new Uint8Array())).toBe("hello");
    expect(view.retainedMessage("u")).toBeUndefined();
  });

  it("look at a bounded number, even where nothing matches", () => {
    const count = LOOKED_AT_MAX + 1;
    const harness = worldOf(...Array.from({ length: count }, (_, n) => `${100_000 + n}/a`));
    const page = harness.broker.view.retained({ after: undefined, limit: 9, topicFilter: "+/b" });
    expect(page).toEqual({ items: [], next: `${100_000 + LOOKED_AT_MAX - 1}/a` });
  });
});

test("a walk finds what the plain matcher finds, in order", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(topicName, { maxLength: 40 }),
      topicFilter,
      fc.integer({ min: 1, max: 5 }),
      (names, filter, limit) => {
        const expected = names.filter((name) => matches(filter, name)).sort();
        expect(walk(worldOf(...names), filter, limit)).toEqual(expected);
      },
    ),
    { numRuns: 200 },
  );
});
