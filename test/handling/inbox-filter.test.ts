import { expect, it } from "vitest";
import { isInbox } from "../../src/handling/inbox-filter.js";
import type { Core } from "../../src/state/core.js";
import { PointToPoint } from "../../src/topic/point-to-point.js";

const core = { settings: { pointToPoint: new PointToPoint(true) } } as Core; // all that is asked of it

it.each([
  ["x/p2p/c", true],
  ["x/p2p/", true],
  ["x/p2p/+", false],
  ["+/p2p/c", false],
  ["x/y", false],
])("[P4] %s names inboxes only: %s", (topicFilter, inbox) => {
  expect(isInbox(core, topicFilter)).toBe(inbox);
});
