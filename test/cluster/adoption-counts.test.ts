import { expect, it } from "vitest";
import { AdoptionCounts } from "../../src/cluster/adoption-counts.js";

it("[M35] counts each node once, from the first time that it was told to when that has ended", () => {
  const counts = new AdoptionCounts();
  expect(counts.view).toEqual({ underWay: 0, done: 0, failed: 0, sessions: 0, lastMs: 0 });
  counts.began("a", 1_000);
  counts.began("a", 2_000); // it is silent still
  counts.began("b", 2_000);
  counts.gave();
  expect(counts.view).toEqual({ underWay: 2, done: 0, failed: 0, sessions: 1, lastMs: 0 });
  counts.ended("a", true, 4_500);
  counts.ended("a", true, 9_000); // nothing is under way any more
  counts.ended("b", false, 9_000);
  expect(counts.view).toEqual({ underWay: 0, done: 1, failed: 1, sessions: 1, lastMs: 3_500 });
});
