import { describe, expect, it } from "vitest";
import { changesBetween } from "../../../src/server/config/changes.js";
import type { Effective } from "../../../src/server/config/effective.js";
import { nested, OPTIONS, type ServerOption } from "../../../src/server/option-table.js";

function effective(values: Readonly<Record<string, unknown>>): Effective {
  const map = new Map(
    Object.entries(values).map(([path, value]): [ServerOption, unknown] => [
      OPTIONS.find((option) => option.path === path) as ServerOption, // of the table
      value,
    ]),
  );
  return { values: map, sources: new Map(), given: nested(map), file: undefined };
}

const between = (before: Readonly<Record<string, unknown>>, after: typeof before) =>
  changesBetween(effective(before), effective(after));

describe("what is different in a configuration that was read again", () => {
  it("is nothing where a default is only written down", () => {
    expect(between({}, { port: 1883, "limits.heldMax": 4_096 })).toMatchObject({
      live: [],
      restart: [],
    });
  });

  it("is live or takes a restart, as the table says; what takes one stays as it was", () => {
    const before = { port: 1, "limits.heldMax": 5, "store.memory": true };
    const after = { port: 2, "limits.heldMax": 6, "limits.stalledMs": 7, bridges: false };
    expect(between(before, after)).toMatchObject({
      live: ["limits.stalledMs", "limits.heldMax"],
      restart: ["port", "store.memory", "bridges"],
      next: { given: { port: 1, store: { memory: true }, limits: { heldMax: 6, stalledMs: 7 } } },
    });
  });

  it("is live in a list where only live members of the same items differ", () => {
    const passwords = (file: string) => ({ kind: "passwords", file });
    const jwt = { kind: "jwt", keyFile: "k" };
    const path = "credentials";
    expect(between({ [path]: [passwords("a")] }, { [path]: [passwords("b")] }).live).toEqual([
      path,
    ]);
    const isLive = OPTIONS.find((option) => option.path === path)?.row.live === true;
    for (const other of [[jwt], [passwords("a"), jwt], undefined]) {
      const { live, restart } = between({ [path]: [passwords("a")] }, { [path]: other });
      expect(isLive ? live : restart).toEqual([path]);
    }
  });
});
