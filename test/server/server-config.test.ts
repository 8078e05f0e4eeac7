import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/protocol/errors.js";
import type { Source } from "../../src/server/config/effective.js";
import { OPTIONS, type ServerOption } from "../../src/server/option-table.js";
import { serverConfigFrom } from "../../src/server/server-config.js";

/** What a server shows of itself by default. */
const SHOWN = {
  admin: {
    host: "127.0.0.1",
    port: 18_083,
    workPercentMax: 10,
    loopLagMsMax: 5_000,
    mayBeAbsent: true,
  },
  sysIntervalSeconds: 10,
};

describe("serverConfigFrom", () => {
  it("has the defaults of the table", () => {
    expect(serverConfigFrom({})).toEqual({
      listeners: [
        {
          options: { type: "tcp", host: "127.0.0.1", port: 1883, transport: "auto" },
          chosenBy: "--port",
        },
      ],
      store: { path: "beeline-data", durability: "sync", groupMs: 1, moveDamaged: false },
      broker: {},
      anonymous: false,
      ...SHOWN,
    });
  });

  it("hands on what belongs to whom", () => {
    const config = serverConfigFrom({
      port: 1884,
      webSocket: { port: 8083, path: "/mqtt" },
      store: { dataDir: "d", durability: "fast", groupMs: 9, moveDamagedStore: true },
      limits: { heldMax: 5 },
      pointToPoint: { enabled: false },
      mqtt31: false,
    });
    expect(config).toEqual({
      listeners: [
        {
          options: { type: "tcp", host: "127.0.0.1", port: 1884, transport: "auto" },
          chosenBy: "--port",
        },
        {
          options: { type: "ws", host: "127.0.0.1", port: 8083, path: "/mqtt" },
          chosenBy: "--ws-port",
        },
      ],
      store: { path: "d", durability: "fast", groupMs: 9, moveDamaged: true },
      broker: { limits: { heldMax: 5 }, pointToPoint: { enabled: false }, mqtt31: false },
      anonymous: false,
      ...SHOWN,
    });
  });

  it("asks the password file first, and then what the list says", () => {
    expect(serverConfigFrom({ passwordFile: "users" }).credentials).toEqual([
      { kind: "passwords", file: "users" },
    ]);
    const credentials = [{ kind: "certificate" }] as const;
    const config = serverConfigFrom({ passwordFile: "u", credentials, allowAnonymous: true });
    expect(config.credentials).toEqual([{ kind: "passwords", file: "u" }, ...credentials]);
    expect(config.anonymous).toBe(true);
    expect(config.broker).toEqual({});
  });

  it("has credentials for listeners that are there only", () => {
    const credentials = [{ kind: "anyone", listeners: ["inside"] }] as const;
    const named = [{ type: "tcp", port: 1884, name: "inside" }] as const;
    expect(serverConfigFrom({ listeners: named, credentials }).credentials).toEqual(credentials);
    expect(() => serverConfigFrom({ credentials })).toThrow(
      'the credentials of kind anyone are for the listener "inside": no listener has a name',
    );
    const others = [
      { ...named[0], name: "a" },
      { ...named[0], name: "b" },
    ];
    expect(() => serverConfigFrom({ listeners: others, credentials })).toThrow(
      'the listener "inside": names are a, b',
    );
  });

  it("shows health and metrics where it is told to, or nowhere", () => {
    const { admin } = serverConfigFrom({ admin: { port: 1, host: "::", loopLagMsMax: 2 } });
    expect(admin).toEqual({
      port: 1,
      host: "::",
      workPercentMax: 10,
      loopLagMsMax: 2,
      mayBeAbsent: false,
    });
    expect(serverConfigFrom({ admin: { enabled: false } }).admin).toBeUndefined();
  });

  it("keeps nothing on disk with --memory", () => {
    expect(serverConfigFrom({ store: { memory: true } }).store).toBeUndefined();
  });

  it.each([
    [{ dataDir: "x" }, "--memory and --data-dir contradict each other"],
    [{ durability: "fast" }, "--memory and --durability contradict"],
    [
      { groupMs: 5, moveDamagedStore: true },
      "--memory and --group-ms and --move-damaged-store contradict each other",
    ],
  ] as const)(
    "refuses --memory with %j: nobody shall believe that state is kept",
    (given, words) => {
      const both = (): unknown => serverConfigFrom({ store: { memory: true, ...given } });
      expect(both).toThrow(UsageError);
      expect(both).toThrow(words);
      expect(serverConfigFrom({ store: { memory: false, ...given } }).store).toMatchObject(
        "dataDir" in given ? { path: "x" } : {},
      );
    },
  );

  it("[H13] refuses an address that others reach, and names the flag that allows it", () => {
    expect(() => serverConfigFrom({ host: "0.0.0.0" })).toThrow(UsageError);
    expect(() => serverConfigFrom({ host: "0.0.0.0" })).toThrow("--allow-anonymous allows it");
    expect(() => serverConfigFrom({ host: "0.0.0.0", credentials: [] })).toThrow(UsageError);
    const credentials = [{ kind: "certificate" }] as const;
    for (const allowed of [{ allowAnonymous: true }, { passwordFile: "users" }, { credentials }]) {
      const { listeners } = serverConfigFrom({ host: "0.0.0.0", ...allowed });
      expect(listeners[0]?.options).toMatchObject({ host: "0.0.0.0" });
    }
  });

  it("[K06] refuses what belongs to WebSockets where there are none", () => {
    const sentence = "--ws-path and --ws-origins need --ws-port <number>";
    expect(() => serverConfigFrom({ webSocket: { path: "/a" } })).toThrow(sentence);
    expect(() => serverConfigFrom({ webSocket: { origins: [] } })).toThrow(sentence);
  });

  it("lets a flag or variable say --memory for once where a file names the folder", () => {
    const find = (path: string) => OPTIONS.find((one) => one.path === path) as ServerOption;
    const from = (memory: Source, dataDir: Source) => () =>
      serverConfigFrom(
        { store: { memory: true, dataDir: "d" } },
        new Map([
          [find("store.memory"), memory],
          [find("store.dataDir"), dataDir],
        ]),
      );
    const file: Source = { kind: "file", name: "b.yaml:1:2" };
    const variable: Source = { kind: "variable", name: "BEELINE_X" };
    const flag: Source = { kind: "flag", name: "--x" };
    expect(from(flag, file)().store).toBeUndefined();
    expect(from(flag, variable)().store).toBeUndefined();
    expect(from(variable, file)().store).toBeUndefined();
    expect(from(file, flag)).toThrow("b.yaml:1:2: store.memory and --x contradict each other");
    expect(from(variable, variable)).toThrow("BEELINE_X and BEELINE_X contradict");
  });
});
