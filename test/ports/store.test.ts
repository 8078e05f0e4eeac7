import { expect, it } from "vitest";
import { NO_STORE } from "../../src/ports/store.js";
import { deliveryOf } from "../support/deliveries.js";

it("no Store records nothing, holds nothing up and gives nothing back", () => {
  NO_STORE.putDelivery(NO_STORE.nextKey(), deliveryOf(1));
  NO_STORE.deleteOwner(0);
  expect(NO_STORE.recorded).toBe(false);
  expect(NO_STORE.nextKey()).toBe(0);
  expect(NO_STORE.seal()).toBeLessThanOrEqual(NO_STORE.committedTicket);
  const page: unknown[] = [];
  NO_STORE.pagesOf(0).read(0, 10, page as []);
  const kept = [NO_STORE.sessions(), NO_STORE.inboxes(), NO_STORE.retained(), NO_STORE.wills()];
  expect([page, ...kept.map((one) => [...one])]).toEqual([[], [], [], [], []]);
});
