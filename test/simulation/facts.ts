import { matches } from "../../src/topic/matches.js";
import type { Ledger, Received, Sent, Subscribed } from "./ledger.js";

/**
 * The ledger by what the oracle asks of it: who asked for a topic, what was retained on it. Each answer
 * is what a look through the whole ledger would give; it is looked up once for each topic.
 */
export class Facts {
  readonly ledger: Ledger;
  /** Sessions may end while their clients are away. */
  readonly forgets: boolean;
  readonly #ordinary: Asked;
  readonly #shared: Asked;
  readonly #streams = new Map<string, number>();
  readonly #streamOf = new Map<Sent, number>();
  readonly #byTopic = new Map<string, ReadonlyMap<string, Subscribed[]>>();
  readonly #groups = new Map<string, ReadonlyMap<string, Subscribed[]>>();
  readonly #retained = new Map<string, Sent[]>();

  constructor(ledger: Ledger, forgets: boolean) {
    this.ledger = ledger;
    this.forgets = forgets;
    const asked = ledger.subscribed.filter(({ isDenied }) => !isDenied);
    this.#ordinary = new Asked(asked.filter(({ group }) => group === undefined));
    this.#shared = new Asked(asked.filter(({ group }) => group !== undefined));
    for (const sent of ledger.sent.values()) {
      if (sent.retain) push(this.#retained, sent.topicName, sent);
    }
  }

  /** By Client Identifier: the ordinary Subscriptions that match a topic, whenever they were there. */
  subscribersOf(topicName: string): ReadonlyMap<string, readonly Subscribed[]> {
    return remembered(this.#byTopic, topicName, () =>
      this.#ordinary.byKey(topicName, ({ clientId }) => clientId),
    );
  }

  /** By group and filter: all who have ever been members of a share that a topic matches. */
  groupsOf(topicName: string): ReadonlyMap<string, readonly Subscribed[]> {
    return remembered(this.#groups, topicName, () =>
      this.#shared.byKey(topicName, ({ group, topicFilter }) => `${group} ${topicFilter}`),
    );
  }

  /** How many groups have had this Client as a member. */
  groupCountOf(topicName: string, clientId: string): number {
    let count = 0;
    for (const members of this.groupsOf(topicName).values()) {
      if (members.some((member) => member.clientId === clientId)) count += 1;
    }
    return count;
  }

  /** What is sent in order: one number for each sender, topic and QoS. */
  streamOf(sent: Sent): number {
    return remembered(this.#streamOf, sent, () => {
      const { from, topicName, qos } = sent;
      const streams = this.#streams;
      return remembered(streams, `${from} ${topicName} ${qos}`, () => streams.size);
    });
  }

  /** Messages with RETAIN on a topic, in the order in which they were sent. */
  retainedOn(topicName: string): readonly Sent[] {
    return this.#retained.get(topicName) ?? [];
  }
}

/** Message -> receiver -> every live copy, in order of arrival. */
export type Copies = ReadonlyMap<number, ReadonlyMap<string, readonly Received[]>>;

export function copiesOf({ received }: Ledger): Copies {
  const copies = new Map<number, Map<string, Received[]>>();
  for (const one of received) {
    if (one.retain) continue;
    let byReceiver = copies.get(one.id);
    if (byReceiver === undefined) {
      byReceiver = new Map();
      copies.set(one.id, byReceiver);
    }
    const before = byReceiver.get(one.to);
    if (before === undefined) byReceiver.set(one.to, [one]);
    else before.push(one);
  }
  return copies;
}

/** Of each message the first copy that came to a receiver, in order of arrival. */
export function* firstCopies(
  ledger: Ledger,
): Iterable<{ readonly to: string; readonly sent: Sent }> {
  const seen = new Map<string, Set<number>>();
  for (const { to, id, retain } of ledger.received) {
    const sent = ledger.sent.get(id);
    if (sent === undefined || retain || sent.isWill || sent.isRenewed) continue;
    const ofOne = seen.get(to) ?? new Set<number>();
    if (ofOne.size === 0) seen.set(to, ofOne);
    if (ofOne.has(id)) continue;
    ofOne.add(id);
    yield { to, sent };
  }
}

/** What came to each Session: a clean one has nothing of the one before. [MQTT-3.1.2-6] */
export function bySession(all: readonly Received[]): readonly (readonly Received[])[] {
  if (all.length === 1) return [all];
  const sessions = new Set(all.map(({ session }) => session));
  return Array.from(sessions, (one) => all.filter(({ session }) => session === one));
}

/** Subscriptions by their filters, so that a topic is compared with wildcards only. */
class Asked {
  readonly #plain = new Map<string, Numbered[]>();
  /** Many have asked for the same. */
  readonly #wild = new Map<string, Numbered[]>();

  constructor(all: readonly Subscribed[]) {
    all.forEach((one, at) => {
      const lists = /[+#]/.test(one.topicFilter) ? this.#wild : this.#plain;
      push(lists, one.topicFilter, { one, at });
    });
  }

  /** Those that match a topic, in the order in which they were asked for, by some key of theirs. */
  byKey(topicName: string, keyOf: (one: Subscribed) => string): ReadonlyMap<string, Subscribed[]> {
    const numbered = [...(this.#plain.get(topicName) ?? [])];
    for (const [topicFilter, asked] of this.#wild) {
      if (matches(topicFilter, topicName)) numbered.push(...asked);
    }
    const found = new Map<string, Subscribed[]>();
    for (const { one } of numbered.sort((a, b) => a.at - b.at)) push(found, keyOf(one), one);
    return found;
  }
}

interface Numbered {
  readonly one: Subscribed;
  readonly at: number;
}

function push<T>(lists: Map<string, T[]>, key: string, one: T): void {
  const before = lists.get(key);
  if (before === undefined) lists.set(key, [one]);
  else before.push(one);
}

function remembered<K, T>(answers: Map<K, T>, question: K, find: () => T): T {
  let answer = answers.get(question);
  if (answer === undefined) {
    answer = find();
    answers.set(question, answer);
  }
  return answer;
}
