import { expect, it } from "vitest";
import { GivingBack, type Memory, processMemory } from "../../src/net/giving-back.js";
import { loadTrim } from "../../src/net/native/libc.js";

const MB = 1024 * 1024;

/** A process whose memory and CPU time the test sets. */
class FakeMemory implements Memory {
  bytes = 100 * MB;
  cpu = 0;
  loop = 0;
  count = 0;
  /** What is left when memory was given back. */
  leftBytes = 120 * MB;
  readonly residentBytes = (): number => this.bytes;
  readonly cpuMs = (): number => this.cpu;
  readonly loopMs = (): number => this.loop;

  giveBack(): Promise<void> {
    this.count += 1;
    this.bytes = this.leftBytes;
    return Promise.resolve();
  }
}

/** Looks once a second, the last one included. */
function looksOf(givingBack: GivingBack): (from: number, to: number) => Promise<void> {
  return async (from, to) => {
    for (let at = from; at <= to; at += 1) await givingBack.look(at * 1_000);
  };
}

it("[T6] gives back what a burst has left, once, when there is little to do", async () => {
  const memory = new FakeMemory();
  const givingBack = new GivingBack(memory, 0);
  memory.bytes = 600 * MB;
  memory.cpu = 900; // of a second: others would have to wait for it
  await givingBack.look(1_000);
  expect(memory.count).toBe(0);
  memory.cpu = 1_000;
  await givingBack.look(2_000);
  expect([memory.count, memory.bytes]).toEqual([1, 120 * MB]);
  await givingBack.look(3_000);
  memory.bytes = 183 * MB; // a little more than the last time is left
  await givingBack.look(4_000);
  expect(memory.count).toBe(1);
  memory.bytes = 184 * MB;
  await givingBack.look(5_000);
  expect(memory.count).toBe(2);
});

it("[M02] does not take a process for idle that uses little of a CPU since others have it", async () => {
  const memory = new FakeMemory();
  const givingBack = new GivingBack(memory, 0);
  memory.bytes = 600 * MB;
  memory.loop = 900; // 100 ms of CPU would be enough for nobody to notice
  memory.cpu = 100;
  await givingBack.look(1_000);
  expect(memory.count).toBe(0);
  memory.loop = 1_000;
  await givingBack.look(2_000);
  expect(memory.count).toBe(1);
});

it("[I01] gives back less, too, when there was little to do for ten seconds, and never again for nothing", async () => {
  const memory = new FakeMemory();
  const givingBack = new GivingBack(memory, 0);
  const looks = looksOf(givingBack);
  memory.bytes = 120 * MB;
  await looks(1, 9);
  memory.cpu = 500; // in the tenth second there was something to do
  await looks(10, 19);
  expect(memory.count).toBe(0);
  await looks(20, 20);
  expect(memory.count).toBe(1);
  await looks(21, 25);
  expect(memory.count).toBe(1);
  await looks(26, 26); // V8 may give back more the second time
  expect(memory.count).toBe(2);
  await looks(27, 60); // 120 MB are left, whatever is done
  memory.bytes = 135 * MB;
  await looks(61, 100);
  expect(memory.count).toBe(2);
  memory.bytes = 138 * MB; // more than 16 MiB, and an eighth
  await looks(101, 101);
  expect(memory.count).toBe(3);
});

it("[I03] gives back what was in use still when it did so during a burst, once that is over", async () => {
  const memory = new FakeMemory();
  const givingBack = new GivingBack(memory, 0);
  memory.bytes = 170 * MB;
  memory.leftBytes = 160 * MB; // there are connections still
  await givingBack.look(1_000);
  expect([memory.count, memory.bytes]).toEqual([1, 160 * MB]);
  memory.leftBytes = 130 * MB; // with room for what is young, which V8 keeps the first time
  const looks = looksOf(givingBack);
  await looks(2, 10);
  expect([memory.count, memory.bytes]).toEqual([2, 130 * MB]);
  memory.leftBytes = 104 * MB;
  await looks(11, 16);
  expect([memory.count, memory.bytes]).toEqual([3, 104 * MB]);
  await looks(17, 100);
  expect(memory.count).toBe(3);
});

it("does not do it once more when little is left of a burst", async () => {
  const memory = new FakeMemory();
  const givingBack = new GivingBack(memory, 0);
  memory.bytes = 130 * MB;
  memory.leftBytes = 110 * MB;
  await looksOf(givingBack)(1, 100);
  expect([memory.count, memory.bytes]).toEqual([1, 110 * MB]);
});

it("gives back less than an eighth of what a large process has only when that is 64 MiB", async () => {
  const memory = new FakeMemory();
  memory.bytes = 1_000 * MB;
  const givingBack = new GivingBack(memory, 0);
  memory.bytes = 1_063 * MB;
  for (let at = 1; at <= 30; at += 1) await givingBack.look(at * 1_000);
  expect(memory.count).toBe(0);
  memory.bytes = 1_064 * MB;
  await givingBack.look(31_000);
  expect(memory.count).toBe(1);
});

it("counts from the least that the process has needed since", async () => {
  const memory = new FakeMemory();
  const givingBack = new GivingBack(memory, 0);
  memory.bytes = 40 * MB;
  await givingBack.look(1_000);
  memory.bytes = 104 * MB;
  await givingBack.look(2_000);
  expect(memory.count).toBe(1);
});

it("begins nothing while it is at it, and goes on after a failure", async () => {
  const memory = new FakeMemory();
  let fail: (error: Error) => void = () => undefined;
  const failing: Memory = {
    residentBytes: memory.residentBytes,
    cpuMs: memory.cpuMs,
    loopMs: memory.loopMs,
    giveBack: () => {
      memory.count += 1;
      return new Promise((_, reject) => {
        fail = reject;
      });
    },
  };
  const givingBack = new GivingBack(failing, 0);
  memory.bytes = 600 * MB;
  const first = givingBack.look(1_000);
  await givingBack.look(2_000);
  expect(memory.count).toBe(1);
  fail(new Error("no"));
  await expect(first).rejects.toThrow("no");
  memory.bytes = 700 * MB;
  const second = givingBack.look(3_000);
  expect(memory.count).toBe(2);
  fail(new Error("again"));
  await expect(second).rejects.toThrow("again");
});

it.runIf(loadTrim() !== undefined)(
  "of this process: what lay between things that last goes back to the system",
  async () => {
    const memory = processMemory();
    const kept: Buffer[] = [];
    let all: Buffer[] = [];
    for (let n = 0; n < 100_000; n += 1) {
      const block = Buffer.allocUnsafeSlow(1_500).fill(1);
      all.push(block);
      if (n % 500 === 0) kept.push(block);
    }
    const before = memory.residentBytes();
    all = [];
    await memory.giveBack();
    expect(before - memory.residentBytes()).toBeGreaterThan(75 * MB);
    expect([all.length, kept.length]).toEqual([0, 200]);
  },
);
