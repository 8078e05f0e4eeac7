import { describe, expect, it } from "vitest";
import { createBroker } from "../../src/library/mqtt-broker.js";
import type { BrokerOptions } from "../../src/library/options.js";
import { isAllowed } from "../../src/options/check.js";
import { DEFAULT_LIMITS } from "../../src/ports/limits.js";
import { nested, OPTIONS, type ServerOption } from "../../src/server/option-table.js";

const find = (path: string): ServerOption => {
  const found = OPTIONS.find((option) => option.path === path);
  if (found === undefined) expect.fail(`no option ${path}`);
  return found;
};

describe("the option table", () => {
  it("has each option once, in each of its three spellings", () => {
    for (const spelling of ["path", "flag", "variable"] as const) {
      const names = OPTIONS.flatMap((option) => option[spelling] ?? []);
      expect(new Set(names).size).toBe(names.length);
    }
  });

  it("keeps what flags were called before", () => {
    const flags = OPTIONS.map(({ flag }) => flag);
    expect(flags).toEqual(
      expect.arrayContaining([
        ...["--host", "--port", "--ws-port", "--ws-path", "--ws-origins", "--allow-anonymous"],
        ...["--data-dir", "--memory", "--durability", "--group-ms", "--move-damaged-store"],
        ...["--p2p", "--p2p-parents", "--p2p-offline", "--p2p-malformed", "--p2p-mirror"],
        ...["--mqtt31", "--bridges", "--will-on-take-over", "--dollar-topics"],
        ...["--padded-length", "--control-characters", "--dup-at-qos0", "--packet-bytes-max"],
      ]),
    );
  });

  it.each(OPTIONS.map((option) => [option.path, option] as const))(
    "%s has a default that it allows, and a plain sentence",
    (_, { row }) => {
      if (row.default !== undefined) expect(isAllowed(row, row.default)).toBe(true);
      expect(row.about).toMatch(/^[A-Zfs0-9].*\.$/);
      if (row.default === undefined) expect(row.unset).toBeDefined();
    },
  );

  it.each(
    OPTIONS.filter(({ isLibrary }) => isLibrary).map((option) => [option.path, option] as const),
  )("%s is what createBroker takes, too, and refuses by the same name", async (path, option) => {
    const { row } = option;
    const fitting = row.default ?? (row.kind === "choice" ? row.values[0] : undefined);
    const withValue = (value: unknown) => nested(new Map([[option, value]])) as BrokerOptions;
    const broker = createBroker(withValue(fitting));
    await broker.close();
    expect(() => createBroker(withValue({ not: "allowed" }))).toThrow(`${path} is {"not":`);
  });

  it("has every limit, each of which can change without a restart", () => {
    const limits = OPTIONS.filter(({ group }) => group === "limits");
    expect(limits.map(({ name }) => name)).toEqual(Object.keys(DEFAULT_LIMITS));
    expect(limits.every(({ row }) => row.live)).toBe(true);
  });

  it("says that where to listen and where state is kept take a restart", () => {
    for (const path of ["host", "port", "webSocket.port", "store.dataDir", "store.memory"]) {
      expect(find(path).row.live).toBe(false);
    }
  });

  it("cannot be changed", () => {
    expect(() => (OPTIONS as ServerOption[]).push(find("port"))).toThrow(TypeError);
    expect(() => Object.assign(find("port"), { flag: "--x" })).toThrow(TypeError);
    expect(() => Object.assign(find("port").row, { default: 1 })).toThrow(TypeError);
  });
});

it("nested puts values where their paths say", () => {
  const values = new Map<ServerOption, unknown>([
    [find("port"), 1884],
    [find("limits.heldMax"), 5],
    [find("limits.inFlightMax"), 6],
    [find("store.memory"), true],
  ]);
  expect(nested(values)).toEqual({
    port: 1884,
    limits: { heldMax: 5, inFlightMax: 6 },
    store: { memory: true },
  });
});
