import { describe, expect, it } from "vitest";
import { Departure } from "../../src/cluster/departure.js";
import { Member } from "../../src/cluster/order-state.js";
import { DEFAULT_LIMITS } from "../../src/engine.js";
import { Session } from "../../src/session/session.js";
import type { ClientSession } from "../../src/state/client-directory.js";

describe("a Session that leaves", () => {
  it("[M33] goes in parts, four under way at most, and none while something of it is owed", () => {
    const session = new Session("x", false, undefined, DEFAULT_LIMITS) as ClientSession;
    for (let at = 0; at < 3_000; at += 1) session.subscribe(`t/${at}`, 1);
    const attempt = { sequence: 5, to: new Member("b") };
    const departure = new Departure(session, attempt);
    session.owedCount = 1;
    expect(departure.maySend).toBe(false);
    session.owedCount = 0;
    expect(departure.hasBegun).toBe(false);
    let records = 0;
    let parts = 0;
    for (; departure.maySend; parts += 1) records += departure.nextPart(1, 0).count;
    expect(parts).toBe(4);
    session.owedCount = 1; // by what comes behind: who waits for it to leave must not keep it here
    expect(departure.hasBegun).toBe(true);
    expect(departure.isHeldUp).toBe(false);
    for (let open = parts; open > 0; open -= 1) departure.partDone(attempt);
    while (departure.maySend) records += departure.nextPart(1, 0).count;
    expect(records).toBe(3_001);
    departure.begin({ ...attempt });
    departure.partDone(attempt); // of the try before: it counts for nothing
    expect(departure.maySend).toBe(true);
  });
});
