import { describe, expect, it } from "vitest";
import {
  goalText,
  ratioTo,
  remarksOf,
  spreadText,
  tableOf,
  verdictsOf,
} from "../../../bench/brokers/tables.js";
import { contestant, pairsRecord } from "./samples.js";

const OURS = contestant("ours", "Beeline", [0.5, 1, 0.6]);
const MOSQUITTO = contestant("mosquitto", "Mosquitto", [10, 10, 10]);

/** Cells of a row by its first one. */
function row(table: string, title: string): string[] {
  const line = table.split("\n").find((candidate) => candidate.startsWith(`| ${title} `)) ?? "";
  return line
    .split("|")
    .map((cell) => cell.trim())
    .slice(1, -1);
}

describe("the table of a workload", () => {
  it("shows medians with their spread and ratios to those who took part", () => {
    const table = tableOf(pairsRecord([OURS, MOSQUITTO]));
    expect(row(table, "server")).toEqual([
      ...["server", "CPU µs per message", "messages a second"],
      ...["half within, µs", "99 % within, µs", "99.9 % within, µs", "memory, MiB"],
      ...["CPU, Mosquitto = 1", "generator's CPU"],
    ]);
    expect(row(table, "Beeline")).toEqual([
      ...["Beeline", "0.60 (0.50-1.00)", "1,235", "-", "-", "-", "-"],
      ...["0.06 (0.05-0.10)", "61 %"],
    ]);
    expect(row(table, "Mosquitto").at(-2)).toBe("1");
  });

  it("does not count void rounds", () => {
    const voids = contestant("ours", "Beeline", [0.5, undefined, 0.7]);
    expect(row(tableOf(pairsRecord([voids, MOSQUITTO])), "Beeline")[1]).toBe("0.60 (0.50-0.70)");
  });

  it("leaves out who did not take part", () => {
    const absent = { ...contestant("aedes", "Aedes", []), absent: "not installed" };
    const record = pairsRecord([OURS, MOSQUITTO, absent]);
    expect(tableOf(record)).not.toContain("Aedes");
    expect(remarksOf(record)).toContain("Aedes: not run, not installed.");
  });
});

describe("the remarks", () => {
  it("name void rounds and their reason", () => {
    const voids = contestant("ours", "Beeline", [0.5, undefined]);
    expect(remarksOf(pairsRecord([voids]))).toContain("Beeline: 1 of 2 rounds void: it lied.");
  });
});

describe("the goals", () => {
  it("are each reached or not, and how far", () => {
    const subscribed = contestant("ours-subscribed", "Beeline, subscribed", [1, 1, 1]);
    const verdicts = verdictsOf(pairsRecord([OURS, subscribed, MOSQUITTO]));
    expect(
      verdicts.map(({ goal, reached, spread }) => [
        goalText(goal, "CPU"),
        reached,
        spreadText(spread),
      ]),
    ).toEqual([
      ["CPU: at most 0.065 of Mosquitto's", true, "0.06 (0.05-0.1)"],
      ["CPU of Beeline by subscription: at most 1.25 of Beeline's", false, "1.67 (1-2)"],
    ]);
    expect(verdictsOf(pairsRecord([OURS]))).toEqual([]);
  });
});

describe("a ratio", () => {
  it("needs a round in which both count", () => {
    const never = contestant("mosquitto", "Mosquitto", [undefined, undefined, undefined]);
    expect(ratioTo(pairsRecord([OURS, never]), "ours", "mosquitto", "CPU us/message")).toBe(
      undefined,
    );
  });
});
