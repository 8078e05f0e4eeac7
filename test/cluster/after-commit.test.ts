import { describe, expect, it } from "vitest";
import { AfterCommit } from "../../src/cluster/after-commit.js";
import { DurableWaits } from "../../src/state/durable-waits.js";
import { SlowDisk, slowStore } from "../support/slow-store.js";

describe("what is settled behind the Store", () => {
  it("[M34] waits for what its turn has recorded, and for no other turn", () => {
    const disk = new SlowDisk();
    const store = slowStore(disk);
    const durableWaits = new DurableWaits(store);
    const afterCommit = new AfterCommit({ store, durableWaits });
    const settled: string[] = [];
    const owed = (name: string) => ({ settle: () => settled.push(name), fail: () => undefined });
    const record = (): void => {
      const key = store.nextKey();
      store.putSession({ key, clientId: `${key}`, username: undefined, offlineSinceMs: 1 });
    };
    afterCommit.settle(undefined);
    afterCommit.settle(owed("without records"));
    record();
    afterCommit.settle(owed("one"));
    afterCommit.settle(owed("two"));
    store.seal();
    disk.finishAll();
    record();
    afterCommit.settle(owed("three"));
    afterCommit.settleBehindAll(owed("all"));
    store.seal();
    durableWaits.tellDue();
    expect(settled).toEqual(["without records", "one", "two"]);
    disk.finishAll();
    durableWaits.tellDue();
    expect(settled.slice(3)).toEqual(["three", "all"]);
  });
});
