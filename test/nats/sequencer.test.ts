import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Sequencer } from "../../src/nats/sequencer.js";

const bytes = (sequence: number) => Uint8Array.of(sequence & 0xff);

function sequencer(next = 1) {
  const passed: number[] = [];
  return { passed, log: new Sequencer(next, (sequence) => passed.push(sequence)) };
}

describe("Sequencer", () => {
  it("passes on each entry once, in order, whatever comes twice, late or early", () => {
    const order = fc.shuffledSubarray(
      Array.from({ length: 60 }, (_, at) => (at % 30) + 1),
      { minLength: 60, maxLength: 60 },
    );
    fc.assert(
      fc.property(order, (sequences) => {
        const { passed, log } = sequencer();
        for (const sequence of sequences) log.take(sequence, bytes(sequence));
        expect(passed).toEqual(Array.from({ length: 30 }, (_, at) => at + 1));
        expect(log.gap).toBeUndefined();
        expect(log.hole).toBe(false);
      }),
    );
  });

  it("names what is missing before something that has come", () => {
    const { passed, log } = sequencer(5);
    log.take(4, bytes(4));
    log.take(5, bytes(5));
    log.take(8, bytes(8));
    expect(log.gap).toEqual({ from: 6, to: 8 });
    expect(log.hole).toBe(true);
    expect([6, 7, 8].map((at) => log.has(at))).toEqual([false, false, true]);
    log.take(6, bytes(6));
    log.take(7, bytes(7));
    expect(passed).toEqual([5, 6, 7, 8]);
    expect(log.next).toBe(9);
  });

  it("names what is missing behind the last that came, once it is known to be there", () => {
    const { log } = sequencer();
    log.take(1, bytes(1));
    expect(log.gap).toBeUndefined();
    log.exists(3);
    expect(log.gap).toEqual({ from: 2, to: 3 });
    expect(log.hole).toBe(false);
  });

  it("forgets what claimed to be behind the end of the log", () => {
    const { passed, log } = sequencer();
    log.take(1, bytes(1));
    log.take(1_000_000, bytes(0));
    log.endsAt(1);
    expect(log.gap).toBeUndefined();
    expect(log.hole).toBe(false);
    log.take(2, bytes(2));
    expect(passed).toEqual([1, 2]);
  });

  it("keeps at most 10,000 entries and 16 MiB that came early: the others are read again", () => {
    const { passed, log } = sequencer();
    for (let at = 2; at <= 10_002; at += 1) log.take(at, bytes(at));
    expect(log.has(10_001)).toBe(true);
    expect(log.has(10_002)).toBe(false);
    log.take(1, bytes(1));
    expect(passed.length).toBe(10_001);
    expect(log.gap).toEqual({ from: 10_002, to: 10_002 });

    const large = sequencer().log;
    for (let at = 2; at <= 19; at += 1) large.take(at, new Uint8Array(1024 * 1024));
    expect(large.has(17)).toBe(true);
    expect(large.has(18)).toBe(false);
  });
});
