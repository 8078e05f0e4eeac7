import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { QoS } from "../../src/protocol/packet.js";
import {
  appendSubscriptions,
  findSubscription,
  OneSubscription,
  SubscriberSet,
  type Subscribers,
  type Subscription,
  withoutSubscriber,
  withSubscription,
} from "../../src/topic/subscriber-set.js";

interface Client {
  readonly clientId: string;
}

const clients: readonly Client[] = Array.from({ length: 40 }, (_, i) => ({ clientId: `c${i}` }));

function setOf(count: number): Subscribers<Client> | undefined {
  let subscribers: Subscribers<Client> | undefined;
  for (const client of clients.slice(0, count)) {
    subscribers = withSubscription(subscribers, new OneSubscription<Client>(client, 1));
  }
  return subscribers;
}

function idsOf(subscribers: Subscribers<Client> | undefined): string[] {
  const into: Subscription<Client>[] = [];
  if (subscribers !== undefined) appendSubscriptions(subscribers, into);
  return into.map(({ subscriber }) => subscriber.clientId).sort();
}

describe("the subscribers of one filter", () => {
  it("are the Subscription itself as long as there is one", () => {
    const only = new OneSubscription<Client>(clients[0] as Client, 2);
    const one = withSubscription<Client>(undefined, only);
    expect(one).toBe(only);
    expect(findSubscription(one, clients[0] as Client)).toBe(only);
    expect(findSubscription(one, clients[1] as Client)).toBeUndefined();
    expect(withoutSubscriber(one, clients[0] as Client)).toBeUndefined();
  });

  it("are nobody at first", () => {
    expect(findSubscription<Client>(undefined, clients[0] as Client)).toBeUndefined();
  });

  it("become one Subscription again when the others have left", () => {
    const left = withoutSubscriber(setOf(2) as Subscribers<Client>, clients[0] as Client);
    expect(left).toBeInstanceOf(OneSubscription);
    expect(idsOf(left)).toEqual(["c1"]);
  });

  it.each([2, 8, 9, 40])("are all found when there are %i", (count) => {
    const subscribers = setOf(count);
    expect(idsOf(subscribers)).toEqual(
      clients
        .slice(0, count)
        .map(({ clientId }) => clientId)
        .sort(),
    );
    for (const [at, client] of clients.entries()) {
      const found = findSubscription(subscribers, client)?.subscriber;
      expect(found).toBe(at < count ? client : undefined);
    }
  });

  it("keep a Map of places only while there are many", () => {
    expect((setOf(8) as SubscriberSet<Client>).places).toBeUndefined();
    let subscribers = setOf(9) as SubscriberSet<Client>;
    expect(subscribers.places?.size).toBe(9);
    for (const client of clients.slice(0, 5)) {
      subscribers = withoutSubscriber(subscribers, client) as SubscriberSet<Client>;
    }
    expect(subscribers.places?.size).toBe(4);
    subscribers = withoutSubscriber(subscribers, clients[5] as Client) as SubscriberSet<Client>;
    expect(subscribers).toBeInstanceOf(SubscriberSet);
    expect(subscribers.places).toBeUndefined();
    expect(idsOf(subscribers)).toEqual(["c6", "c7", "c8"]);
  });

  it("are those who came and did not leave, after any comings and goings", () => {
    const edits = fc.array(fc.record({ add: fc.boolean(), at: fc.nat(clients.length - 1) }), {
      maxLength: 120,
    });
    fc.assert(
      fc.property(edits, fc.nat(20), (changes, initialCount) => {
        let subscribers = setOf(initialCount);
        const model = new Map<Client, QoS>(clients.slice(0, initialCount).map((one) => [one, 1]));
        for (const { add, at } of changes) {
          const client = clients[at] as Client;
          const isThere = findSubscription(subscribers, client) !== undefined;
          expect(isThere).toBe(model.has(client));
          if (add && !isThere) {
            subscribers = withSubscription(subscribers, new OneSubscription<Client>(client, 0));
            model.set(client, 0);
          } else if (!add && isThere) {
            subscribers = withoutSubscriber(subscribers as Subscribers<Client>, client);
            model.delete(client);
          }
        }
        expect(idsOf(subscribers)).toEqual([...model.keys()].map((one) => one.clientId).sort());
      }),
    );
  });
});
