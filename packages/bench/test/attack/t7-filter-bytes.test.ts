import { expect, it } from "vitest";
import { filterBytes } from "../../src/attack/t7-filter-bytes.js";
import { carriedOut } from "./carried-out.js";

it("subscribes to filters from 17 to 65 kB", async () => {
  const { stub } = await carriedOut(filterBytes, 0.001);
  const lengths = stub.subscribed.map(({ length }) => length);
  expect(lengths).toHaveLength(12);
  expect(Math.min(...lengths)).toBe(17_000);
  expect(Math.max(...lengths)).toBe(61_000);
  expect(new Set(lengths).size).toBe(12);
});
