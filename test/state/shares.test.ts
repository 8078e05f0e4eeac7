import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS } from "../../src/ports/limits.js";
import { Session } from "../../src/session/session.js";
import type { ClientSession } from "../../src/state/client-directory.js";
import { Shares, type Subscriber } from "../../src/state/shares.js";
import { type Subscription, SubscriptionTrie } from "../../src/topic/subscription-trie.js";

function setUp() {
  const trie = new SubscriptionTrie<Subscriber>();
  const shares = new Shares(trie);
  const [a, b] = ["a", "b"].map(
    (name): ClientSession => new Session(name, true, undefined, DEFAULT_LIMITS),
  ) as [ClientSession, ClientSession];
  const found = (topicName: string): Subscriber[] => {
    const into: Subscription<Subscriber>[] = [];
    trie.match(topicName, into);
    return into.map(({ subscriber }) => subscriber);
  };
  return { trie, shares, a, b, found };
}

describe("[M30] shares", () => {
  it("a group is one subscriber of the trie from its first member to its last", () => {
    const { trie, shares, a, b, found } = setUp();
    shares.join("$share/g/t/#", "t/#", a, 1);
    const { version } = trie;
    shares.join("$share/g/t/#", "t/#", b, 0);
    expect(found("t/1")).toEqual([shares.find("$share/g/t/#")]);
    expect(trie.size + shares.surplus).toBe(2);
    shares.leave("$share/g/t/#", a);
    expect(trie.version).toBe(version); // whatever was remembered of the topic still holds
    expect(trie.size + shares.surplus).toBe(1);
    shares.leave("$share/g/t/#", b);
    expect(found("t/1")).toEqual([]);
    expect(shares.find("$share/g/t/#")).toBeUndefined();
    expect([trie.size, shares.surplus]).toEqual([0, 0]);
  });

  it("[MQTT-3.8.4-3] who joins again is one member still, with the QoS granted last", () => {
    const { shares, a } = setUp();
    shares.join("$share/g/t", "t", a, 2);
    shares.join("$share/g/t", "t", a, 1);
    const group = shares.find("$share/g/t");
    expect(group?.size).toBe(1);
    expect(group?.offline[0]?.grantedQos).toBe(1);
  });

  it("group and filter together are the identity", () => {
    const { shares, a, b, found } = setUp();
    shares.join("$share/g/t", "t", a, 0);
    shares.join("$share/h/t", "t", b, 0);
    shares.join("$share/g/+", "+", b, 0);
    expect(new Set(found("t")).size).toBe(3);
    expect(shares.surplus).toBe(0);
  });

  it("leaving what one is no member of, or coming without any membership, changes nothing", () => {
    const { shares, a, b } = setUp();
    shares.join("$share/g/t", "t", a, 0);
    shares.leave("$share/g/t", b);
    shares.leave("$share/h/t", a);
    shares.setOnline(b, true);
    expect(shares.find("$share/g/t")?.size).toBe(1);
  });

  it("whoever comes or goes does so in all its groups", () => {
    const { shares, a } = setUp();
    shares.join("$share/g/t", "t", a, 0);
    shares.join("$share/h/t", "t", a, 0);
    const lists = (): number[][] =>
      ["$share/g/t", "$share/h/t"].map((text) => {
        const group = shares.find(text);
        return [group?.online.length ?? -1, group?.offline.length ?? -1];
      });
    expect(lists()).toEqual([
      [0, 1],
      [0, 1],
    ]);
    shares.setOnline(a, true);
    shares.setOnline(a, true);
    expect(lists()).toEqual([
      [1, 0],
      [1, 0],
    ]);
    shares.setOnline(a, false);
    expect(lists()).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });
});
