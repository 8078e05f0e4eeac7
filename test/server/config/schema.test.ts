import { describe, expect, it } from "vitest";
import { MASK } from "../../../src/options/mask.js";
import {
  frozen,
  group,
  items,
  list,
  onOff,
  required,
  text,
  union,
  wholeNumber,
} from "../../../src/options/row.js";
import { checked, jsonSchema } from "../../../src/server/config/schema.js";
import { OPTIONS } from "../../../src/server/option-table.js";

const about = "What it does.";
const rule = { holds: "path", allowed: "paths with /", isAllowed: (one: string) => one[0] === "/" };
const root = group({
  about,
  rows: frozen({
    size: wholeNumber({ about, unit: "bytes", default: 7, most: 4_096 }),
    key: text({ about, default: undefined, ...rule, secret: true }),
    places: list({ about, default: [], ...rule }),
    limits: group({ about, rows: { heldMax: wholeNumber({ about, unit: "count", default: 1 }) } }),
    doors: items({
      about,
      of: union({
        about,
        tag: "type",
        variants: {
          tcp: { about, rows: { port: wholeNumber({ about, unit: "number", default: 1883 }) } },
          tls: {
            about,
            rows: {
              cert: required(text({ about, default: undefined, ...rule })),
              pair: group({ about, rows: { on: required(onOff({ about, default: true })) } }),
            },
          },
        },
      }),
    }),
  }),
});

describe("the schema of a configuration", () => {
  it("gives numbers for quantities, and groups for those that are empty", () => {
    const value = {
      size: "2 KiB",
      places: ["/a"],
      limits: null,
      doors: [
        { type: "tcp", port: 1 },
        { type: "tls", cert: "/c", pair: { on: false } },
      ],
    };
    expect(checked(value, root)).toEqual({ value: { ...value, size: 2_048, limits: {} } });
    expect(checked({}, root)).toEqual({ value: {} });
    expect(checked(null, root)).toEqual({ value: {} });
  });

  it.each([
    [{ size: "5 s" }, ["size"], 'size is "5 s"; allowed: whole numbers from 1 to 4096, in bytes'],
    [{ size: "5 KiB" }, ["size"], 'size is "5 KiB"; allowed: whole'],
    [{ size: 0 }, ["size"], "size is 0; allowed: whole numbers from 1 to 4096"],
    [{ size: null }, ["size"], "size is null; allowed: whole"],
    [{ size: 1.5 }, ["size"], "size is 1.5; allowed: whole"],
    [{ key: 5 }, ["key"], "key cannot be that; allowed: paths with /"],
    [{ key: MASK }, ["key"], "key is masked here"],
    [{ places: "/a" }, ["places"], 'places is "/a"; allowed: a list of paths with /'],
    [{ places: ["/a", "b"] }, ["places", 1], 'places[1] is "b"; allowed: paths with /'],
    [{ places: [5] }, ["places", 0], "places[0] is 5; allowed: paths with /"],
    [{ limits: 5 }, ["limits"], "limits is 5; allowed: a map with heldMax"],
    [{ limits: [] }, ["limits"], "limits is []; allowed: a map with heldMax"],
    [{ limits: { heldMxa: 5 } }, ["limits", "heldMxa"], "did you mean limits.heldMax?"],
    [
      { doors: {} },
      ["doors"],
      "doors is {}; allowed: a list of maps whose type is one of tcp, tls",
    ],
    [{ doors: [5] }, ["doors", 0], "doors[0] is 5; allowed: a map whose type is one of"],
    [{ doors: [{}] }, ["doors", 0, "type"], "doors[0].type is missing; allowed: tcp, tls"],
    [
      { doors: [{ type: "tpc" }] },
      ["doors", 0, "type"],
      '"tpc"; allowed: tcp, tls; did you mean tcp?',
    ],
    [{ doors: [{ type: "tcp", prot: 1 }] }, ["doors", 0, "prot"], "did you mean doors[0].port?"],
    [
      { doors: [{ type: "tls" }] },
      ["doors", 0, "cert"],
      "doors[0].cert is missing; allowed: paths",
    ],
    [
      { doors: [{ type: "tls", cert: "/c", pair: {} }] },
      ["doors", 0, "pair", "on"],
      "doors[0].pair.on is missing; allowed: true or false",
    ],
    [
      { doors: [{ type: "tls", cert: "/c", pair: null }] },
      ["doors", 0, "pair"],
      "doors[0].pair is null; allowed: a map with on",
    ],
    [JSON.parse('{"__proto__": 1}'), ["__proto__"], "unknown key __proto__"],
    [{ constructor: 1 }, ["constructor"], "unknown key constructor"],
    [5, [], "the configuration is 5; allowed: a map with size"],
    [[], [], "the configuration is []; allowed: a map with size"],
  ])("[M04] refuses %j, with its place", (value, path, sentence) => {
    const { issues = [] } = checked(value, root);
    expect(issues).toHaveLength(1);
    expect(issues[0]?.path).toEqual(path);
    expect(issues[0]?.sentence).toContain(sentence);
  });

  it("tells all that is wrong, and shows no secret", () => {
    const value = { size: "x", key: "hidden", places: [1], other: 1, doors: [{}] };
    const { issues = [] } = checked(value, root);
    expect(issues).toHaveLength(5);
    expect(JSON.stringify(issues)).not.toContain("hidden");
  });

  it("says once what breaks several rules", () => {
    expect(checked({ limits: { packetBytesMax: 1e21 } }).issues).toHaveLength(1);
    expect(checked({ limits: { packetBytesMax: 1e21, heldMax: 1e21 } }).issues).toHaveLength(2);
  });

  it("takes every default of the table, and every first choice", () => {
    for (const { path, row } of OPTIONS) {
      const value = row.default ?? (row.kind === "choice" ? row.values[0] : undefined);
      const [group, name] = path.split(".");
      const whole =
        name === undefined ? { [path]: value } : { [group as string]: { [name]: value } };
      expect(checked(whole).issues).toBeUndefined();
    }
  });
});

describe("the JSON Schema", () => {
  it("knows every option with its sentence and its default, and no other", () => {
    const schema = jsonSchema() as Schema;
    for (const { group, name, row } of OPTIONS) {
      const at = group === "" ? schema : (schema.properties?.[group] as Schema);
      const own = (at.properties ?? at.anyOf?.[0]?.properties)?.[name];
      expect(own?.description).toContain(row.about);
      expect(own?.default).toEqual(row.default);
    }
    expect(schema.additionalProperties).toBe(false);
  });
});

interface Schema {
  readonly description?: string;
  readonly default?: unknown;
  readonly additionalProperties?: boolean;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
}
