import { expect, it } from "vitest";
import { noStore } from "../../src/ports/store.js";
import { deliveryOf } from "../support/deliveries.js";

it("no Store records nothing, holds nothing up and gives nothing back", () => {
  const store = noStore();
  store.putDelivery(store.nextKey(), deliveryOf(1));
  store.deleteOwner(0);
  expect(store.recorded).toBe(false);
  expect(store.nextKey()).toBe(0);
  expect(store.seal()).toBeLessThanOrEqual(store.committedTicket);
  const page: unknown[] = [];
  store.pagesOf(0).read(0, 10, page as []);
  const kept = [store.sessions(), store.inboxes(), store.retained(), store.wills()];
  expect([page, ...kept.map((one) => [...one])]).toEqual([[], [], [], [], []]);
});
