import { describe, expect, it } from "vitest";
import type { Round } from "../../../bench/cluster/measure.js";
import { type Found, markdownOf, tablesOf } from "../../../bench/cluster/report.js";
import { clusterRows } from "../../../bench/cluster/rows.js";

const round = (cpuUs: number): Round => {
  const sample = { cpuUs, messagesPerSecond: 100_000, p50Us: 1_500, p99Us: 20_000 };
  return {
    qos0: sample,
    qos1: { ...sample, cpuUs: cpuUs * 2 },
    connects: { p50Us: 2_000, p99Us: 9_000, perSecond: 2_500, cpuUs: 80 },
  };
};

const CIRCUMSTANCES = {
  ...{ date: "2026-11-30", commit: "commit abc", machine: "a machine", load: "0.1", versions: "v" },
  ...{ rounds: 3, seconds: 2 },
};

/** Every row, with the same three rounds. */
const all = (): Found[] =>
  clusterRows().map(({ name }) => ({ name, rounds: [round(1), round(3), round(2)] }));

describe("the report of a cluster's cost", () => {
  it("has a line of messages and one of CONNECTs for each row: middle, least and most", () => {
    const [line] = tablesOf([{ name: "a row", rounds: [round(1), round(3), round(2)] }]).slice(2);
    const both = "| a row | 2.00 us (1.00 to 3.00) | 100,000 | 1.50 ms | 20.00 ms |";
    expect(line).toBe(`${both} 4.00 us (2.00 to 6.00) | 100,000 | 1.50 ms | 20.00 ms |`);
    expect(tablesOf(all()).filter((text) => text.startsWith("| Beeline, one server"))).toEqual([
      expect.stringMatching(/^\| Beeline, one server \| 2.00 us/),
      "| Beeline, one server | 2.00 ms | 9.00 ms | 2,500 | 80 us |",
    ]);
  });

  it("says of each goal whether it is met", () => {
    const text = markdownOf(all(), CIRCUMSTANCES);
    expect(text).toContain("QoS 0 | <= 4 | 2.00 (1.00 to 3.00) | reached |");
    expect(text).toContain("QoS 1 | <= 5 | 4.00 (2.00 to 6.00) | reached |");
    const dear = all().map((row) => ({ ...row, rounds: [round(3)] }));
    expect(markdownOf(dear, CIRCUMSTANCES)).toContain(
      "QoS 1 | <= 5 | 6.00 (6.00 to 6.00) | **missed** |",
    );
  });
});
