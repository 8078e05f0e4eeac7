import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Deadlined, DeadlineWheel } from "../../src/state/deadline-wheel.js";

class Member implements Deadlined<Member> {
  wheelSlot = -1;
  wheelNext: Member | undefined = undefined;
  wheelPrevious: Member | undefined = undefined;
  dueMs = 0;
}

/** Whoever the wheel hands out at a time; those that are not due yet are scheduled again. */
function due(wheel: DeadlineWheel<Member>, nowMs: number): Member[] {
  const found: Member[] = [];
  wheel.advance(nowMs, found);
  for (const member of found) if (member.dueMs > nowMs) wheel.schedule(member, member.dueMs);
  return found.filter((member) => member.dueMs <= nowMs);
}

function scheduled(wheel: DeadlineWheel<Member>, dueMs: number): Member {
  const member = new Member();
  member.dueMs = dueMs;
  wheel.schedule(member, dueMs);
  return member;
}

describe("the wheel of deadlines", () => {
  it("[I13] hands out a member not before it is due and at most a slot later", () => {
    const wheel = new DeadlineWheel<Member>();
    due(wheel, 10_000);
    const member = scheduled(wheel, 11_001);
    expect(due(wheel, 11_000)).toEqual([]);
    expect(due(wheel, 11_250)).toEqual([member]);
    expect(due(wheel, 20_000)).toEqual([]);
  });

  it("holds one that is due further ahead than it goes round", () => {
    const wheel = new DeadlineWheel<Member>();
    due(wheel, 1_000);
    const member = scheduled(wheel, 1_000_000);
    for (let nowMs = 1_250; nowMs < 1_000_000; nowMs += 250) expect(due(wheel, nowMs)).toEqual([]);
    expect(due(wheel, 1_000_000)).toEqual([member]);
  });

  it("finds everybody after it stood still for long", () => {
    const wheel = new DeadlineWheel<Member>();
    due(wheel, 1_000);
    const members = [5_000, 30_000, 60_000].map((dueMs) => scheduled(wheel, dueMs));
    expect(new Set(due(wheel, 10_000_000))).toEqual(new Set(members));
  });

  it("takes out who is cancelled or moved, first, last or between others of a slot", () => {
    const wheel = new DeadlineWheel<Member>();
    due(wheel, 1_000);
    const members = [1, 2, 3, 4].map(() => scheduled(wheel, 5_000));
    const [first, second, third, last] = members as [Member, Member, Member, Member];
    wheel.cancel(second);
    wheel.cancel(second);
    wheel.cancel(first);
    wheel.schedule(last, 9_000);
    last.dueMs = 9_000;
    expect(due(wheel, 5_250)).toEqual([third]);
    expect(due(wheel, 9_250)).toEqual([last]);
  });

  it("has no place for who is never due", () => {
    const wheel = new DeadlineWheel<Member>();
    const member = scheduled(wheel, 1_500);
    wheel.schedule(member, Number.POSITIVE_INFINITY);
    expect(member.wheelSlot).toBe(-1);
    expect(due(wheel, 1_000_000)).toEqual([]);
  });

  it("finds who is due already at the next slot", () => {
    const wheel = new DeadlineWheel<Member>();
    due(wheel, 10_000);
    const late = scheduled(wheel, 3_000);
    expect(due(wheel, 10_250)).toEqual([late]);
  });

  it("does nothing when no slot has passed, or time stands still", () => {
    const wheel = new DeadlineWheel<Member>();
    due(wheel, 10_000);
    scheduled(wheel, 10_000);
    expect([due(wheel, 10_100), due(wheel, 10_000)]).toEqual([[], []]);
  });

  it("finds everybody in time, under any deadlines, moves and ticks", () => {
    const step = fc.record({
      aheadMs: fc.integer({ min: 0, max: 100_000 }),
      tickMs: fc.integer({ min: 1, max: 3_000 }),
      pick: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const wheel = new DeadlineWheel<Member>();
        const waiting = new Set<Member>();
        let nowMs = 5_000;
        for (const { aheadMs, tickMs, pick } of steps) {
          waiting.add(scheduled(wheel, nowMs + aheadMs));
          const moved = [...waiting][pick % waiting.size] as Member; // there is at least one
          moved.dueMs += 500;
          wheel.schedule(moved, moved.dueMs);
          nowMs += tickMs;
          for (const member of due(wheel, nowMs)) waiting.delete(member);
          const forgotten = [...waiting].filter(({ dueMs }) => dueMs + 250 <= nowMs);
          expect(forgotten).toEqual([]);
        }
      }),
      { numRuns: 200 },
    );
  });
});
