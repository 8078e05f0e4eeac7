import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS } from "../../src/engine.js";
import type { Store } from "../../src/ports/store.js";
import { goesAway, isNewFor } from "../../src/sending/once.js";
import { Session } from "../../src/session/session.js";
import type { ClientSession } from "../../src/state/client-directory.js";
import type { Core } from "../../src/state/core.js";
import { Provenance } from "../../src/state/provenance.js";

/** An engine that records what sessions were given. */
function engine() {
  const recorded: unknown[] = [];
  const store: Pick<Store, "putSeen"> = {
    putSeen: (key, publisherId, all) => void recorded.push([key, publisherId, all?.length]),
  };
  return { core: { store } as Core, recorded };
}

function session(key: number): ClientSession {
  return new Session("x", key === 0, undefined, DEFAULT_LIMITS, key) as ClientSession;
}

function message(number: number, isAway: boolean): Provenance {
  const provenance = new Provenance("p", 1, number, 0, 0);
  provenance.isAway = isAway;
  return provenance;
}

describe("[M36] a message that is given once", () => {
  it("is recorded with whoever is kept and is given it, and refused the second time", () => {
    const { core, recorded } = engine();
    const kept = session(3);
    expect(isNewFor(core, kept, message(5, true))).toBe(true);
    expect(recorded).toEqual([[3, "p", 1]]);
    expect(isNewFor(core, kept, message(5, true))).toBe(false);
    // Once more: whoever is told that it is here waits for what was recorded before, too.
    expect(recorded).toEqual([
      [3, "p", 1],
      [3, "p", 1],
    ]);
  });

  it("is known to one that is not kept while that lives", () => {
    const { core, recorded } = engine();
    const clean = session(0);
    expect(isNewFor(core, clean, message(5, true))).toBe(true);
    expect(isNewFor(core, clean, message(5, true))).toBe(false);
    expect(recorded).toEqual([]);
  });

  it("costs nothing where all its receivers are at one node, until it goes to another", () => {
    const { core, recorded } = engine();
    const receivers = [session(3), session(4)];
    const provenance = message(5, false);
    for (const one of receivers) expect(isNewFor(core, one, provenance)).toBe(true);
    expect([recorded, receivers[0]?.seen]).toEqual([[], undefined]);
    goesAway(core, provenance);
    goesAway(core, provenance);
    goesAway(core, undefined);
    expect(recorded).toEqual([
      [3, "p", 1],
      [4, "p", 1],
    ]);
  });

  it("[T7] is forgotten, in the Store too, where there is too much of it", () => {
    const { core, recorded } = engine();
    const kept = session(3);
    for (let at = 0; at <= 1_000; at += 1) {
      const provenance = new Provenance(`p${at}`, 1, 1, 0, 0);
      provenance.isAway = true;
      isNewFor(core, kept, provenance);
    }
    expect(recorded.at(-1)).toEqual([3, "p0", undefined]);
    expect(kept.seen?.count).toBe(1_000);
  });
});
