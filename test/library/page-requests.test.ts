import { expect, it } from "vitest";
import {
  CLIENTS_SHAPE,
  RETAINED_SHAPE,
  SUBSCRIPTIONS_SHAPE,
} from "../../src/library/page-requests.js";
import { checkArgument } from "../../src/protocol/usage.js";

it.each<[object, object, string]>([
  [CLIENTS_SHAPE, { limit: 0 }, "limit is 0; allowed: whole numbers from 1 to 1000"],
  [CLIENTS_SHAPE, { limit: 1_001 }, "limit is 1001; allowed: whole numbers from 1 to 1000"],
  [CLIENTS_SHAPE, { state: "online" }, 'state is "online"; allowed: connected, disconnected'],
  [CLIENTS_SHAPE, { cursor: "a" }, "unknown key cursor"],
  [SUBSCRIPTIONS_SHAPE, { topicFilter: "a/#/b" }, 'topicFilter is "a/#/b"; allowed: Topic Filters'],
  [SUBSCRIPTIONS_SHAPE, { topicName: "a/+" }, 'topicName is "a/+"; allowed: 1 to 65,535 bytes'],
  [RETAINED_SHAPE, { topicFilter: "" }, 'topicFilter is ""; allowed: Topic Filters'],
])("a wrong page request is refused in words: %#", (shape, options, message) => {
  expect(() => checkArgument(options, shape as never, "options")).toThrow(message);
});

it("the largest page is allowed, and everything may be left out", () => {
  checkArgument({ limit: 1_000, state: "connected", q: "" }, CLIENTS_SHAPE, "options");
  checkArgument({ after: undefined }, SUBSCRIPTIONS_SHAPE, "options");
  checkArgument({}, RETAINED_SHAPE, "options");
});
