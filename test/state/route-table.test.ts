import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hashBytes } from "../../src/engine.js";
import { DEFAULT_LIMITS } from "../../src/ports/limits.js";
import type { QoS } from "../../src/protocol/packet.js";
import { Session } from "../../src/session/session.js";
import type { ClientSession } from "../../src/state/client-directory.js";
import {
  NOBODY,
  type Route,
  RouteKind,
  RouteTable,
  type Targets,
} from "../../src/state/route-table.js";
import { PointToPoint } from "../../src/topic/point-to-point.js";
import { topicName } from "../support/arbitraries.js";
import { bytesOf } from "../support/harness.js";

const session: ClientSession = new Session("c", true, undefined, DEFAULT_LIMITS);
const targets = (count: number): Targets => ({
  sessions: new Array<ClientSession>(count).fill(session),
  grantedQos: new Array<QoS>(count).fill(0),
  groups: [],
});
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

  it("is found again after the table has grown under 50,000 other names", () => {
    const routes = table();
    for (let n = 0; n < 50_000; n += 1) routes.of(`other/${n}`);
    const route = routes.of("mine");
    expect(routes.of("mine")).toBe(route);
  });

  it("loses no route when the table grows", () => {
    const routes = table();
    // Two for each of 512 pairs of places, so that none pushes another out.
    const hashes = Array.from({ length: 1_024 }, (_, n) => (n >> 1) * 2 ** 23 + (n & 1));
    const find = (hash: number, n: number) => {
      const bytes = bytesOf(`t/${n}`);
      return routes.find(bytes, 0, bytes.length, hash);
    };
    const first = hashes.map(find);
    // These push each other out until the table has grown, in a pair that holds none to be kept.
    const [victim, neighbour] = hashes.slice(-2) as [number, number];
    for (let n = 2_000; n < 2_200; n += 1) find(n % 2 === 0 ? victim : neighbour, n);
    const kept = hashes.slice(0, -2);
    expect(kept.map(find)).toEqual(first.slice(0, -2));
    expect(kept.every((hash, n) => find(hash, n) === first[n])).toBe(true);
  });

  it("forgets its targets when told to", () => {
    const routes = table();
    const route = routes.of("a");
    routes.setTargets(route, 7, undefined, targets(3));
    expect([route.targetCount, route.targetsVersion]).toEqual([3, 7]);
    routes.forgetTargets();
    expect([route.targetCount, route.targetsVersion]).toEqual([0, -1]);
    routes.setTargets(route, 7, { subscriber: session, grantedQos: 1 }, NOBODY);
    expect(route).toMatchObject({ targetCount: 1, soleTarget: session, soleQos: 1 });
    routes.forgetTargets();
    expect(route.soleTarget).toBeUndefined();
  });

  it("[D13] holds a million targets in all; those it lost with a route do not count", () => {
    const routes = table();
    const at = (name: string): Route => {
      const bytes = bytesOf(name);
      return routes.find(bytes, 0, bytes.length, 42); // two places for this hash
    };
    const [first, second, third] = ["first", "second", "third"].map((name) => {
      const route = at(name);
      routes.setTargets(route, 1, undefined, targets(400_000));
      return route;
    });
    expect(at("third")).toBe(third);
    expect(at("second")).toBe(second);
    expect(first?.isHeld).toBe(false);
    expect(second?.targetCount).toBe(400_000);
    routes.setTargets(routes.of("one more"), 1, undefined, targets(200_001));
    expect([second?.targetCount, third?.targetCount]).toEqual([0, 0]);
    expect(routes.of("one more").targetCount).toBe(200_001);
  });
});
