import { describe, expect, it } from "vitest";
import type { Effective } from "../../src/server/config/effective.js";
import { ConfigReload, reloadedText } from "../../src/server/config-reload.js";
import { nested, OPTIONS, type ServerOption } from "../../src/server/option-table.js";
import type { ServerConfig } from "../../src/server/start-server.js";

function effective(values: Readonly<Record<string, unknown>>): Effective {
  const map = new Map(
    Object.entries(values).map(([path, value]): [ServerOption, unknown] => [
      OPTIONS.find((option) => option.path === path) as ServerOption, // of the table
      value,
    ]),
  );
  return { values: map, sources: new Map(), given: nested(map), file: undefined };
}

/** A reload that reads these one after the other; what is thrown is an error of the file. */
function reloadOver(...reads: (Effective | Error)[]) {
  const configs: ServerConfig[] = [];
  const failures: Error[] = [];
  const reloading = new ConfigReload(
    effective({ "limits.heldMax": 1 }),
    async () => {
      const next = reads.shift();
      if (next instanceof Error) throw next;
      return next as Effective; // as many as are read
    },
    {
      reload: async (config) => {
        const failure = failures.shift();
        if (failure !== undefined) throw failure;
        configs.push(config);
      },
    },
  );
  return { reloading, configs, failures };
}

describe("a reload of the configuration", () => {
  it("changes the server to what is read, and names what takes a restart", async () => {
    const { reloading, configs } = reloadOver(effective({ "limits.heldMax": 2, port: 5 }));
    const reloaded = await reloading.reload();
    expect(reloaded).toEqual({ changed: ["limits.heldMax"], needRestart: ["port"] });
    expect(configs).toHaveLength(1);
    expect(configs[0]?.broker.limits).toEqual({ heldMax: 2 });
    expect(reloadedText(reloaded)).toBe(
      "reloaded, files too; changed: limits.heldMax; after a restart only: port",
    );
    expect(reloadedText({ changed: [], needRestart: [] })).toBe(
      "reloaded, files too; no option has changed",
    );
  });

  it("changes nothing when the file is wrong, or a part cannot", async () => {
    const next = effective({ "limits.heldMax": 2 });
    const { reloading, configs, failures } = reloadOver(new Error("b.yaml:1:1: no"), next, next);
    await expect(reloading.reload()).rejects.toThrow("b.yaml:1:1: no");
    failures.push(new Error("users:3: no"));
    await expect(reloading.reload()).rejects.toThrow("users:3: no");
    expect(configs).toEqual([]);
    expect((await reloading.reload()).changed).toEqual(["limits.heldMax"]);
  });

  it("compares with what the one before it has left", async () => {
    const { reloading } = reloadOver(
      effective({ "limits.heldMax": 2 }),
      effective({ "limits.heldMax": 2 }),
    );
    const both = await Promise.all([reloading.reload(), reloading.reload()]);
    expect(both.map(({ changed }) => changed)).toEqual([["limits.heldMax"], []]);
  });
});
