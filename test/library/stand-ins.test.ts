import { expect, it } from "vitest";
import { StandIns } from "../../src/library/stand-ins.js";

it("[M35] stands in for a node once at a time, behind the turn, and says what came of it", async () => {
  const lines: string[] = [];
  const ended: [string, boolean][] = [];
  const begun: string[] = [];
  const line = (text: string): void => void lines.push(text);
  const standIn = (name: string): Promise<void> => {
    begun.push(name);
    if (name === "b") throw new Error("it has no home");
    return Promise.resolve();
  };
  const all = new StandIns(standIn, { info: line, warn: line }, (...what) => ended.push(what));
  all.begin("a");
  all.begin("a");
  all.begin("b");
  expect([begun, all.size]).toEqual([[], 2]);
  while (all.size > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  expect(begun).toEqual(["a", "b"]);
  expect(ended.sort()).toEqual([
    ["a", true],
    ["b", false],
  ]);
  expect(lines).toContain("the sessions of node a are at other nodes now");
  expect(lines.join("\n")).toContain("or not all of them: it has no home");
});
