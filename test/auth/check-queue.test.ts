import { describe, expect, it } from "vitest";
import { CheckQueue, NotCheckedError } from "../../src/auth/check-queue.js";
import { attempt } from "./attempt.js";

const one = attempt();

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
    const all = [0, 1, 2, 3].map((id) => queue.run(one, job(id)));
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
    const all = [0, 1, 2].map((id) => queue.run(one, job(id)));
    await expect(queue.run(one, job(3))).rejects.toThrow(NotCheckedError);
    for (const id of [0, 1, 2]) {
      end(id);
      await new Promise(setImmediate);
    }
    expect(await Promise.all(all)).toEqual([0, 1, 2]);
    expect(begun).toEqual([0, 1, 2]);
  });

  it("goes on after a job that fails or throws", async () => {
    const queue = new CheckQueue(1, 5);
    const failing = queue.run(one, () => Promise.reject(new Error("bad")));
    const throwing = queue.run(one, () => {
      throw new Error("worse");
    });
    const good = queue.run(one, async () => "good");
    await expect(failing).rejects.toThrow("bad");
    await expect(throwing).rejects.toThrow("worse");
    expect(await good).toBe("good");
    expect(await queue.run(one, async () => "later")).toBe("later");
  });

  /** A queue with one job running, to which jobs are added by the address of their peer. */
  function busy(waitingMax = 1_000) {
    const { begun, end, job } = jobs();
    const queue = new CheckQueue(1, waitingMax);
    const gone = new Set<number>();
    const outcomes = new Map<number, string>();
    let count = 0;
    const add = (remoteAddress: string): number => {
      const id = count;
      count += 1;
      queue.run(attempt({ remoteAddress, isWanted: () => !gone.has(id) }), job(id)).then(
        () => outcomes.set(id, "checked"),
        (error: Error) => outcomes.set(id, `${error.name}: ${error.message}`),
      );
      return id;
    };
    /** Ends one after the other until none is left. */
    const drain = async (): Promise<readonly number[]> => {
      for (let at = 0; at < begun.length; at += 1) {
        end(begun[at] as number);
        await new Promise(setImmediate);
      }
      return begun;
    };
    add("198.51.100.1:1");
    return { queue, gone, outcomes, add, drain };
  }

  it("[M02] checks of one address make another one wait for one of them, however many they are", async () => {
    const { add, drain } = busy();
    for (let at = 0; at < 50; at += 1) add(`203.0.113.9:${at}`);
    for (let at = 0; at < 50; at += 1) add(`203.0.113.10:${at}`);
    const innocent = add("192.0.2.1:5");
    const order = await drain();
    expect(order.indexOf(innocent)).toBe(3); // the running one, and one of each that guesses
    expect(order).toHaveLength(102);
    expect(order.slice(0, 4)).toEqual([0, 1, 51, innocent]);
    expect(order.slice(4, 8)).toEqual([2, 52, 3, 53]); // in turns, each in its own order
  });

  it("[M02] counts all of a /64 as one address, and one behind IPv4 in IPv6 as IPv4", async () => {
    const { add, drain } = busy();
    for (let at = 0; at < 20; at += 1) add(`[2001:db8::${at}]:5`);
    const innocent = add("[2001:db8:0:1::1]:5");
    for (let at = 0; at < 20; at += 1)
      add(at % 2 === 0 ? "203.0.113.9:1" : "[::ffff:203.0.113.9]:1");
    const last = add("192.0.2.1:5");
    const order = await drain();
    expect(order.indexOf(innocent)).toBe(2);
    expect(order.indexOf(last)).toBe(4);
  });

  it("[M02] drops checks of peers that have gone before they begin", async () => {
    const { add, drain, gone, outcomes, queue } = busy();
    const left = Array.from({ length: 40 }, () => add("203.0.113.9:1"));
    const stays = add("203.0.113.9:1");
    for (const id of left) gone.add(id);
    expect(await drain()).toEqual([0, stays]);
    expect(outcomes.get(left[0] as number)).toBe("NotCheckedError: nobody waits for it any more");
    expect(outcomes.get(stays)).toBe("checked");
    expect(queue.waitingCount).toBe(0);
    add("203.0.113.9:1");
    expect(await drain()).toHaveLength(3); // its place is free again
  });

  it("[M02] where all is full the longest line gets shorter, and nobody who came with less is refused", async () => {
    const { add, drain, outcomes, queue } = busy(10);
    for (let at = 0; at < 10; at += 1) add("203.0.113.9:1");
    const refused = add("203.0.113.9:1"); // its own line is the longest
    const others = ["a", "b", "c", "d", "e"].map((name) => add(`${name}:1`));
    await new Promise(setImmediate);
    expect(outcomes.get(refused)).toBe("NotCheckedError: too many checks wait");
    for (let id = 6; id <= 10; id += 1) expect(outcomes.get(id)).toMatch(/too many/);
    expect(queue.waitingCount).toBe(10);
    const order = await drain();
    expect(order.slice(0, 7)).toEqual([0, 1, ...others]);
    for (const id of others) expect(outcomes.get(id)).toBe("checked");
  });

  it("[I03] displaces nobody where every address has as much as the newcomer would have", async () => {
    const { add, drain, outcomes } = busy(3);
    const first = ["a", "b", "c"].map((name) => add(`${name}:1`));
    const late = add("d:1");
    await drain();
    expect(outcomes.get(late)).toMatch(/too many/);
    for (const id of first) expect(outcomes.get(id)).toBe("checked");
  });

  it("[M02] takes the place of one that has gone, in the line of the newcomer too", async () => {
    const { add, drain, gone, outcomes } = busy(4);
    const [left, ...stay] = Array.from({ length: 4 }, () => add("203.0.113.9:1"));
    gone.add(left as number);
    const late = add("203.0.113.9:1");
    await drain();
    expect(outcomes.get(left as number)).toMatch(/nobody waits/);
    for (const id of [...stay, late]) expect(outcomes.get(id)).toBe("checked");
  });
});
