import { expect, it } from "vitest";
import type { Broker } from "../../src/broker/broker.js";
import { Events } from "../../src/library/events.js";
import { startStore } from "../../src/library/started-store.js";
import type { StoreHome } from "../../src/ports/store.js";

it("[J03] tells of failures in a row, and of the commit that ends them", () => {
  const calls: string[] = [];
  const engine = {
    inTurn: false,
    restore: () => calls.push("restore"),
    committed: () => calls.push("committed"),
    storeFailed: () => calls.push("failed"),
  };
  const events = new Events(() => 0);
  events.on("store", ({ state, failures }) => calls.push(`${state} ${failures}`));
  events.on("error", (error) => calls.push(String(error)));
  const store = {} as StoreHome;
  startStore(store, engine as unknown as Broker, events, (call) => call(), false);
  store.onFailed?.(new Error("full"));
  store.onFailed?.(new Error("full"));
  store.onCommitted?.();
  store.onDamaged?.(new Error("damaged"));
  engine.inTurn = true;
  store.onCommitted?.(); // the turn looks for itself
  expect(calls).toEqual([
    ...["restore", "failing 1", "Error: full", "failed", "failing 2", "Error: full", "failed"],
    ...["recovered 2", "committed", "Error: damaged"],
  ]);
});
