import { expect, it, vi } from "vitest";
import type { Broker } from "../../src/engine.js";
import type { Events } from "../../src/library/events.js";
import { followStore } from "../../src/library/follow-store.js";
import type { StoreHome } from "../../src/ports/store.js";

it("tells of a store that fails and recovers, and takes up what it holds", () => {
  const engine = { inTurn: false, committed: vi.fn(), storeFailed: vi.fn(), restore: vi.fn() };
  const events = { storeRecovered: vi.fn(), storeFailed: vi.fn(), error: vi.fn() };
  const store: Partial<StoreHome> = {};
  followStore(
    store as StoreHome, // sets its listeners only
    engine as unknown as Broker,
    events as unknown as Events,
    (call) => call(),
  );
  expect(engine.restore).toHaveBeenCalledOnce();
  const error = new Error("disk full");
  store.onFailed?.(error);
  store.onFailed?.(error);
  expect(events.storeFailed.mock.calls).toEqual([
    [error, 1],
    [error, 2],
  ]);
  expect(engine.storeFailed).toHaveBeenCalledTimes(2);
  store.onCommitted?.();
  store.onCommitted?.();
  expect(events.storeRecovered.mock.calls).toEqual([[2]]);
  expect(engine.committed).toHaveBeenCalledTimes(2);
  engine.inTurn = true;
  store.onCommitted?.(); // the turn looks for itself
  expect(engine.committed).toHaveBeenCalledTimes(2);
  store.onDamaged?.(error);
  expect(events.error.mock.calls).toEqual([[error]]);
});
