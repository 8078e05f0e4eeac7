import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { LOOKED_AT_MAX } from "../../src/viewing/page.js";
import type { SubscriptionQuery } from "../../src/viewing/subscription-pages.js";
import { Harness } from "../support/harness.js";

const ALL: SubscriptionQuery = {
  after: undefined,
  limit: 100,
  clientId: undefined,
  topicFilter: undefined,
  topicName: undefined,
};

/** `client filter` from the first page to the last. */
function walk(harness: Harness, query: Partial<SubscriptionQuery> = {}): string[] {
  const found: string[] = [];
  let after: string | undefined;
  do {
    const page = harness.broker.view.subscriptions({ ...ALL, ...query, after });
    expect(page.items.length).toBeLessThanOrEqual(query.limit ?? ALL.limit);
    found.push(...page.items.map(({ clientId, topicFilter }) => `${clientId} ${topicFilter}`));
    after = page.next;
  } while (after !== undefined);
  return found;
}

function world(): Harness {
  const harness = new Harness();
  harness.connect({ clientId: "b" }).subscribe(["t/+", 1], ["t/1", 2], "u");
  harness.connect({ clientId: "a" }).subscribe(["$share/g/t/#", 1]);
  harness.connect({ clientId: "5:b" }).subscribe("t/1", "#");
  harness.connect({ clientId: "nobody" });
  return harness;
}

describe("pages of Subscriptions", () => {
  it.each([1, 2, 3, 4, 5, 100])("of %i are in the order of Clients and filters", (limit) => {
    expect(walk(world(), { limit })).toEqual([
      "5:b #",
      "5:b t/1",
      "a $share/g/t/#",
      "b t/+",
      "b t/1",
      "b u",
    ]);
  });

  it.each<[string, Partial<SubscriptionQuery>, string[]]>([
    ["of one Client", { clientId: "b" }, ["b t/+", "b t/1", "b u"]],
    ["of nobody", { clientId: "c" }, []],
    ["to one filter", { topicFilter: "t/1" }, ["5:b t/1", "b t/1"]],
    ["to a shared one", { topicFilter: "$share/g/t/#" }, ["a $share/g/t/#"]],
    [
      "that match a topic",
      { topicName: "t/1" },
      ["5:b #", "5:b t/1", "a $share/g/t/#", "b t/+", "b t/1"],
    ],
    ["of one Client that match", { clientId: "b", topicName: "t/2" }, ["b t/+"]],
    ["to one filter, which does not match", { topicFilter: "u", topicName: "t" }, []],
  ])("hold those %s", (_, query, found) => {
    expect(walk(world(), query)).toEqual(found);
    expect(walk(world(), { ...query, limit: 1 })).toEqual(found);
  });

  it("tell the QoS that was granted last", () => {
    const harness = world();
    const { items } = harness.broker.view.subscriptions({ ...ALL, clientId: "b" });
    expect(items.map(({ grantedQos }) => grantedQos)).toEqual([1, 2, 0]);
  });

  it("look at a bounded number, and at all of one Client in any case", () => {
    const harness = new Harness();
    const filters = Array.from({ length: LOOKED_AT_MAX + 1 }, (_, n) => `t/${n}`);
    harness.connect({ clientId: "a" }).subscribe(...filters);
    harness.connect({ clientId: "b" }).subscribe("u");
    const page = harness.broker.view.subscriptions({ ...ALL, topicName: "u" });
    expect(page.items).toEqual([]);
    expect(walk(harness, { topicName: "u" })).toEqual(["b u"]);
  });

  it.each(["", "x", ":", "9:a", "1!b", "-3:a", "99999999999999999999!a"])(
    "begin somewhere for the cursor %j, whatever it is",
    (after) => {
      const { items } = world().broker.view.subscriptions({ ...ALL, after });
      expect(items.length).toBeLessThanOrEqual(6);
    },
  );
});

test("what stays is found exactly once, whatever changes between two pages", () => {
  const place = fc.record({
    clientId: fc.constantFrom("a", "b", "c"),
    filter: fc.constantFrom("1", "2", "3", "4/#", "+/5"),
  });
  const change = fc.record({ place, comes: fc.boolean() });
  fc.assert(
    fc.property(
      fc.array(place, { maxLength: 12 }),
      fc.array(change, { maxLength: 20 }),
      fc.integer({ min: 1, max: 3 }),
      (first, changes, limit) => {
        const harness = new Harness();
        const peers = new Map(["a", "b", "c"].map((id) => [id, harness.connect({ clientId: id })]));
        const stayed = new Set(first.map(({ clientId, filter }) => `${clientId} ${filter}`));
        for (const { clientId, filter } of first) peers.get(clientId)?.subscribe(filter);
        const found: string[] = [];
        const rest = [...changes];
        let after: string | undefined;
        do {
          const page = harness.broker.view.subscriptions({ ...ALL, limit, after });
          found.push(...page.items.map((one) => `${one.clientId} ${one.topicFilter}`));
          after = page.next;
          for (const { place: at, comes } of rest.splice(0, 3)) {
            if (comes) peers.get(at.clientId)?.subscribe(at.filter);
            else peers.get(at.clientId)?.unsubscribe(at.filter);
            if (!comes) stayed.delete(`${at.clientId} ${at.filter}`);
          }
        } while (after !== undefined);
        expect(new Set(found).size).toBe(found.length);
        expect(found).toEqual(expect.arrayContaining([...stayed]));
      },
    ),
    { numRuns: 100 },
  );
});
