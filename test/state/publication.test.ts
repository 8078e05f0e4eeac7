import { describe, expect, it } from "vitest";
import { Arena, Publication } from "../../src/state/publication.js";
import { RouteTable } from "../../src/state/route-table.js";
import { PointToPoint } from "../../src/topic/point-to-point.js";
import { bytesOf, textOf } from "../support/harness.js";

const routes = new RouteTable(new PointToPoint(true));

function publicationOf(payload: Uint8Array, from = 0, end = payload.length): Publication {
  const publication = new Publication(routes.of("t"));
  publication.set(routes.of("t"), 1, false, payload, from, end);
  return publication;
}

describe("a publication", () => {
  it("is kept once for all receivers", () => {
    const arena = new Arena();
    const publication = publicationOf(bytesOf("--hello--"), 2, 7);
    expect(publication.payloadBytes).toBe(5);
    const message = publication.kept(arena);
    expect(publication.kept(arena)).toBe(message);
    expect(textOf(message.payload)).toBe("hello");
    expect(message).toMatchObject({ topicName: "t", qos: 1 });
  });

  it("kept, survives the chunk it came in", () => {
    for (const length of [0, 1, 2_048, 2_049, 100_000]) {
      const chunk = Buffer.alloc(length + 10, 7);
      const message = publicationOf(chunk, 5, 5 + length).kept(new Arena());
      chunk.fill(0);
      expect(message.payload).toEqual(new Uint8Array(length).fill(7));
    }
  });

  it("keeps small payloads together, and none of them more than a block alive", () => {
    const arena = new Arena();
    const blocks = new Set<Uint8Array>();
    for (let n = 0; n < 100; n += 1) {
      const { block } = publicationOf(bytesOf("x".repeat(100))).kept(arena);
      expect(block.length).toBeLessThanOrEqual(8 * 1024);
      blocks.add(block);
    }
    expect(blocks.size).toBe(2);
  });

  it("[P6] can show another Topic Name than the one that found its receiver", () => {
    const publication = publicationOf(bytesOf("x"));
    publication.show("shown");
    expect(publication.kept(new Arena())).toMatchObject({
      topicName: "shown",
      topic: bytesOf("shown"),
    });
    publication.show(undefined);
    expect(publication.shownTopic).toBeUndefined();
  });

  it("lets go of everything when it is cleared", () => {
    const publication = publicationOf(bytesOf("x"));
    publication.kept(new Arena());
    publication.clear();
    expect(publication.block.length).toBe(0);
    expect(publication.from).toBeUndefined();
  });
});
