import { expect, it } from "vitest";
import { configGroups, reloadedWords } from "../../src/console/config-view.js";

function option(path: string, value: string, isDefault = true) {
  return { path, value, isDefault, source: isDefault ? "default" : "flag", about: `about ${path}` };
}
const VALUES = [
  option("port", "1884", false),
  option("limits.packetBytesMax", "1 MiB"),
  option("limits.inFlightMax", "20"),
];

it("groups options by the first part of their names", () => {
  const groups = configGroups(VALUES, "", false);
  expect(groups.map(({ name, values }) => [name, values.length])).toEqual([
    ["server", 1],
    ["limits", 2],
  ]);
});

it("finds options by name, value and sentence, whatever the case", () => {
  for (const text of ["PACKET", "1 mib", "about limits.packet"]) {
    expect(configGroups(VALUES, text, false)).toEqual([{ name: "limits", values: [VALUES[1]] }]);
  }
  expect(configGroups(VALUES, "", true)).toEqual([{ name: "server", values: [VALUES[0]] }]);
});

it("says what a reload has done", () => {
  expect(reloadedWords({ changed: [], needRestart: [] })).toBe(
    "The files were read again. No option has changed.",
  );
  expect(reloadedWords({ changed: ["a", "b"], needRestart: ["c"] })).toBe(
    "The files were read again. Changed: a, b. After a restart only: c.",
  );
});
