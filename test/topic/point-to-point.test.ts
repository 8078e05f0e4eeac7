import { describe, expect, it } from "vitest";
import { isAddressable, isParent, PointToPoint } from "../../src/topic/point-to-point.js";

const everywhere = new PointToPoint(true);

/** The Client a topic addresses; `undefined` when it is ordinary, `null` when it is malformed. */
function addressed(topic: string, pointToPoint = everywhere): string | undefined | null {
  const addressing = pointToPoint.addressing(topic);
  if (addressing.kind === "malformed") return null;
  return addressing.kind === "client" ? addressing.clientId : undefined;
}

describe("which topics address a Client", () => {
  it("[S3] [S4] [P1] level 2 is p2p, level 3 the Client Identifier", () => {
    expect(everywhere.addressing("demo/p2p/GID_demo@@@A")).toEqual({
      kind: "client",
      parent: "demo",
      clientId: "GID_demo@@@A",
      token: "",
    });
  });

  it("[P1] says which of the three kinds each topic is", () => {
    expect(everywhere.addressing("a/b")).toEqual({ kind: "ordinary" });
    expect(everywhere.addressing("a/p2p/")).toEqual({ kind: "malformed" });
  });

  it.each([
    ["a/p2p/x", "x"],
    ["a/p2p/x/", "x"],
    [" /p2p/ ", " "],
    ["p2p/p2p/p2p", "p2p"],
    ["é/p2p/\u{1f600}", "\u{1f600}"],
    ["x$/p2p/$x", "$x"],
  ])("[P1] %s addresses %s", (topic, clientId) => {
    expect(addressed(topic)).toBe(clientId);
  });

  it.each([
    "a",
    "a/b/c",
    "p2p/x",
    "a/p2p",
    "/p2p/x",
    "a//p2p/x",
    "a/b/p2p/x",
    "a/P2P/x",
    "a/p2p2/x",
    "a/xp2p/x",
    "$SYS/p2p/x",
    "$x/p2p/x",
  ])("[P1] [G08] %s is an ordinary topic", (topic) => {
    expect(addressed(topic)).toBeUndefined();
  });

  it.each(["a/p2p/", "a/p2p//", "a/p2p/x/y", "a/p2p/x//", "a/p2p/a/b", "a/p2p/x/y/", "a/p2p///x"])(
    "[P2] [G08] %s is malformed: it never falls through to pub/sub",
    (topic) => {
      expect(addressed(topic)).toBeNull();
    },
  );
});

describe("where it is switched on", () => {
  it("[P1] nowhere: every topic is ordinary", () => {
    const off = new PointToPoint(false);
    expect(addressed("a/p2p/x", off)).toBeUndefined();
    expect(addressed("a/p2p/", off)).toBeUndefined();
  });

  it("[P1] under listed parents only, byte for byte", () => {
    const listed = new PointToPoint(true, ["a", "b"]);
    expect(["a/p2p/x", "b/p2p/x", "c/p2p/x", "A/p2p/x"].map((t) => addressed(t, listed))).toEqual([
      "x",
      "x",
      undefined,
      undefined,
    ]);
    expect(addressed("c/p2p/", listed)).toBeUndefined();
  });

  it("[P1] under no parent when the list is empty", () => {
    expect(addressed("a/p2p/x", new PointToPoint(true, []))).toBeUndefined();
  });

  it.each(["", "$SYS", "a/b", "+", "a#", "a\0b"])("[G16] %j can be no parent", (parent) => {
    expect(isParent(parent)).toBe(false);
  });

  it.each(["a", "p2p", "a$", " "])("%j can be a parent", (parent) => {
    expect(isParent(parent)).toBe(true);
  });
});

describe("which Clients are addressable", () => {
  it.each(["a", "GID_x@@@y", "__proto__", "$", " ", "p2p", ".."])("[P17] %j", (clientId) => {
    expect(isAddressable(clientId)).toBe(true);
  });

  it.each(["", "a/b", "/", "+", "#", "a+", "a\0"])("[P17] [G07] not %j", (clientId) => {
    expect(isAddressable(clientId)).toBe(false);
  });
});

describe("with receipts", () => {
  const receipts = new PointToPoint(true, undefined, true);

  it("[P20] level 4 is a token: 1 to 64 letters, digits, - and _", () => {
    for (const token of ["t", "A-z_09", "x".repeat(64)]) {
      expect(receipts.addressing(`a/p2p/x/${token}`)).toEqual({
        ...{ kind: "client", parent: "a", clientId: "x", token },
      });
      expect(addressed(`a/p2p/x/${token}`)).toBeNull();
    }
    for (const topic of ["a/p2p/x", "a/p2p/x/"]) {
      expect(receipts.addressing(topic)).toMatchObject({ clientId: "x", token: "" });
    }
  });

  it.each(["a b", "\u00fc", "a.b", "t/", "t/u", "/", "/t", "x".repeat(65), "+", "#"])(
    "[P20] [P2] %j is no token: malformed",
    (token) => {
      expect(addressed(`a/p2p/x/${token}`, receipts)).toBeNull();
    },
  );

  it("[P20] what looks like a receipt is malformed, where addresses are addresses", () => {
    const some = new PointToPoint(true, ["a"], true);
    expect(addressed("a/p2p-receipt/x/t", some)).toBeNull();
    expect(addressed("a/p2p-receipt/", some)).toBeNull();
    for (const topic of [
      "b/p2p-receipt/x/t",
      "a/p2p-receipt",
      "$a/p2p-receipt/x",
      "/p2p-receipt/x",
    ]) {
      expect(addressed(topic, some)).toBeUndefined();
    }
    expect(addressed("a/p2p-receipt/x/t")).toBeUndefined();
    expect(
      addressed("a/p2p-receipt/x/t", new PointToPoint(false, undefined, true)),
    ).toBeUndefined();
  });
});
