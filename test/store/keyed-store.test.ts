import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Delivery } from "../../src/session/delivery.js";
import type { Backend, Operation } from "../../src/store/backend.js";
import { KeyedStore } from "../../src/store/keyed-store.js";
import { LmdbBackend } from "../../src/store/lmdb-backend.js";
import { MemoryBackend } from "../../src/store/memory-store.js";
import { deliveryOf, messageOf } from "../support/deliveries.js";
import { roundsOf } from "../support/quick.js";

/** A medium under test, opened again and again over the same contents. */
interface Medium {
  open(): Backend;
  end(): void;
}

const MEDIA: Record<string, () => Medium> = {
  memory: () => {
    const backend = new MemoryBackend();
    return { open: () => backend, end: () => undefined };
  },
  LMDB: () => {
    const path = mkdtempSync(join(tmpdir(), "beeline-store-"));
    return {
      open: () => new LmdbBackend({ path }),
      end: () => rmSync(path, { recursive: true, force: true }),
    };
  },
};

/** A store whose commits begin when the test says so. */
function openStore(backend: Backend): { store: KeyedStore; commit(): Promise<void> } {
  const due: (() => void)[] = [];
  const later = (commit: () => void): void => void due.push(commit);
  const store = new KeyedStore({ backend, gather: later, retry: later });
  return {
    store,
    commit: () =>
      new Promise((resolve) => {
        const next = due.shift();
        if (next === undefined || store.isIdle) {
          next?.();
          resolve();
          return;
        }
        store.onCommitted = resolve;
        store.onFailed = () => resolve();
        next();
        if (due.length > 0) resolve(); // the batch ripens: the next one is due
      }),
  };
}

function pageOf(store: KeyedStore, key: number, after = 0, countMax = 1_000): Delivery[] {
  const into: Delivery[] = [];
  store.pagesOf(key).read(after, countMax, into);
  return into;
}

const sequences = (deliveries: readonly Delivery[]): number[] =>
  deliveries.map(({ sequence }) => sequence);

