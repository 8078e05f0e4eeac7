import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import type { Row } from "../../../src/options/row.js";
import { group, items, list, text, union } from "../../../src/options/row.js";
import { readConfigFile } from "../../../src/server/config/config-file.js";
import { type Effective, readEffective } from "../../../src/server/config/effective.js";
import { configText, masked, shownConfig } from "../../../src/server/config/shown-config.js";
import { isFit, MASK } from "../../../src/server/config/words.js";
import { nested, OPTIONS, type ServerOption } from "../../../src/server/option-table.js";

const folder = mkdtempSync(join(tmpdir(), "beeline-shown-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = join(folder, "own.yaml");

function effective(values: ReadonlyMap<ServerOption, unknown>): Effective {
  return { values, sources: new Map(), given: nested(values), file: undefined };
}

function reread(printed: string): Map<ServerOption, unknown> {
  writeFileSync(file, printed);
  return new Map(readConfigFile(file).values);
}

/** Any value that a row allows, or `undefined` where its rule hits none. */
function valueFor(row: Row): fc.Arbitrary<unknown> {
  const word = fc.oneof(
    fc.string({ unit: "binary", maxLength: 12 }),
    fc.constantFrom(
      "true",
      "null",
      "no",
      "- a",
      "a: b",
      "# x",
      "/a",
      "$a",
      "1e3",
      "0x1",
      "\ufeff",
      "ä",
    ),
    fc.constantFrom("https://a.example", "http://[::1]:8080"),
  );
  switch (row.kind) {
    case "number":
      return fc.integer({ min: row.least, max: row.most });
    case "choice":
      return fc.constantFrom(...row.values);
    case "switch":
      return fc.boolean();
    case "text":
      return word.filter((one) => row.isPath !== true && isFit(row, one));
    case "list":
      return fc.array(
        word.filter((one) => row.isAllowed(one)),
        { maxLength: 3 },
      );
    case "group":
      return recordOf(row.rows);
    case "union":
      return fc.oneof(
        ...Object.entries(row.variants).map(([name, { rows }]) =>
          recordOf(rows).map((members) => ({ [row.tag]: name, ...(members as object) })),
        ),
      );
    case "items":
      return fc.array(valueFor(row.of), { maxLength: 3 });
  }
}

function recordOf(rows: Readonly<Record<string, Row>>): fc.Arbitrary<unknown> {
  const entries = Object.entries(rows).filter(([, row]) => canPrint(row) || row.required === true);
  return fc.record(Object.fromEntries(entries.map(([name, row]) => [name, valueFor(row)])), {
    requiredKeys: entries.filter(([, row]) => row.required === true).map(([name]) => name),
  });
}

/** Names of files are made whole when they are read, secrets are masked: neither is as before. */
function canPrint(row: Row): boolean {
  return !row.secret && !("isPath" in row && row.isPath === true);
}

describe("the printed configuration", () => {
  it("has every option with its value and where that comes from", async () => {
    writeFileSync(file, "limits:\n  heldMax: 5\n");
    const printed = configText(
      await readEffective({
        file,
        flags: new Map([[OPTIONS.find(({ path }) => path === "port") as ServerOption, 1884]]),
        variables: { BEELINE_STORE__MEMORY: "true" },
      }),
    );
    expect(printed).toContain("port: 1884 # flag --port\n");
    expect(printed).toContain("  memory: true # variable BEELINE_STORE__MEMORY\n");
    expect(printed).toContain(`  heldMax: 5 # ${file}:2:3\n`);
    expect(printed).toContain('host: "127.0.0.1" # default\n');
    expect(printed).toContain("  # port: no WebSocket # default\n");
    expect(printed.match(/^ *(# )?\w+: .* # (default|flag|variable|\/)/gm)).toHaveLength(
      OPTIONS.length,
    );
  });

  it("is a file that gives every default, option by option", () => {
    const expectedValues = OPTIONS.filter(({ row }) => row.default !== undefined);
    const again = reread(configText(effective(new Map())));
    for (const { path, row } of expectedValues) {
      if (!canPrint(row)) continue;
      expect([path, again.get(OPTIONS.find((one) => one.path === path) as ServerOption)]).toEqual([
        path,
        row.default,
      ]);
    }
  });

  it("is read as it was printed, whatever is configured", () => {
    const printable = OPTIONS.filter(({ row }) => canPrint(row));
    const values = fc.record(
      Object.fromEntries(printable.map(({ path, row }) => [path, valueFor(row)])),
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(values, (record) => {
        const given = new Map(
          printable.flatMap((option): [ServerOption, unknown][] =>
            record[option.path] === undefined ? [] : [[option, record[option.path]]],
          ),
        );
        const again = reread(configText(effective(given)));
        for (const [option, value] of given) expect(again.get(option)).toEqual(value);
      }),
    );
  });

  it("masks every secret, at any depth, and takes no mask for one", () => {
    const rule = {
      holds: "w",
      allowed: "w",
      isAllowed: () => true,
      about: "A word.",
      default: undefined,
    };
    const secret = text({ ...rule, secret: true });
    const row = group({
      about: "g",
      rows: {
        key: secret,
        keys: list({ ...rule, secret: true }),
        doors: items({
          about: "d",
          of: union({
            about: "u",
            tag: "kind",
            variants: { a: { about: "a", rows: { key: secret, open: text(rule) } } },
          }),
        }),
      },
    });
    const value = {
      key: "hidden",
      keys: ["hidden"],
      doors: [{ kind: "a", key: "hidden", open: "x" }],
    };
    expect(masked(row, value)).toEqual({
      key: MASK,
      keys: [MASK],
      doors: [{ kind: "a", key: MASK, open: "x" }],
    });
  });

  it("says the same for programs", () => {
    const port = OPTIONS.find(({ path }) => path === "port") as ServerOption;
    const shown = shownConfig({
      ...effective(new Map([[port, 5]])),
      sources: new Map([[port, { kind: "variable", name: "BEELINE_PORT" }]]),
    });
    expect(shown.find(({ path }) => path === "port")).toEqual({
      path: "port",
      value: 5,
      source: "variable BEELINE_PORT",
      unset: undefined,
    });
  });
});
