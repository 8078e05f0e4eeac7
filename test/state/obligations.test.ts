import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS } from "../../src/ports/limits.js";
import { noStore } from "../../src/ports/store.js";
import { Session } from "../../src/session/session.js";
import type { Connection } from "../../src/state/connection.js";
import { Obligations } from "../../src/state/obligations.js";
import { SlowDisk, slowStore } from "../support/slow-store.js";

/** Ends a turn as the broker does. @returns its ticket. */
function endTurn(store: { seal(): number }, obligations: Obligations): number {
  const ticket = store.seal();
  obligations.turnEnded();
  return ticket;
}

describe("what the promises of a turn wait for", () => {
  it("[M26] is nothing for a turn that has recorded and added nothing", () => {
    const obligations = new Obligations(noStore());
    expect([obligations.isOwedNow, obligations.isAnyOpen]).toEqual([false, false]);
    const told: unknown[] = [];
    obligations.whenSettled((failure) => told.push(failure));
    expect(told).toEqual([undefined]);
  });

  it("[M26] is every obligation of that turn, and of no other", () => {
    const store = noStore();
    const obligations = new Obligations(store);
    const [first, second] = [obligations.add(), obligations.add()];
    expect(obligations.isOwedNow).toBe(true);
    const ticket = endTurn(store, obligations);
    expect(obligations.isOwedNow).toBe(false);
    const other = obligations.add();
    const next = endTurn(store, obligations);
    expect(obligations.openCount).toBe(3);
    first.settle();
    first.settle(); // once is enough, and no more than once
    expect([obligations.isSettled(ticket), obligations.isSettled(next)]).toEqual([false, false]);
    other.settle();
    expect([obligations.isSettled(ticket), obligations.isSettled(next)]).toEqual([false, true]);
    expect(obligations.isSettledUpTo(next)).toBe(true); // what others wait for is their own affair
    second.settle();
    expect(obligations.isSettled(ticket)).toBe(true);
    expect([obligations.openCount, obligations.hasEnded]).toEqual([0, true]);
  });

  it("[M4] is what others still owe of one Client, over whatever connection, and no more", () => {
    const store = noStore();
    const obligations = new Obligations(store);
    const session = new Session<Connection>("owner", false, undefined, DEFAULT_LIMITS);
    const before = { session } as unknown as Connection;
    const again = { session } as unknown as Connection;
    const owed = Array.from({ length: 500 }, () => {
      const one = obligations.add(before);
      endTurn(store, obligations);
      return one;
    });
    for (const one of owed.slice(0, 498)) one.settle();
    const last = obligations.add(before);
    endTurn(store, obligations);
    expect(session.owedCount).toBe(3);
    expect(session.owedIn?.length).toBeLessThan(100); // turns that are over are let go of
    obligations.followAllOf(session, again);
    const ticket = endTurn(store, obligations);
    owed[498]?.settle();
    expect(obligations.isSettled(ticket)).toBe(false);
    owed[499]?.settle();
    expect(obligations.isSettled(ticket)).toBe(false);
    last.settle();
    expect([obligations.isSettled(ticket), session.owedCount]).toEqual([true, 0]);
  });

  it("[M4] does not wait for itself when first copy and repeat come in one turn", () => {
    const store = noStore();
    const obligations = new Obligations(store);
    const session = new Session<Connection>("owner", false, undefined, DEFAULT_LIMITS);
    const owner = { session } as unknown as Connection;
    const owed = obligations.add(owner);
    obligations.followAllOf(session, owner);
    const ticket = endTurn(store, obligations);
    owed.settle();
    expect(obligations.isSettled(ticket)).toBe(true);
  });

  it("[M4] is nothing when a Client has nothing owed any more", () => {
    const store = noStore();
    const obligations = new Obligations(store);
    const session = new Session<Connection>("owner", false, undefined, DEFAULT_LIMITS);
    const owner = { session } as unknown as Connection;
    obligations.add(owner).settle();
    endTurn(store, obligations);
    obligations.followAllOf(session, owner);
    expect([obligations.isOwedNow, session.owedIn]).toEqual([false, []]);
  });

  it.each([undefined, null])(
    "[M26] a failure for no reason (%s) is none the less a failure",
    (reason) => {
      const store = noStore();
      const obligations = new Obligations(store);
      const told: unknown[] = [];
      const obligation = obligations.add();
      obligations.whenSettled((failure) => told.push(failure));
      endTurn(store, obligations);
      obligation.fail(reason);
      obligations.tellFailed(obligations.takeFailed());
      expect(told).toEqual([new Error("it failed without a reason")]);
    },
  );

  it("[M26] is the disk as well: whichever comes last", () => {
    for (const diskFirst of [true, false]) {
      const disk = new SlowDisk();
      const store = slowStore(disk);
      const obligations = new Obligations(store);
      store.putInbound(1, 7);
      const obligation = obligations.add();
      const ticket = endTurn(store, obligations);
      const steps = [() => disk.finishAll(), () => obligation.settle()];
      if (!diskFirst) steps.reverse();
      const seen = steps.map((step) => {
        step();
        return [obligations.isSettled(ticket), obligations.isDurable(ticket)];
      });
      expect(seen).toEqual([
        [false, diskFirst],
        [true, true],
      ]);
    }
  });

  it("a receiver's delivery waits for the records alone", () => {
    const store = noStore();
    const obligations = new Obligations(store);
    obligations.add();
    const ticket = endTurn(store, obligations);
    expect([obligations.isDurable(ticket), obligations.isDurableUpTo(ticket)]).toEqual([
      true,
      true,
    ]);
    expect([obligations.isSettled(ticket), obligations.isSettledUpTo(ticket)]).toEqual([
      false,
      false,
    ]);
  });

  it("a failure is told once, and what failed at once is still owed in that turn", () => {
    const store = noStore();
    const obligations = new Obligations(store);
    const obligation = obligations.add();
    obligation.fail("why");
    obligation.settle();
    expect([obligations.isOwedNow, obligations.hasFailed]).toEqual([true, true]);
    const told: unknown[] = [];
    obligations.whenSettled((failure) => told.push(failure));
    const ticket = endTurn(store, obligations);
    const failed = obligations.takeFailed();
    expect(failed).toEqual([{ ticket, owner: undefined, reason: "why" }]);
    obligations.tellFailed(failed);
    expect(told).toEqual(["why"]);
    expect([obligations.hasFailed, obligations.takeFailed(), obligations.hasWaiters]).toEqual([
      false,
      [],
      false,
    ]);
  });

  it("has a term: what is open for longer has failed, and whoever owes it is told", () => {
    const store = noStore();
    const obligations = new Obligations(store);
    const late: string[] = [];
    const term = (untilMs: number, name: string) => ({ untilMs, tooLate: () => late.push(name) });
    obligations.add(); // without a term: it may stay open for ever
    obligations.add(undefined, term(10, "first"));
    obligations.add(undefined, term(20, "second"));
    obligations.expire(9);
    expect(obligations.openCount).toBe(3);
    obligations.expire(10);
    expect([late, obligations.openCount]).toEqual([["first"], 2]);
    expect(obligations.takeFailed()).toHaveLength(1);
  });

  it("tells everybody who waits when it holds, or that the Store has failed", () => {
    const disk = new SlowDisk();
    const store = slowStore(disk);
    const obligations = new Obligations(store);
    const told: unknown[] = [];
    for (let turn = 0; turn < 2; turn += 1) {
      store.putInbound(1, turn);
      obligations.whenSettled((failure) => told.push(failure));
      endTurn(store, obligations);
    }
    obligations.tellSettled();
    expect(told).toEqual([]);
    disk.finishAll();
    obligations.tellSettled();
    expect(told).toEqual([undefined, undefined]);
    store.putInbound(1, 9);
    obligations.whenSettled((failure) => told.push(failure));
    obligations.tellStoreFailed("full");
    expect(told.at(-1)).toBe("full");
    expect(obligations.hasWaiters).toBe(false);
  });
});
