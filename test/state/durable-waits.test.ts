import { describe, expect, it } from "vitest";
import { DurableWaits } from "../../src/state/durable-waits.js";
import { SlowDisk, slowStore } from "../support/slow-store.js";

describe("who waits for the Store", () => {
  it("[M34] is told at once where nothing was recorded, else when that is durable", () => {
    const disk = new SlowDisk();
    const store = slowStore(disk);
    const waits = new DurableWaits(store);
    const told: string[] = [];
    waits.whenDurable(() => told.push("nothing"));
    waits.whenAllDurable(() => told.push("nothing before"));
    store.putSession({
      key: store.nextKey(),
      clientId: "x",
      username: undefined,
      offlineSinceMs: 1,
    });
    waits.whenDurable(() => told.push("this turn"));
    store.seal();
    waits.whenDurable(() => told.push("a turn without records"));
    waits.whenAllDurable(() => told.push("all before"));
    waits.tellDue();
    expect(told).toEqual(["nothing", "nothing before", "a turn without records"]);
    expect(waits.isEmpty).toBe(false);
    disk.finishAll();
    waits.tellDue();
    expect(told.slice(3)).toEqual(["this turn", "all before"]);
    expect(waits.isEmpty).toBe(true);
  });
});
