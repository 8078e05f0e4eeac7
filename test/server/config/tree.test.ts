import { describe, expect, it } from "vitest";
import { group, items, list, onOff, union } from "../../../src/options/row.js";
import {
  memberOf,
  pathText,
  rowAt,
  rowsOf,
  unknownKeyAt,
} from "../../../src/server/config/tree.js";
import { OPTIONS } from "../../../src/server/option-table.js";

const about = "What it does.";
const on = onOff({ about, default: true });
const names = list({ about, default: [], holds: "n", allowed: "n", isAllowed: () => true });
const door = union({ about, tag: "type", variants: { tcp: { about, rows: { on, names } } } });
const root = group({ about, rows: { doors: items({ about, of: door }) } });
const value = { doors: [{ type: "tcp", names: ["x"] }, { type: "bogus" }] };

describe("the tree of options", () => {
  it("has every option of the table where its path says", () => {
    for (const { path, row } of OPTIONS) expect(rowAt(path.split("."), {})).toBe(row);
    expect(rowAt(["limits"], {})?.kind).toBe("group");
  });

  it("says what may stand at a place", () => {
    expect(rowAt(["doors", 0], value, root)).toBe(door);
    expect(rowAt(["doors", 0, "on"], value, root)).toBe(on);
    expect(rowAt(["doors", 0, "names", 0], value, root)).toBe(names);
    expect(rowAt(["doors", 0, "type"], value, root)).toBeUndefined();
    expect(rowAt(["doors", 1, "on"], value, root)).toBeUndefined();
    expect(rowAt(["doors", 0, "on", "x"], value, root)).toBeUndefined();
    expect(rowAt(["constructor"], value, root)).toBeUndefined();
  });

  it("knows the rows of a map", () => {
    expect(rowsOf(door, { type: "tcp" })).toEqual({ on, names });
    expect(rowsOf(door, { type: "toString" })).toBeUndefined();
    expect(rowsOf(door, 5)).toBeUndefined();
    expect(rowsOf(on, {})).toBeUndefined();
    expect(memberOf(null, "x")).toBeUndefined();
    expect(memberOf({}, "constructor")).toBeUndefined();
  });

  it("writes places as people do", () => {
    expect(pathText(["doors", 0, "names", 1])).toBe("doors[0].names[1]");
  });
});

const SIBLINGS: Readonly<Record<string, readonly string[]>> = {
  "": ["port", "limits"],
  limits: ["queueMessagesMax", "heldMax"],
  tls: ["port", "cert", "key", "clientCert"],
  store: ["dataDir"],
};

describe("an unknown key", () => {
  it.each([
    [["limits"], "queueMesagesMax", "did you mean limits.queueMessagesMax?"],
    [[], "queueMessagesMax", "did you mean limits.queueMessagesMax?"],
    [[], "queue-messages-max", "did you mean limits.queueMessagesMax?"],
    [["tls"], "certfile", "did you mean tls.cert?"],
    [["tls"], "clientCertificate", "did you mean tls.clientCert?"],
    [["store"], "path", "unknown key store.path; allowed here: dataDir"],
    [[], "prot", "did you mean port?"],
    [[], "p2p", "did you mean pointToPoint?"],
    [[], "p2pOffline", "did you mean pointToPoint.offline?"],
    [[], "ws", "did you mean webSocket?"],
    [[], "wss-port", "did you mean secureWebSocket.port?"],
    [[], "somethingElseEntirely", "unknown key somethingElseEntirely; allowed here: port, limits"],
  ])("in %j: %s", (path, key, sentence) => {
    const siblings = SIBLINGS[path[0] ?? ""] ?? [];
    expect(unknownKeyAt(path, key, siblings)).toContain(sentence);
  });
});
