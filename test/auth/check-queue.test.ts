import { describe, expect, it } from "vitest";
import { CheckQueue, QueueFullError } from "../../src/auth/check-queue.js";

/** Jobs that end when the test says so. */
function jobs() {
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const job = (id: number) => () =>
    new Promise<number>((resolve) => {
      begun.push(id);
      ends[id] = () => resolve(id);
    });
  return { begun, end: (id: number) => ends[id]?.(), job };
}

describe("the queue of checks", () => {
  it("[M02] runs so many at once, and the others in order when one has ended", async () => {
    const { begun, end, job } = jobs();
    const queue = new CheckQueue(2, 10);
    const all = [0, 1, 2, 3].map((id) => queue.run(job(id)));
    await Promise.resolve();
    expect(begun).toEqual([0, 1]);
    expect(queue.waitingCount).toBe(2);
    end(1);
    expect(await all[1]).toBe(1);
    await new Promise(setImmediate);
    expect(begun).toEqual([0, 1, 2]);
    for (const id of [0, 2]) end(id);
    await new Promise(setImmediate);
    end(3);
    expect(await Promise.all(all)).toEqual([0, 1, 2, 3]);
    expect(queue.waitingCount).toBe(0);
  });

  it("[I03] takes as many as may wait, and refuses one more at once", async () => {
    const { begun, end, job } = jobs();
    const queue = new CheckQueue(1, 2);
    const all = [0, 1, 2].map((id) => queue.run(job(id)));
    await expect(queue.run(job(3))).rejects.toThrow(QueueFullError);
    for (const id of [0, 1, 2]) {
      end(id);
      await new Promise(setImmediate);
    }
    expect(await Promise.all(all)).toEqual([0, 1, 2]);
    expect(begun).toEqual([0, 1, 2]);
  });

  it("goes on after a job that fails or throws", async () => {
    const queue = new CheckQueue(1, 5);
    const failing = queue.run(() => Promise.reject(new Error("bad")));
    const throwing = queue.run(() => {
      throw new Error("worse");
    });
    const good = queue.run(async () => "good");
    await expect(failing).rejects.toThrow("bad");
    await expect(throwing).rejects.toThrow("worse");
    expect(await good).toBe("good");
    expect(await queue.run(async () => "later")).toBe("later");
  });
});