const owner = fc.integer({ min: 1, max: 3 });
const step = fc.oneof(
  fc.record({
    kind: fc.constantFrom("put" as const, "put-in-flight" as const, "delete" as const),
    owner,
    sequence: fc.integer({ min: 1, max: 12 }),
  }),
  fc.record({
    kind: fc.constantFrom("end" as const, "seal" as const, "commit" as const, "restart" as const),
    owner,
    sequence: fc.constant(0),
  }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** In flight it may ripen, in the queue it is written at the next commit. */
function newDelivery(kind: "put" | "put-in-flight", sequence: number): Delivery {
  return deliveryOf(sequence, { packetId: kind === "put" ? 0 : sequence });
}

/** The store under test next to the simplest thing that could be right. */
class ModelRun {
  readonly #medium: Medium;
  #opened: ReturnType<typeof openStore>;
  /** Owner -> its key, a new one after each end; and what it has. */
  readonly #keys = new Map<number, number>();
  readonly #model = new Map<number, Map<number, Delivery>>();

  constructor(medium: Medium) {
    this.#medium = medium;
    this.#opened = openStore(medium.open());
  }

  async take({ kind, owner: who, sequence }: Step): Promise<void> {
    const { store } = this.#opened;
    const key = this.#keyOf(who);
    const deliveries = this.#model.get(who) ?? new Map<number, Delivery>();
    this.#model.set(who, deliveries);
    const delivery = deliveries.get(sequence);
    if (kind === "put" || kind === "put-in-flight") {
      const put = delivery ?? newDelivery(kind, sequence);
      deliveries.set(sequence, put);
      store.putDelivery(key, put);
    } else if (kind === "delete") {
      deliveries.delete(sequence);
      if (delivery !== undefined) store.deleteDelivery(key, delivery);
    } else if (kind === "end") {
      this.#model.delete(who);
      this.#keys.delete(who);
      store.deleteOwner(key);
    } else {
      await this.#pass(kind);
    }
  }

  async #pass(kind: "seal" | "commit" | "restart"): Promise<void> {
    const { store, commit } = this.#opened;
    if (store.recorded) store.seal();
    if (kind !== "seal") await commit();
    if (kind === "restart") await this.#restart();
  }

  check(): void {
    for (const [who, deliveries] of this.#model) {
      const expected = [...deliveries.keys()].sort((a, b) => a - b);
      const { store } = this.#opened;
      const key = this.#keyOf(who);
      expect(sequences(pageOf(store, key))).toEqual(expected);
      expect(sequences(pageOf(store, key, 4, 3))).toEqual(
        expected.filter((sequence) => sequence > 4).slice(0, 3),
      );
    }
  }

  async end(): Promise<void> {
    await this.#close();
    this.#medium.end();
  }

  #keyOf(who: number): number {
    const key = this.#keys.get(who) ?? this.#opened.store.nextKey();
    this.#keys.set(who, key);
    return key;
  }

  async #close(): Promise<void> {
    const { store, commit } = this.#opened;
    if (store.recorded) store.seal();
    while (!store.isIdle) await commit();
    await store.close();
  }

  async #restart(): Promise<void> {
    await this.#close();
    this.#opened = openStore(this.#medium.open());
    for (const who of [...this.#model.keys()]) {
      const found = pageOf(this.#opened.store, this.#keyOf(who));
      expect(sequences(found)).toEqual(
        [...(this.#model.get(who)?.keys() ?? [])].sort((a, b) => a - b),
      );
      this.#model.set(who, new Map(found.map((one) => [one.sequence, one])));
      // A number under which nothing was stored may be given out again.
      if (found.length === 0) this.#keys.delete(who);
    }
  }
}

for (const [name, medium] of Object.entries(MEDIA)) {
  describe(`a store in ${name}`, () => {
    it("gives back after a restart what was recorded, and nothing else", async () => {
      const { open, end } = medium();
      const backend = open();
      const { store, commit } = openStore(backend);
      const key = store.nextKey();
      store.putSession({ key, clientId: "a", username: "u", offlineSinceMs: 7 });
      store.putSubscription(key, "a/#", 2);
      store.putSubscription(key, "gone", 1);
      store.deleteSubscription(key, "gone");
      store.putInbound(key, 9);
      store.putDelivery(key, deliveryOf(1));
      store.putRetained(messageOf("r", "kept"));
      store.putRetained(messageOf("s", "gone"));
      store.deleteRetained("s");
      const inboxKey = store.nextKey();
      store.putInbox({ key: inboxKey, clientId: "b" });
      store.seal();
      await commit();
      await store.close();
      const { store: again } = openStore(open());
      expect([...again.sessions()]).toEqual([
        {
          key,
          clientId: "a",
          username: "u",
          offlineSinceMs: 7,
          subscriptions: [["a/#", 2]],
          inbound: [9],
        },
      ]);
      expect([...again.retained()].map(({ topicName }) => topicName)).toEqual(["r"]);
      expect([...again.inboxes()]).toEqual([{ key: inboxKey, clientId: "b" }]);
      expect([...again.wills()]).toEqual([]);
      expect(sequences(pageOf(again, key))).toEqual([1]);
      expect(again.nextKey()).toBeGreaterThan(inboxKey);
      await again.close();
      end();
    });

    it("[M26] a ticket is committed when the medium says so, and not before", async () => {
      const { open, end } = medium();
      const { store, commit } = openStore(open());
      store.putRetained(messageOf("r", "1"));
      const ticket = store.seal();
      expect(store.committedTicket).toBeLessThan(ticket);
      await commit();
      expect(store.committedTicket).toBe(ticket);
      await store.close();
      end();
    });

    it("[M26] a message that its receiver has taken is settled before any commit, and not written", async () => {
      const { open, end } = medium();
      const { store, commit } = openStore(open());
      const key = store.nextKey();
      const first = deliveryOf(1, { packetId: 1 });
      const second = deliveryOf(2, { packetId: 2 });
      store.putDelivery(key, first);
      const one = store.seal();
      store.putDelivery(key, second);
      const other = store.seal();
      await commit();
      expect([one, other].map((ticket) => store.isSettled(ticket))).toEqual([false, false]);
      expect(store.hasSettled).toBe(false);
      store.deleteDelivery(key, second);
      store.seal();
      expect(store.hasSettled).toBe(true);
      expect([one, other].map((ticket) => store.isSettled(ticket))).toEqual([false, true]);
      expect(store.committedTicket).toBeLessThan(one);
      while (!store.isIdle) await commit();
      expect(sequences(pageOf(store, key))).toEqual([1]);
      expect([first.isStored, second.isStored]).toEqual([true, false]);
      expect(store.counts).toMatchObject({ commits: 1, turns: 3, failures: 0 });
      store.deleteDelivery(key, first);
      store.seal();
      while (!store.isIdle) await commit();
      expect(pageOf(store, key)).toEqual([]);
      await store.close();
      end();
    });

    it("what only a commit can settle is not settled by anything else, and takes all before it along", async () => {
      const { open, end } = medium();
      const { store, commit } = openStore(open());
      const key = store.nextKey();
      store.putDelivery(key, deliveryOf(1, { packetId: 1 }));
      store.seal();
      await commit();
      store.putInbound(key, 9);
      const promised = store.seal();
      store.deleteInbound(key, 9);
      const released = store.seal();
      expect([promised, released].map((ticket) => store.isSettled(ticket))).toEqual([false, false]);
      await commit();
      expect(store.isIdle).toBe(true);
      expect([promised, released].map((ticket) => store.isSettled(ticket))).toEqual([true, true]);
      expect(sequences(pageOf(store, key))).toEqual([1]);
      await store.close();
      end();
    });

    it("[M25] leaves nothing of an owner that is removed while its messages ripen", async () => {
      const { open, end } = medium();
      const backend = open();
      const { store, commit } = openStore(backend);
      const key = store.nextKey();
      store.putDelivery(key, deliveryOf(1, { packetId: 1 }));
      store.seal();
      await commit();
      store.deleteOwner(key);
      store.seal();
      while (!store.isIdle) await commit();
      const left = [...backend.entries(Uint8Array.of(0x64), Uint8Array.of(0x65))];
      expect(left).toEqual([]);
      await store.close();
      end();
    });

    it("[C12] [C13] keeps names of any length apart", async () => {
      const { open, end } = medium();
      const { store, commit } = openStore(open());
      const key = store.nextKey();
      const filters = ["a", "b"].map((last) => `${"x".repeat(60_000)}${last}`);
      const ids = ["__proto__", "\u0000", "../../x", "y".repeat(65_535)];
      store.putSession({ key, clientId: "a", username: undefined, offlineSinceMs: 0 });
      for (const filter of filters) store.putSubscription(key, filter, 1);
      for (const clientId of ids) store.putInbox({ key: store.nextKey(), clientId });
      store.seal();
      await commit();
      const [session] = store.sessions();
      expect(session?.subscriptions.map(([filter]) => filter).sort()).toEqual(filters);
      expect(Array.from(store.inboxes(), ({ clientId }) => clientId)).toEqual(ids);
      await store.close();
      end();
    });

    it("behaves as the model under any records, commits and restarts", async () => {
      const runs = name === "LMDB" ? 12 : 200;
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
          const run = new ModelRun(medium());
          for (const next of steps) {
            await run.take(next);
            run.check();
          }
          await run.end();
        }),
        { numRuns: roundsOf(runs) },
      );
    }, 60_000);
  });
}

