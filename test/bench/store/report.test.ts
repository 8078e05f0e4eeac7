import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Contestant, ContestantName } from "../../../bench/store/contestants.js";
import {
  type Results,
  tableOf,
  verdictsOf,
  voidsOf,
  writeReport,
} from "../../../bench/store/report.js";
import type { Run } from "../../../bench/store/run.js";

function contestant(name: ContestantName, version: string | undefined = "1"): Contestant {
  return {
    name,
    title: name.toUpperCase(),
    version,
    settings: "as it comes",
    isAddressed: true,
    start: () => Promise.reject(new Error("not in this test")),
  };
}

function run(messages: number, cpuUs: number): Run {
  return { figures: { "messages/s": messages, "CPU us/message": cpuUs } };
}

function results(sync: readonly Run[], version?: string): Results {
  return {
    machine: "a machine",
    loads: "0.1 before, 0.2 after",
    date: "2025-01-02",
    seconds: 3,
    contestants: [
      contestant("memory"),
      contestant("sync"),
      { ...contestant("mosquitto"), version },
    ],
    runs: new Map<ContestantName, readonly Run[]>([
      ["memory", [run(1000, 1), run(2000, 1)]],
      ["sync", sync],
      ["mosquitto", version === undefined ? [] : [run(100, 10), run(100, 20)]],
    ]),
    lost: new Map<ContestantName, number>([
      ["sync", 0],
      ["mosquitto", 1000],
    ]),
  };
}

describe("the report of npm run bench -- store", () => {
  it("judges the goals by ratios within a round", () => {
    expect(verdictsOf(results([run(600, 2), run(1200, 4)], "2"))).toEqual([
      "sync reaches at least 0.6 of the messages/s in memory: reached, 0.600 (0.600-0.600)",
      "sync needs at most 0.2 of Mosquitto's CPU per message: reached, 0.200 (0.200-0.200)",
    ]);
    expect(verdictsOf(results([run(590, 2.1), run(1180, 4.2)], "2"))).toEqual([
      "sync reaches at least 0.6 of the messages/s in memory: **missed**, 0.590 (0.590-0.590)",
      "sync needs at most 0.2 of Mosquitto's CPU per message: **missed**, 0.210 (0.210-0.210)",
    ]);
  });

  it("says what was void or not there, and counts neither", () => {
    const some = results([{ void: "it lied" }, run(1200, 4)]);
    expect(voidsOf(some)).toEqual(["SYNC: 1 rounds void: it lied", "MOSQUITTO: not installed"]);
    expect(verdictsOf(some)[1]).toContain("not measured");
    expect(tableOf(some)).toContain("| SYNC | 1,200 (1,200-1,200) | 4.00 (4.00-4.00) |");
  });

  it("is Markdown with a chart beside it", () => {
    const folder = mkdtempSync(join(tmpdir(), "store-report-"));
    writeReport(folder, results([run(600, 2), run(1200, 4)], "2"));
    const text = readFileSync(join(folder, "store.md"), "utf8");
    expect(text).toContain("2 rounds of 3 s, 2025-01-02.\na machine; load 0.1 before, 0.2 after.");
    expect(text).toContain("| 1000 of 1,000 |");
    expect(readdirSync(folder).sort()).toEqual(["store.md", "store.svg"]);
    rmSync(folder, { recursive: true });
  });
});
