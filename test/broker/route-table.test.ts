import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ClientSession } from "../../src/broker/client-directory.js";
import { DEFAULT_LIMITS } from "../../src/broker/limits.js";
import { PointToPoint } from "../../src/broker/point-to-point.js";
import { RouteKind, RouteTable } from "../../src/broker/route-table.js";
import { hashBytes } from "../../src/engine.js";
import { Session } from "../../src/session/session.js";
import { topicName } from "../support/arbitraries.js";
import { bytesOf } from "../support/harness.js";

const table = (): RouteTable => new RouteTable(new PointToPoint(true));

describe("a route", () => {
  it("[P1] [P2] [M8] says what a Topic Name alone decides", () => {
    const routes = table();
    expect(routes.of("a/b")).toMatchObject({ kind: RouteKind.ORDINARY, topicName: "a/b" });
    expect(routes.of("t/p2p/x")).toMatchObject({
      kind: RouteKind.CLIENT,
      parent: "t",
      receiverId: "x",
    });
    expect(routes.of("t/p2p/")).toMatchObject({ kind: RouteKind.MALFORMED, receiverId: "" });
    expect(routes.of("$SYS/x")).toMatchObject({ kind: RouteKind.DOLLAR });
  });

  it("is the same object as long as it is remembered", () => {
    const routes = table();
    const first = routes.of("a/b");
    expect(routes.of("a/b")).toBe(first);
    const bytes = bytesOf("xxa/byy");
    expect(routes.find(bytes, 2, 5, hashBytes(bytes, 2, 5))).toBe(first);
  });

  it("holds no received chunk: its bytes are its own", () => {
    const bytes = bytesOf("a/b");
    const route = table().find(bytes, 0, 3, hashBytes(bytes, 0, 3));
    bytes.fill(0);
    expect(new TextDecoder().decode(route.topic)).toBe("a/b");
  });

  it("[C15] is right for any names, also when all have the same hash, with and without a view", () => {
    const sameStart = fc
      .string({ unit: "binary-ascii", maxLength: 8 })
      .map((end) => `a/bcd/${end}`);
    const name = fc.oneof(topicName, sameStart);
    fc.assert(
      fc.property(fc.array(name, { maxLength: 40 }), (names) => {
        const routes = table();
        for (const name of [...names, ...names]) {
          const bytes = bytesOf(name);
          const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
          expect(routes.find(bytes, 0, bytes.length, 42).topicName).toBe(name);
          expect(routes.find(bytes, 0, bytes.length, 42, view).topicName).toBe(name);
          expect(routes.of(name).topicName).toBe(name);
        }
      }),
    );
  });

  it("is found again after the table has grown under 200,000 other names", () => {
    const routes = table();
    for (let n = 0; n < 200_000; n += 1) routes.of(`other/${n}`);
    const route = routes.of("mine");
    expect(routes.of("mine")).toBe(route);
  });

  it("forgets its targets when told to", () => {
    const routes = table();
    const route = routes.of("a");
    const session: ClientSession = new Session("c", true, undefined, DEFAULT_LIMITS);
    route.targets = { sessions: [session], grantedQos: [0] };
    route.targetsVersion = 7;
    expect(route.targetCount).toBe(1);
    routes.forgetTargets();
    expect([route.targetCount, route.targetsVersion]).toEqual([0, -1]);
    route.soleTarget = session;
    expect(route.targetCount).toBe(1);
    routes.forgetTargets();
    expect(route.soleTarget).toBeUndefined();
  });
});
