import { expect, it } from "vitest";
import type { LogLine } from "../../src/console/api/model.js";
import { LEVELS, matching, withLines } from "../../src/console/log-lines.js";

const lines = LEVELS.map((level, atMs): LogLine => ({ atMs, level, text: `A line of ${level}` }));

it("shows a level and what is above it, with a text in any case", () => {
  expect(matching(lines, "warn", "")).toEqual(lines.slice(2));
  expect(matching(lines, "debug", "LINE OF IN")).toEqual([lines[1]]);
});

it("keeps the last 2,000 lines", () => {
  const many = withLines(
    [],
    Array.from({ length: 2_001 }, (_, atMs) => ({ ...lines[0], atMs }) as LogLine),
  );
  expect(many).toHaveLength(2_000);
  expect(many[0]?.atMs).toBe(1);
  expect(withLines(many, [])).toBe(many);
});
