import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS } from "../../src/engine.js";
import {
  beginNumbering,
  number,
  numberForAway,
  numberIsOver,
  releasedUnknown,
} from "../../src/handling/numbering.js";
import { Session } from "../../src/session/session.js";
import type { ClientSession } from "../../src/state/client-directory.js";
import type { Core } from "../../src/state/core.js";
import { Publication } from "../../src/state/publication.js";
import { Route } from "../../src/state/route-table.js";

/** An engine at that place of the log, and what it records. */
function engine(numbersFrom = 1_000, pointToPointMirror = false) {
  const recorded: unknown[] = [];
  const told =
    (what: string) =>
    (...all: unknown[]) =>
      void recorded.push([what, ...all]);
  const store = {
    putReleased: told("released"),
    putNumberFloor: told("floor"),
    deleteInbound: told("gone"),
  };
  const core = { cluster: { numbersFrom }, settings: { pointToPointMirror }, store };
  return { core: core as unknown as Core, recorded };
}

function session(key = 3): ClientSession {
  return new Session("p", key === 0, undefined, DEFAULT_LIMITS, key) as ClientSession;
}

function publication(): Publication {
  return new Publication(new Route("t", 0, 0, { kind: "ordinary" }));
}

describe("[M36] what a Client publishes at QoS 2", () => {
  it("is numbered, behind all that a former Session of it has published", () => {
    const { core } = engine();
    const publisher = session();
    beginNumbering(core, publisher);
    const sent = publication();
    number(core, publisher, 7, true, sent);
    const floor = 1_000 + 0x1_0000;
    expect(sent.provenance).toMatchObject({
      ...{ publisherId: "p", packetId: 7, number: floor + 1, floor, againAbove: floor },
    });
  });

  it.each([
    ["with DUP 0", session(), false],
    ["by one that is not kept", session(0), true],
    ["by one of which nobody knows what is over", session(), true],
  ])("is never a repeat %s", (_, publisher, isDup) => {
    const { core } = engine();
    const sent = publication();
    number(core, publisher, 7, isDup, sent);
    expect(sent.provenance).toMatchObject({ number: 1_000, againAbove: 0 });
  });

  it.each([
    ["where nothing is known of the log", engine(0)],
    ["where a mirror may bring it twice", engine(1_000, true)],
  ])("is not numbered %s", (_, { core }) => {
    const publisher = session();
    const sent = publication();
    number(core, publisher, 7, true, sent);
    expect([sent.provenance, numberForAway(core, publisher, sent, true)]).toEqual([undefined, 0]);
  });

  it("keeps its number where others are handed it, and raises what is over when it is released", () => {
    const { core, recorded } = engine();
    const publisher = session();
    const [local, away] = [publication(), publication()];
    for (const [packetId, sent] of [local, away].entries()) {
      publisher.inbound.receive(packetId + 1);
      number(core, publisher, packetId + 1, false, sent);
    }
    expect(numberForAway(core, publisher, local, false)).toBe(0);
    expect(numberForAway(core, publisher, away, true)).toBe(1_001);
    expect([1, 2].map((packetId) => publisher.inbound.numberOf(packetId))).toEqual([0, 1_001]);
    numberIsOver(core, publisher, 0);
    numberIsOver(core, publisher, 1_001);
    expect(recorded).toEqual([["floor", 3, 1_001]]);
  });

  it("is over, though nobody knows its identifier, when that is released", () => {
    const { core, recorded } = engine();
    const publisher = session();
    releasedUnknown(core, publisher, 7);
    const sent = publication();
    number(core, publisher, 7, true, sent);
    expect(sent.provenance).toMatchObject({ number: 1_001, floor: 0, againAbove: 1_000 });
    numberIsOver(core, publisher, 1_001);
    expect(recorded).toEqual([
      ["released", 3, 7, 1_000],
      ["floor", 3, 1_001],
      ["gone", 3, 7],
    ]);
  });

  it("[T7] all of it is over when too many identifiers are released that nobody knows", () => {
    const { core, recorded } = engine();
    const publisher = session();
    for (let packetId = 1; packetId <= 1_001; packetId += 1) {
      releasedUnknown(core, publisher, packetId);
    }
    expect(recorded[1_000]).toEqual(["floor", 3, 1_000]);
    expect(recorded).toHaveLength(1_001 + 1_000);
  });

  it("of a clean Session nothing is remembered", () => {
    const { core, recorded } = engine();
    const publisher = session(0);
    beginNumbering(core, publisher);
    releasedUnknown(core, publisher, 7);
    expect([publisher.inbound.numbering, recorded]).toEqual([undefined, []]);
  });
});
