import { describe, expect, it } from "vitest";
import { opened } from "../../src/cluster/envelope.js";
import { enveloped, unenveloped } from "../../src/cluster/sealing.js";
import { Publication } from "../../src/state/publication.js";
import { Route, RouteTable } from "../../src/state/route-table.js";
import { PointToPoint } from "../../src/topic/point-to-point.js";
import { bytesOf } from "../support/harness.js";
import { message } from "../support/session-parts.js";

const core = () => ({ routes: new RouteTable(new PointToPoint(true)) });

function publicationTo(topicName: string): Publication {
  const route = new Route(topicName, 0, 0, { kind: "ordinary" });
  const publication = new Publication(route);
  publication.set(route, 1, false, bytesOf("hi"), 0, 2);
  return publication;
}

describe("a message in an envelope", () => {
  it("[P6] says under which topic it is to be shown, and comes out as it was", () => {
    const wrapped = enveloped(publicationTo("a/p2p/c"), {
      ...{ kind: "shown", about: "t/1", topicName: "a/p2p/c" },
    });
    const envelope = opened(wrapped?.shownTopicName ?? "");
    expect(envelope).toEqual({ kind: "shown", about: "t/1", topicName: "a/p2p/c" });
    const out = unenveloped(core(), message(3), 1, envelope);
    expect([out.route.topicName, out.shownTopicName, out.qos, out.payloadBytes]).toEqual([
      ...["a/p2p/c", "t/1", 1, 2],
    ]);
  });

  it("keeps the topic of a message that was in none", () => {
    const out = unenveloped(core(), message(1), 1, undefined);
    expect([out.route.topicName, out.shownTopicName]).toEqual(["t", undefined]);
  });

  it("is refused where topic and envelope are longer than a Topic Name may be", () => {
    const topicName = "x".repeat(65_000);
    const envelope = { kind: "share", about: "$share/group/x".repeat(20), topicName } as const;
    expect(enveloped(publicationTo(topicName), envelope)).toBeUndefined();
  });
});
