import { pbkdf2Sync, scryptSync } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { getPriority } from "node:os";
import { expect, it, vi } from "vitest";
import { type HashJob, HashThreads } from "../../src/auth/hash-threads.js";

const password = Buffer.from("xxrightxx").subarray(2, 7);
const salt = Buffer.from("0123456789abcdef");
const cost = { N: 2 ** 10, r: 8, p: 1, maxmem: 2 ** 26 };
const scrypt: HashJob = { kind: "scrypt", password, salt, length: 32, cost };
const pbkdf2: HashJob = { kind: "pbkdf2", password, salt, length: 64, iterations: 101 };

it("derives what Node does", async () => {
  const threads = new HashThreads(1, 0);
  const wanted = scryptSync("right", salt, 32, cost);
  expect(Buffer.from(await threads.derive(scrypt)).equals(wanted)).toBe(true);
  const other = pbkdf2Sync("right", salt, 101, 64, "sha512");
  expect(Buffer.from(await threads.derive(pbkdf2)).equals(other)).toBe(true);
});

it("[M02] has so many threads at the most, and none when there was nothing to do for a while", async () => {
  const threads = new HashThreads(2, 50);
  const all = Promise.all(Array.from({ length: 8 }, () => threads.derive(scrypt)));
  expect(threads.threadCount).toBe(2);
  const hashes = await all;
  expect(new Set(hashes.map((hash) => Buffer.from(hash).toString("hex"))).size).toBe(1);
  expect(threads.threadCount).toBe(2);
  await vi.waitUntil(() => threads.threadCount === 0);
  expect(await threads.derive(scrypt)).toEqual(hashes[0]); // it begins anew
});

/** Niceness of every thread of this process, by its number. */
function nicenesses(): Map<string, number> {
  const found = new Map<string, number>();
  for (const id of readdirSync("/proc/self/task")) {
    const stat = readFileSync(`/proc/self/task/${id}/stat`, "utf8");
    found.set(id, Number(stat.slice(stat.lastIndexOf(")")).split(" ")[17])); // field 19, proc(5)
  }
  return found;
}

it.runIf(process.platform === "linux")("[M02] they give way to all other threads", async () => {
  const threads = new HashThreads(1, 5_000);
  const before = nicenesses();
  const own = getPriority();
  await threads.derive(scrypt);
  const added = [...nicenesses()].filter(([id]) => !before.has(id));
  expect(added.map(([, niceness]) => niceness)).toContain(5);
  expect(getPriority()).toBe(own);
  for (const [id, niceness] of nicenesses()) {
    if (before.has(id)) expect(niceness).toBe(before.get(id));
  }
});

it("fails with what cannot be done, and goes on", async () => {
  const threads = new HashThreads(1, 0);
  const dear = threads.derive({ ...scrypt, cost: { ...cost, maxmem: 1 } } as HashJob);
  const [failed, fine] = await Promise.allSettled([dear, threads.derive(scrypt)]);
  expect(failed).toMatchObject({ status: "rejected", reason: { message: /memory limit/i } });
  expect(fine.status).toBe("fulfilled");
});

it("fails when its thread does, and begins another", async () => {
  const threads = new HashThreads(1, 0);
  // More than a thread may have for itself: V8 ends it.
  const fatal = threads.derive({ ...scrypt, cost: undefined, kind: null } as unknown as HashJob);
  await expect(fatal).rejects.toThrow();
  expect(Buffer.from(await threads.derive(scrypt))).toHaveLength(32);
});
