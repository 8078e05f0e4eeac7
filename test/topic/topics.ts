import fc from "fast-check";
import type { QoS } from "../../src/protocol/packet.js";

/**
 * A few levels that come often, so that filters and names meet, and enough others that one node has
 * more branches than it searches. Numbers, inherited names and a dollar sign are among them.
 */
export const level = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom("a", "b", "", "$x", "__proto__", "constructor") },
  { weight: 2, arbitrary: fc.nat(15).map(String) },
);

/** A valid Topic Name of one to five levels. */
export const topicName = fc
  .array(level, { minLength: 1, maxLength: 5 })
  .map((levels) => levels.join("/"))
  .filter((name) => name !== "");

/** A valid Topic Filter of one to six levels, about half of them with a wildcard. */
export const topicFilter = fc
  .tuple(
    fc.array(fc.oneof({ weight: 3, arbitrary: level }, fc.constant("+")), { maxLength: 5 }),
    fc.oneof({ weight: 3, arbitrary: level }, fc.constant("+"), fc.constant("#")),
  )
  .map(([levels, last]) => [...levels, last].join("/"))
  .filter((filter) => filter !== "");

/** One change of a set of Subscriptions. Few subscribers and filters, so that edits meet often. */
export const subscriptionEdit = fc.record({
  add: fc.oneof({ weight: 2, arbitrary: fc.constant(true) }, fc.constant(false)),
  filter: topicFilter,
  subscriberAt: fc.nat({ max: 11 }),
  grantedQos: fc.constantFrom<QoS[]>(0, 1, 2),
});

/** Any text, well-formed or not, often with a character that matters to topics. */
export const anyText = fc.string({
  unit: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom("a", "/", "/", "$", "é", "\u{1f600}", "\ufeff") },
    { weight: 1, arbitrary: fc.constantFrom("+", "#", "\0", "\ud800", "\udc00") },
    { weight: 1, arbitrary: fc.string({ unit: "binary", minLength: 1, maxLength: 1 }) },
  ),
  maxLength: 8,
});

/** Every Topic Name of 1 to `countMax` of these levels. */
export function levelsUpTo(countMax: number, levels: readonly string[]): string[] {
  const names: string[] = [];
  let longest = [...levels];
  for (let count = 1; count <= countMax; count++) {
    names.push(...longest);
    longest = longest.flatMap((name) => levels.map((level) => `${name}/${level}`));
  }
  return names.filter((name) => name !== "");
}
