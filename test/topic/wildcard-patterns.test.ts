import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SubscriptionTrie } from "../../src/topic/subscription-trie.js";
import { WildcardPatterns } from "../../src/topic/wildcard-patterns.js";

describe("WildcardPatterns", () => {
  it("[T3] counts the levels of each pattern once, whatever the literals", () => {
    const patterns = new WildcardPatterns();
    for (const filter of ["a/+/c", "b/+/d", "/+/", "a/#", "long level/#"]) patterns.add(filter);
    expect(patterns.levels).toBe(3 + 2);
    expect(patterns.costOf("x/+/y")).toBe(0);
    expect(patterns.costOf("+/x/y")).toBe(3);
    patterns.add("+/x/y");
    expect(patterns.levels).toBe(8);
  });

  it("[T3] forgets a pattern with its last filter", () => {
    const patterns = new WildcardPatterns();
    patterns.add("a/+");
    patterns.add("b/+");
    patterns.remove("a/+");
    expect(patterns.levels).toBe(2);
    patterns.remove("b/+");
    expect(patterns.levels).toBe(0);
    expect(patterns.costOf("a/+")).toBe(2);
  });
});

const level = fc.constantFrom("a", "b", "+", "");
const filter = fc
  .tuple(fc.array(level, { minLength: 1, maxLength: 7 }), fc.boolean())
  .map(([levels, isOpen]) => [...levels, ...(isOpen ? ["#"] : [])].join("/"))
  .filter((text) => text !== "");
const name = fc
  .array(fc.constantFrom("a", "b", "c", ""), { minLength: 1, maxLength: 7 })
  .map((levels) => levels.join("/"))
  .filter((text) => text !== "");
const edit = fc.record({ filter, subscriber: fc.nat(2), isAdded: fc.boolean() });

describe("a match", () => {
  it("[T3] [D13] never reaches more nodes than the patterns of all filters have levels", () => {
    const subscribers = [{}, {}, {}];
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 200 }), fc.array(name), (edits, names) => {
        const trie = new SubscriptionTrie<object>();
        for (const { filter: text, subscriber, isAdded } of edits) {
          const who = subscribers[subscriber] as object;
          if (isAdded) trie.add(text, who, 0);
          else trie.remove(text, who);
        }
        for (const topicName of names) {
          const before = trie.visits;
          const visits = trie.match(topicName, []);
          expect(trie.visits - before).toBe(visits);
          expect(visits).toBeLessThanOrEqual(trie.patternLevels);
        }
        for (const { filter: text } of edits) {
          for (const who of subscribers) trie.remove(text, who);
        }
        expect(trie.patternLevels).toBe(0);
      }),
    );
  });
});
