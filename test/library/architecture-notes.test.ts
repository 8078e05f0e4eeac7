import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const page = readFileSync(join(root, "ARCHITECTURE.md"), "utf8");

describe("the page about the architecture", () => {
  it("has a row for each room", () => {
    const rooms = readdirSync(join(root, "src"), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    expect(rooms.filter((room) => !page.includes(`\n| \`${room}\` |`))).toEqual([]);
  });

  it("names source files that are there", () => {
    const files = [...page.matchAll(/`([a-z]+\/[a-z/0-9-]+\.ts)`/g)].map(([, file]) => `${file}`);
    expect(files.length).toBeGreaterThan(20);
    const isThere = (file: string) =>
      ["", "src"].some((base) => existsSync(join(root, base, file)));
    expect(files.filter((file) => !isThere(file))).toEqual([]);
  });

  it("names the steps of a CONNECT in their order", () => {
    const code = readFileSync(join(root, "src/handling/connecting.ts"), "utf8");
    const [, list = ""] = /STEPS: readonly Step\[\] = \[([^\]]*)\]/.exec(code) ?? [];
    const shown = [...page.matchAll(/^[1-9]\. `([a-zA-Z]+)`: /gm)].map(([, step]) => step);
    expect(shown).toEqual(list.match(/\w+/g));
  });

  it("explains each family of numbers that stands in the source or in a test's title", () => {
    const files = ["src", "test"].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".ts"))
        .map((file) => readFileSync(join(root, folder, file), "utf8")),
    );
    // Two digits: an attack case, A to M; the decisions beside them begin with one digit.
    const found = files.flatMap((text) => [...text.matchAll(/\[([A-Z])([1-9]|\d\d)\]/g)]);
    const families = new Set(
      found
        .filter(([, letter = "", digits = ""]) => digits.length === 1 || letter > "M")
        .map(([, letter]) => letter),
    );
    const [, legend = ""] = page.split("## What the numbers mean");
    const isUnknown = (letter: string | undefined) => !legend.includes(`\`[${letter}`);
    expect([...families].filter(isUnknown)).toEqual([]);
  });
});
