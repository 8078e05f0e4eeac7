import fc from "fast-check";
import { expect, test } from "vitest";
import { matches } from "../../src/topic/matches.js";
import { type Subscription, SubscriptionTrie } from "../../src/topic/subscription-trie.js";
import { roundsOf } from "../support/quick.js";
import { subscriptionEdit, topicName } from "./topics.js";

test("[MQTT-4.7.2-1] [MQTT-3.8.4-3] [MQTT-3.10.4-1] the trie finds what the plain matcher finds, after any adds and removes", () => {
  fc.assert(
    fc.property(
      fc.array(subscriptionEdit, { maxLength: 60 }),
      fc.array(topicName, { minLength: 1, maxLength: 8 }),
      (edits, names) => {
        const subscribers = [..."abcdefghijkl"].map((clientId) => ({ clientId }));
        const trie = new SubscriptionTrie<{ clientId: string }>();
        const model = new Map<string, string>();
        for (const { add, filter, subscriberAt, grantedQos } of edits) {
          const subscriber = subscribers[subscriberAt % subscribers.length] as { clientId: string };
          const key = `${subscriber.clientId} ${filter}`;
          if (add) {
            expect(trie.add(filter, subscriber, grantedQos)).toBe(!model.has(key));
            model.set(key, `${key} ${grantedQos}`);
          } else {
            expect(trie.remove(filter, subscriber)).toBe(model.delete(key));
          }
          expect(trie.size).toBe(model.size);
        }
        for (const name of names) {
          const found: Subscription<{ clientId: string }>[] = [];
          trie.match(name, found);
          const expected = [...model].filter(([key]) => matches(key.slice(2), name));
          expect(found.map((one) => `${one.subscriber.clientId} ${one.grantedQos}`).sort()).toEqual(
            expected.map(([key, value]) => `${key[0]} ${value.at(-1)}`).sort(),
          );
        }
      },
    ),
    { numRuns: roundsOf(500) },
  );
});
