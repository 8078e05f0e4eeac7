import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const RUN_MS = 180_000;

/** The rows of a table, without its heading. */
function rowsOf(text: string): string[] {
  return text.split("\n").filter((line) => /^\| (a|an) /.test(line));
}

it(
  "npm run sizing measures one of each, and something is found to cost something",
  async () => {
    const args = ["scripts/program.mjs", "sizing", "--scale", "0.01"];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
    const rows = rowsOf(stdout).map((row) => row.split("|").map((cell) => cell.trim()));
    const recorded = rowsOf(readFileSync(`${root}bench/results/sizing.md`, "utf8"));
    expect(rows.map(([, name]) => name)).toEqual(recorded.map((row) => row.split("|")[1]?.trim()));
    for (const [, , ...cells] of rows) {
      for (const cell of cells.filter((text) => text !== "")) expect(cell).toMatch(/^-?[\d,]+$/);
    }
  },
  RUN_MS,
);
