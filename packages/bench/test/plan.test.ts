import { describe, expect, it } from "vitest";
import { matches } from "../../../src/engine.js";
import type { GivenOptions } from "../src/flags.js";
import type { Share } from "../src/options.js";
import { extraClientId, fillTopic, type Plan, planOf } from "../src/plan.js";
import { benchOptions } from "../src/scenarios.js";

const WHOLE: Share = { index: 0, of: 1 };

function plan(scenario: string, given: GivenOptions, share = WHOLE): Plan {
  return planOf(benchOptions(scenario, { ...given, run: 35 }), share);
}

function filtersOf({ receivers }: Plan): string[][] {
  return receivers.map(({ topicFilters }) => [...topicFilters].flat());
}

describe("the plan of clients", () => {
  it("pairs: every publisher has a receiver of its own, which subscribes to its own topic", () => {
    const pairs = plan("pairs", { count: 2 });
    expect(pairs.senders.map(({ topicName }) => topicName)).toEqual([
      "bench/sub/b000000z-r00000",
      "bench/sub/b000000z-r00001",
    ]);
    expect(filtersOf(pairs)).toEqual([
      ["bench/sub/b000000z-r00000"],
      ["bench/sub/b000000z-r00001"],
    ]);
    expect(pairs.receivers.map(({ firstSender }) => firstSender)).toEqual([0, 1]);
  });

  it("[S4] [S9] pairs --p2p: the same topics in length, addressed to the client, no subscription", () => {
    const subscribed = plan("pairs", { count: 2 });
    const addressed = plan("pairs", { count: 2, p2p: true, parent: "bench" });
    expect(filtersOf(addressed)).toEqual([[], []]);
    expect(addressed.senders.map(({ topicName }) => topicName)).toEqual(
      addressed.receivers.map(({ clientId }) => `bench/p2p/${clientId}`),
    );
    expect(addressed.senders[0]?.topicName.length).toBe(subscribed.senders[0]?.topicName.length);
  });

  it("fanin: one receiver hears all publishers", () => {
    const fanin = plan("fanin", { count: 3 });
    expect(fanin.receivers).toMatchObject([{ firstSender: 0, senderCount: 3 }]);
    expect(new Set(fanin.senders.map(({ topicName }) => topicName))).toEqual(
      new Set(filtersOf(fanin).flat()),
    );
  });

  it("fanout: every receiver hears all publishers, which live in the first process", () => {
    const parts = [0, 1].map((index) =>
      plan("fanout", { count: 5, publishers: 2, processes: 2 }, { index, of: 2 }),
    );
    expect(parts.map(({ senders }) => senders.length)).toEqual([2, 0]);
    expect(parts.flatMap(({ receivers }) => receivers)).toHaveLength(5);
    for (const filters of parts.flatMap(filtersOf)) {
      expect(filters).toEqual(parts[0]?.senders.map(({ topicName }) => topicName));
    }
  });

  it("slow-reader: those who will freeze are not measured and hear the filling, too", () => {
    const options = benchOptions("slow-reader", { count: 4, frozen: 2, run: 35 });
    const { receivers, senders } = planOf(options, WHOLE);
    expect(receivers.map(({ measured }) => measured)).toEqual([true, true, false, false]);
    const fan = senders[0]?.topicName;
    expect(filtersOf({ receivers } as Plan)).toEqual([
      [fan],
      [fan],
      [fan, fillTopic(options)],
      [fan, fillTopic(options)],
    ]);
  });

  it("connect: clients that neither publish nor subscribe", () => {
    const { receivers, senders } = plan("connect", { count: 3 });
    expect([receivers.length, senders.length]).toEqual([3, 0]);
    expect(filtersOf({ receivers } as Plan)).toEqual([[], [], []]);
  });

  it.each([0, 20, 100])(
    "matching, %i %% wildcards: each topic matches exactly one filter",
    (share) => {
      const given = { count: 7, publishers: 2, subscriptions: 450, wildcardPercent: share };
      const { receivers, topics } = plan("matching", given);
      const filters = filtersOf({ receivers } as Plan);
      expect(filters.flat()).toHaveLength(450);
      const wildcards = filters.flat().filter((filter) => filter.includes("+")).length;
      expect(Math.abs(wildcards - 450 * (share / 100))).toBeLessThanOrEqual(10);
      for (const topic of [0, 1, 64, 65, 199, 449]) {
        const digits = String(topic).padStart(7, "0");
        const name = `bench/b000000z/${String(topic % 1000).padStart(3, "0")}/${digits}/state`;
        const hearing = filters.flatMap((own, receiver) =>
          own.filter((filter) => matches(filter, name)).map(() => receiver),
        );
        expect(hearing).toEqual([topics?.range.receiverOf(topic)]);
      }
    },
  );

  it("matching in several processes: each draws only topics of its own receivers", () => {
    const given = { count: 5, publishers: 3, subscriptions: 101, processes: 3 };
    const parts = [0, 1, 2].map((index) => plan("matching", given, { index, of: 3 }));
    let next = 0;
    for (const part of parts) {
      const range = part.topics?.range;
      expect(range?.from).toBe(next);
      next += range?.count ?? 0;
      expect(filtersOf(part).flat()).toHaveLength(range?.count ?? -1);
      for (let topic = range?.from ?? 0; topic < next; topic += 1) {
        const own = [...(part.receivers[range?.receiverOf(topic) ?? -1]?.topicFilters ?? [])];
        expect(own.length).toBeLessThanOrEqual(1); // generators run once; the filters were read above
      }
    }
    expect(next).toBe(101);
  });

  it("keeps Client Identifiers within the 23 characters that every broker takes, §3.1.3.1", () => {
    const options = benchOptions("fanin", { run: 2 ** 32 - 1, count: 3 });
    const { senders, receivers } = planOf(options, WHOLE);
    const ids = [...senders, ...receivers].map(({ clientId }) => clientId);
    for (const id of [...ids, extraClientId(options, "filler")]) {
      expect(id).toMatch(/^[0-9a-zA-Z-]{1,23}$/);
    }
    expect(new Set(ids).size).toBe(4);
  });
});
