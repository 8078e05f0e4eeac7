import { describe, expect, it } from "vitest";
import { type Waiting, WaitingRoom } from "../../src/cluster/waiting-room.js";
import { Publication } from "../../src/state/publication.js";
import { Route } from "../../src/state/route-table.js";

function waiting(clientId: string, text: string, fromPeer = false): Waiting {
  const publication = new Publication(new Route(text, 0, 0, { kind: "ordinary" }));
  publication.set(publication.route, 0, false, new Uint8Array(10), 0, 10);
  publication.fromPeer = fromPeer;
  return { clientId, publication, owed: undefined, barrier: 0 };
}

function passed(room: WaitingRoom, may: (topicName: string) => boolean): string[] {
  const names: string[] = [];
  room.settle(({ publication }) => {
    const { topicName } = publication.route;
    if (!may(topicName)) return false;
    names.push(topicName);
    return true;
  });
  return names;
}

describe("the waiting room", () => {
  it("[P10] lets go in order for each Client: behind one that has to wait the others do", () => {
    const room = new WaitingRoom();
    for (const one of [waiting("x", "x1"), waiting("y", "y1"), waiting("x", "x2")]) room.add(one);
    expect(passed(room, (name) => name !== "x1")).toEqual(["y1"]);
    expect([room.count, room.byteCount, room.has("x", false), room.has("y", false)]).toEqual([
      2,
      20,
      true,
      false,
    ]);
    room.putBack([waiting("x", "x-1"), waiting("x", "x0")]);
    expect(passed(room, () => true)).toEqual(["x-1", "x0", "x1", "x2"]);
    expect([room.count, room.byteCount]).toEqual([0, 0]);
  });

  it("what other nodes have sent waits for nobody here", () => {
    const room = new WaitingRoom();
    room.add(waiting("x", "own"));
    room.add(waiting("x", "peer", true));
    expect(passed(room, (name) => name === "peer")).toEqual(["peer"]);
  });

  it("has room for 10,000 messages and not one more", () => {
    const room = new WaitingRoom();
    for (let count = 0; count < 10_000; count += 1) expect(room.add(waiting("x", "t"))).toBe(true);
    expect(room.add(waiting("y", "t"))).toBe(false);
  });
});
