import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { forgetEarlier, writeReport } from "../../../bench/brokers/report.js";
import { WORKLOADS } from "../../../bench/brokers/workloads.js";
import { contestant, pairsRecord } from "./samples.js";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "report-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

function markdown(): string {
  return readFileSync(join(folder, "brokers.md"), "utf8");
}

const RECORD = pairsRecord([
  contestant("ours", "Beeline", [0.5, 0.5]),
  contestant("mosquitto", "Mosquitto", [10, 10]),
]);

describe("the report", () => {
  it("names machine, versions, command, figures and the goal", () => {
    writeReport(folder, RECORD);
    expect(markdown()).toContain("Measured on 2025-01-02 on a machine. Beeline 1. ");
    expect(markdown()).toContain("load of the machine 0.1, 0.2, 0.3");
    expect(markdown()).toContain("| Mosquitto | 1 | defaults |");
    expect(markdown()).toContain("2 rounds of 3 s, 2025-01-02");
    expect(markdown()).toContain("`node packages/bench/dist/main.js pairs`");
    expect(markdown()).toContain(
      "| 50 pairs, 20 in flight, QoS 0 | CPU µs per message: at most 0.065 of Mosquitto's | 0.05 (0.05-0.05) | reached |",
    );
    expect(markdown()).toContain("![What a delivered message costs the server](brokers-cpu.svg)");
    expect(readdirSync(folder).sort()).toEqual(["brokers-cpu.svg", "brokers.json", "brokers.md"]);
  });

  it("names every version that was measured, and with each workload its own", () => {
    const other = WORKLOADS.find(({ name }) => name === "pairs-1-w500-q0");
    if (other === undefined) throw new Error("the workload is gone");
    const at = (version: string) => ({ ...contestant("ours", "Beeline", [0.5]), version });
    writeReport(folder, { ...RECORD, workload: other, contestants: [at("0.1.0, commit aaa")] });
    writeReport(folder, { ...RECORD, contestants: [at("0.1.0, commit bbb")] });
    expect(markdown()).toContain("| Beeline | 0.1.0, commit bbb; 0.1.0, commit aaa | defaults |");
    expect(markdown()).toContain("Not all rows are of the same commit: below, each says its own.");
    const [, first, second] = markdown().split(/^### /m);
    expect(
      [first, second].map((part) => /Beeline 0.1.0, commit .../.exec(part ?? "")?.[0]),
    ).toEqual(["Beeline 0.1.0, commit bbb", "Beeline 0.1.0, commit aaa"]);
  });

  it("keeps the other workloads when one is measured anew, in the order of the table", () => {
    const other = WORKLOADS.find(({ name }) => name === "pairs-1-w500-q0");
    writeReport(folder, RECORD);
    if (other !== undefined) writeReport(folder, { ...RECORD, workload: other });
    const anew = pairsRecord([contestant("ours", "Beeline", [3, 3])]);
    writeReport(folder, anew);
    const titles = [...markdown().matchAll(/^### (.*)$/gm)].map(([, title]) => title);
    expect(titles).toEqual([RECORD.workload.title, other?.title]);
    expect(markdown()).toContain("3.00");
  });

  it("holds what was measured earlier to the goals of today", () => {
    const other = WORKLOADS.find(({ name }) => name === "pairs-1-w500-q0");
    const goals = [{ who: "ours", figure: "CPU us/message", rival: "mosquitto", most: 0.987 }];
    writeReport(folder, { ...RECORD, workload: { ...RECORD.workload, goals } });
    expect(markdown()).toContain("at most 0.987 of");
    if (other !== undefined) writeReport(folder, { ...RECORD, workload: other });
    expect(markdown()).not.toContain("at most 0.987 of");
  });

  it("of a fresh run forgets the other workloads", () => {
    const other = WORKLOADS.find(({ name }) => name === "pairs-1-w500-q0");
    if (other !== undefined) writeReport(folder, { ...RECORD, workload: other });
    forgetEarlier(folder);
    writeReport(folder, RECORD);
    expect([...markdown().matchAll(/^### (.*)$/gm)]).toHaveLength(1);
  });

  it("has our figures first, then where others are better, and the goals at the end", () => {
    const dear = contestant("ours", "Beeline", [12, 12]);
    const [mosquitto, aedes] = [
      contestant("mosquitto", "Mosquitto", [10, 10]),
      contestant("aedes", "Aedes", [30]),
    ];
    writeReport(folder, pairsRecord([dear, mosquitto, aedes]));
    const headings = [...markdown().matchAll(/^## (.*)$/gm)].map(([, title]) => title);
    expect(headings).toEqual([
      "Where Beeline is not the best",
      "How it was measured",
      "Every workload",
      "Goals",
    ]);
    expect(markdown()).toContain(
      "| 50 pairs, 20 in flight, QoS 0 | CPU µs per message | 12.00 | - | **10.00** | - | 30.00 | 1.20 times |",
    );
  });

  it("does not say where others are better when they are nowhere", () => {
    writeReport(folder, RECORD);
    expect(markdown()).toContain("| **0.50** | - | 10.00 | - | - |");
    expect(markdown()).not.toContain("not the best");
  });
});
