import { expect, it } from "vitest";
import { listText, tableText, timeText } from "../../../src/cli/ctl/table.js";

it("aligns what is under its headings, and says where there is nothing", () => {
  const rows = [
    ["a", true, 7],
    ["longer", false, undefined],
  ];
  expect(tableText(["CLIENT", "UP", "N"], rows)).toBe(
    ["CLIENT  UP   N", "a       yes  7", "longer  no   -"].join("\n"),
  );
  expect(tableText(["CLIENT"], [])).toBe("CLIENT");
});

it("[C14] lets no text of a client do anything to a terminal", () => {
  expect(tableText(["CLIENT"], [["\u001b[31mred\nnext"]])).toBe("CLIENT\n\\u{1b}[31mred\\u{a}next");
});

it("lists what is known of one thing", () => {
  expect(
    listText([
      ["clientId", "a"],
      ["user", undefined],
      ["queuedMessages", 0],
    ]),
  ).toBe("clientId        a\nqueuedMessages  0");
  expect(listText([])).toBe("");
});

it("writes times of the world", () => {
  expect(timeText(1_700_000_000_123)).toBe("2023-11-14T22:13:20Z");
  expect(timeText(undefined)).toBeUndefined();
});
