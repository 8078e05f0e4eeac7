import { describe, expect, it } from "vitest";
import { opened } from "../../src/cluster/envelope.js";
import { enveloped, marked, unenveloped } from "../../src/cluster/sealing.js";
import { Message } from "../../src/session/message.js";
import { Provenance } from "../../src/state/provenance.js";
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

/** As it waits for the other node. */
function messageOf(sent: Publication | undefined): Message {
  if (sent === undefined) throw new Error("it fits");
  const { shownTopicName = "", block, payloadAt, payloadEnd, qos } = sent;
  return new Message(shownTopicName, bytesOf(shownTopicName), block, payloadAt, payloadEnd, qos);
}

describe("a message in an envelope", () => {
  it("[P6] says under which topic it is to be shown, and comes out as it was", () => {
    const wrapped = enveloped(publicationTo("a/p2p/c"), {
      ...{ kind: "shown", about: "t/1", topicName: "a/p2p/c" },
    });
    const envelope = opened(wrapped?.shownTopicName ?? "");
    expect(envelope).toEqual({ kind: "shown", about: "t/1", topicName: "a/p2p/c" });
    const { publication: out } = unenveloped(core(), messageOf(wrapped), 1);
    expect([out.route.topicName, out.shownTopicName, out.qos, out.payloadBytes]).toEqual([
      ...["a/p2p/c", "t/1", 1, 2],
    ]);
  });

  it("keeps the topic of a message that was in none", () => {
    const { publication: out, envelope } = unenveloped(core(), message(1), 1);
    expect([out.route.topicName, out.shownTopicName, envelope]).toEqual([
      "t",
      undefined,
      undefined,
    ]);
  });

  it.each([
    ["in none", undefined],
    ["in one", { kind: "moved", about: "x", topicName: "t/1" } as const],
  ])("[M36] %s is marked with where it comes from, and comes out with that", (_, envelope) => {
    const publication = publicationTo("t/1");
    publication.provenance = new Provenance("p", 7, 2 ** 40, 3, 5);
    const inner = envelope === undefined ? publication : enveloped(publication, envelope);
    const sent = marked(inner ?? publication);
    expect(opened(sent.shownTopicName ?? "")?.kind).toBe("once");
    const out = unenveloped(core(), messageOf(sent), 2);
    expect(out.envelope).toEqual(envelope);
    expect(out.publication.route.topicName).toBe("t/1");
    const { block, payloadAt, payloadEnd, provenance } = out.publication;
    expect(block.subarray(payloadAt, payloadEnd)).toEqual(bytesOf("hi"));
    expect(provenance).toMatchObject({
      ...{ publisherId: "p", packetId: 7, number: 2 ** 40, floor: 3, againAbove: 5 },
      isAway: true,
    });
  });

  it("[M36] is not marked where the mark does not fit, or nothing is known; to a group it says nothing", () => {
    const long = publicationTo("x".repeat(65_530));
    expect(marked(publicationTo("t"))).toMatchObject({ shownTopicName: undefined });
    long.provenance = new Provenance("p", 7, 9, 3, 0);
    expect(marked(long)).toBe(long);
    const publication = publicationTo("t");
    publication.provenance = long.provenance;
    const envelope = { kind: "share", about: "$share/g/t", topicName: "t" } as const;
    expect(enveloped(publication, envelope)?.provenance).toBeUndefined();
  });

  it("is refused where topic and envelope are longer than a Topic Name may be", () => {
    const topicName = "x".repeat(65_000);
    const envelope = { kind: "share", about: "$share/group/x".repeat(20), topicName } as const;
    expect(enveloped(publicationTo(topicName), envelope)).toBeUndefined();
  });
});
