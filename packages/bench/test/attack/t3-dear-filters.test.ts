import { expect, it } from "vitest";
import { matches } from "../../../../src/engine.js";
import { dearFilters } from "../../src/attack/t3-dear-filters.js";
import { carriedOut } from "./carried-out.js";

it("subscribes to every mixture of levels, and never publishes to a topic twice", async () => {
  const { stub, notes } = await carriedOut(
    dearFilters,
    0.002,
    ({ published }) => published.size >= 200,
  );
  expect(stub.subscribed).toHaveLength(33);
  expect(new Set(stub.subscribed).size).toBe(33);
  expect(stub.published.size).toBeLessThanOrEqual(notes["messages sent"] ?? 0);
  const [topicName = ""] = stub.published;
  expect(topicName.split("/")).toHaveLength(14);
  expect(matches(Array(14).fill("+").join("/"), topicName)).toBe(true);
});