describe("a medium that fails", () => {
  class FailingBackend extends MemoryBackend {
    failures = 0;

    override commit(operations: readonly Operation[], done: (error?: Error) => void): void {
      if (this.failures > 0) {
        this.failures -= 1;
        done(new Error("ENOSPC: no space left on device"));
      } else {
        super.commit(operations, done);
      }
    }
  }

  it("[J03] [J04] commits nothing, says so, and has everything once it works again", async () => {
    const backend = new FailingBackend();
    const { store, commit } = openStore(backend);
    backend.failures = 2;
    const key = store.nextKey();
    const done = deliveryOf(1);
    store.putDelivery(key, done);
    store.putDelivery(key, deliveryOf(2));
    const ticket = store.seal();
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await commit();
      expect(store.committedTicket).toBeLessThan(ticket);
      expect(backend.size).toBe(0);
      expect(store.counts).toMatchObject({ commits: 0, failures: attempt + 1 });
    }
    store.deleteDelivery(key, done);
    store.seal();
    while (!store.isIdle) await commit();
    expect(sequences(pageOf(openStore(backend).store, key))).toEqual([2]);
  });

  /** Room for what is there and no more: nothing comes to it, but what is there may change. */
  class FullBackend extends MemoryBackend {
    isFull = false;

    override commit(operations: readonly Operation[], done: (error?: Error) => void): void {
      const isNew = (one: Operation): boolean =>
        one.kind === "put" && this.get(one.key) === undefined;
      if (this.isFull && operations.some(isNew)) {
        done(new Error("ENOSPC: no space left on device"));
      } else {
        super.commit(operations, done);
      }
    }
  }

  it("[J04] [MQTT-3.1.2-10] removes the Will of who said DISCONNECT while there is no room", async () => {
    const backend = new FullBackend();
    const { store, commit } = openStore(backend);
    const will = { topicName: "w", payload: new Uint8Array(1), qos: 0 as const, retain: false };
    const named = { username: undefined, senderIsDurable: false, will };
    const [discarded, sent] = [store.nextKey(), store.nextKey()];
    store.putWill({ key: discarded, clientId: "a", ...named });
    store.putWill({ key: sent, clientId: "b", ...named });
    store.seal();
    while (!store.isIdle) await commit();
    backend.isFull = true;
    const receiver = store.nextKey();
    store.putSession({ key: receiver, clientId: "c", username: undefined, offlineSinceMs: 0 });
    store.putDelivery(receiver, deliveryOf(1));
    store.deleteWill(sent);
    store.discardWill(discarded);
    store.seal();
    await commit();
    await commit();
    // The other one is still there: its delivery is not on disk.
    const left = openStore(backend).store;
    expect(Array.from(left.wills(), ({ clientId }) => clientId)).toEqual(["b"]);
    backend.isFull = false;
    while (!store.isIdle) await commit();
    expect([...openStore(backend).store.wills()]).toEqual([]);
  });

  it("[J04] goes on removing what is done while there is no room for anything new", async () => {
    const backend = new FullBackend();
    const { store, commit } = openStore(backend);
    const key = store.nextKey();
    const [stored, other] = [deliveryOf(1), deliveryOf(2)];
    store.putDelivery(key, stored);
    store.putDelivery(key, other);
    store.seal();
    while (!store.isIdle) await commit();
    backend.isFull = true;
    const owner = store.nextKey();
    store.putSession({ key: owner, clientId: "a", username: undefined, offlineSinceMs: 0 });
    const promised = store.seal();
    await commit();
    const before = backend.size;
    store.deleteDelivery(key, stored);
    const removed = store.seal();
    await commit();
    expect(backend.size).toBe(before - 1);
    expect(sequences(pageOf(store, key))).toEqual([2]);
    await commit();
    expect(store.isSettled(promised)).toBe(false);
    expect(store.committedTicket).toBeLessThan(removed);
    backend.isFull = false;
    while (!store.isIdle) await commit();
    expect(Array.from(store.sessions(), ({ clientId }) => clientId)).toEqual(["a"]);
    expect(sequences(pageOf(openStore(backend).store, key))).toEqual([2]);
  });

  it("says how often it has failed in a row, and closes although it cannot commit", async () => {
    const backend = new FailingBackend();
    const failures: number[] = [];
    const due: (() => void)[] = [];
    const store = new KeyedStore({
      backend,
      gather: (commit) => commit(),
      retry: (commit, count) => {
        failures.push(count);
        due.push(commit);
      },
    });
    backend.failures = 2;
    store.putRetained(messageOf("r", "1"));
    store.seal();
    due.shift()?.();
    due.shift()?.();
    expect(store.isIdle).toBe(true);
    backend.failures = 2;
    store.putRetained(messageOf("r", "2"));
    store.seal();
    expect(failures).toEqual([1, 2, 1]);
    const closed = store.close();
    due.shift()?.();
    await closed;
    expect([store.isIdle, store.counts.failures, due.length]).toEqual([false, 4, 0]);
  });
});
