import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { MASK } from "../../../src/options/mask.js";
import {
  group,
  items,
  type ListRow,
  list,
  type Row,
  type TextRow,
  text,
  union,
} from "../../../src/options/row.js";
import { readConfigFile } from "../../../src/server/config/config-file.js";
import { type Effective, readEffective } from "../../../src/server/config/effective.js";
import { configText, masked, shownConfig } from "../../../src/server/config/shown-config.js";
import {
  type GivenOptions,
  nested,
  OPTIONS,
  type ServerOption,
} from "../../../src/server/option-table.js";
import { serverConfigFrom } from "../../../src/server/server-config.js";

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

/** Texts of every kind that some row wants, and any others. */
const TEXTS = [
  ...["true", "null", "no", "- a", "a: b", "# x", "$a", "1e3", "0x1", "\ufeff", "ä", "\u2028"],
  ...["/a", "/etc/x", "a/b", "127.0.0.1", "10.0.0.0/8", "HS256", "a@b.example"],
  ...["https://a.example", "https://a.example/x", "http://127.0.0.1:8080"],
  ...fc.sample(fc.string({ unit: "binary", maxLength: 12 }), { numRuns: 300, seed: 7 }),
];

/** Some of the texts that fit; `undefined` where none does. A name of a file is whole already. */
function textsFor(row: TextRow | ListRow): fc.Arbitrary<string> | undefined {
  const fitting = TEXTS.filter(
    (one) =>
      row.isAllowed(one) &&
      one !== MASK &&
      (!("isPath" in row && row.isPath === true) || isAbsolute(one)),
  );
  return fitting.length === 0 ? undefined : fc.constantFrom(...fitting);
}

/** Values that a row allows; `undefined` where none is known, or where it is shown as a mask. */
function valueFor(row: Row): fc.Arbitrary<unknown> | undefined {
  if (row.secret) return undefined;
  switch (row.kind) {
    case "number":
      return fc.integer({ min: row.least, max: row.most });
    case "choice":
      return fc.constantFrom(...row.values);
    case "switch":
      return fc.boolean();
    case "text":
      return textsFor(row);
    case "list": {
      const item = textsFor(row);
      return item === undefined ? undefined : fc.array(item, { maxLength: 3 });
    }
    case "group":
      return recordOf(row.rows);
    case "union": {
      const known = Object.entries(row.variants).flatMap(([name, { rows }]) => {
        const members = recordOf(rows);
        return members === undefined
          ? []
          : [members.map((own) => ({ [row.tag]: name, ...(own as object) }))];
      });
      return known.length === 0 ? undefined : fc.oneof(...known);
    }
    case "items": {
      const item = valueFor(row.of);
      return item === undefined ? undefined : fc.array(item, { maxLength: 3 });
    }
  }
}

function recordOf(rows: Readonly<Record<string, Row>>): fc.Arbitrary<unknown> | undefined {
  const known: Record<string, fc.Arbitrary<unknown>> = {};
  const requiredKeys: string[] = [];
  for (const [name, row] of Object.entries(rows)) {
    const values = valueFor(row);
    if (values !== undefined) known[name] = values;
    else if (row.required === true) return undefined;
    if (row.required === true) requiredKeys.push(name);
  }
  return fc.record(known, { requiredKeys });
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
    expect(printed).toContain('# host: "127.0.0.1" # default\n');
    expect(printed).toContain("  # port: no WebSocket # default\n");
    expect(printed.match(/^ *(# )?\w+: .* # (default|flag|variable|\/)/gm)).toHaveLength(
      OPTIONS.length,
    );
  });

  it("is a file that gives no default: given, some of them mean more", async () => {
    const printed = configText(effective(new Map()));
    expect(reread(printed)).toEqual(new Map());
    const { given, sources } = await readEffective({ file, flags: new Map(), variables: {} });
    expect(serverConfigFrom(given, sources)).toEqual(serverConfigFrom({}));
    expect(printed).toContain("# port: 1883 # default\n");
  });

  it.each([
    { tls: { port: 8883, cert: "/c", key: "/k" } },
    { secureWebSocket: { port: 1 }, tls: { cert: "/c", key: "/k" } },
    { webSocket: { port: 8080 } },
    { unix: "/u" },
    { listeners: [{ type: "ws" }] },
    { store: { memory: true } },
    { admin: { enabled: false } },
  ] satisfies GivenOptions[])("[M04] starts the same server as what was given: %j", async (own) => {
    const values = new Map(
      OPTIONS.flatMap((option): [ServerOption, unknown][] => {
        const { group, name } = option;
        const whole: Record<string, unknown> = own;
        const part = group === "" ? whole : ((whole[group] ?? {}) as Record<string, unknown>);
        return part[name] === undefined ? [] : [[option, part[name]]];
      }),
    );
    const before = { ...effective(values), given: nested(values) };
    writeFileSync(file, configText(before));
    const { given, sources } = await readEffective({ file, flags: new Map(), variables: {} });
    expect(serverConfigFrom(given, sources)).toEqual(serverConfigFrom(own));
  });

  it("says that plain TCP is closed where something else is asked for", () => {
    const option = OPTIONS.find(({ path }) => path === "unix") as ServerOption;
    const printed = configText(effective(new Map([[option, "/u"]])));
    expect(printed).toContain("# port: closed, because other listeners are asked for # default\n");
  });

  it("is read as it was printed, whatever is configured", () => {
    const printable = OPTIONS.filter(({ row }) => valueFor(row) !== undefined);
    expect(printable.length).toBeGreaterThan(OPTIONS.length - 5);
    const values = fc.record(
      Object.fromEntries(printable.map(({ path, row }) => [path, valueFor(row) ?? fc.constant(0)])),
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
