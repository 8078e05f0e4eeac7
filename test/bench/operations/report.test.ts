import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { choiceOf, WrongUsage } from "../../../bench/operations/arguments.js";
import {
  markdownOf,
  type OperationsRecord,
  writeReport,
} from "../../../bench/operations/report.js";

const spread = (median: number) => ({ median, min: median / 2, max: median * 2 });

function record(name: string, ratio: number): OperationsRecord {
  return {
    ...{ name, unit: "µs", most: 1.03, ratio: spread(ratio), watched: spread(2), alone: spread(1) },
    ...{ rounds: 7, seconds: 4, date: "2026-11-29", commit: "commit abc", machine: "a machine" },
  };
}

it("says of each row what it costs and whether that is little enough", () => {
  const text = markdownOf([record("cost: one", 1.03), record("cost: two", 1.031)]);
  expect(text).toContain(
    "| cost: one | 1.030 | 0.515 to 2.060 | 2.00 µs | 1.00 µs | 1.03 | reached |",
  );
  expect(text).toContain(
    "| cost: two | 1.031 | 0.515 to 2.062 | 2.00 µs | 1.00 µs | 1.03 | **missed** |",
  );
  expect(text).toContain("| cost: one | 2026-11-29 | commit abc | 7 of 4 s | a machine |");
});

it("keeps rows that were measured earlier, and replaces those that are measured again", () => {
  const folder = mkdtempSync(join(tmpdir(), "operations-"));
  writeReport(folder, [record("p99: b", 1), record("cost: a", 1)]);
  writeReport(folder, [record("p99: b", 2)]);
  const text = readFileSync(join(folder, "operations.md"), "utf8");
  expect(text.match(/^\| (cost: a|p99: b) \| [\d.]+ \|/gm)).toEqual([
    "| cost: a | 1.000 |",
    "| p99: b | 2.000 |",
  ]);
  rmSync(folder, { recursive: true });
});

it("takes flags for the report and for busy machines", () => {
  expect(choiceOf([])).toMatchObject({ nice: 0, out: "bench/results", rounds: 7 });
  expect(choiceOf(["--nice", "-19", "--out", "x"])).toMatchObject({ nice: -19, out: "x" });
  expect(() => choiceOf(["--nice", "high"])).toThrow(WrongUsage);
});
