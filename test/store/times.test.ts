import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Delivery } from "../../src/session/delivery.js";
import { openLmdbStore } from "../../src/store/lmdb-store.js";
import { messageOf } from "../support/deliveries.js";

let path = "";
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), "beeline-time-"));
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(path, { recursive: true, force: true });
});

const DAY_MS = 24 * 60 * 60 * 1_000;
const AGE_MS = 3 * DAY_MS;

/** A run of the server whose monotonic clock begins anew. */
function open(nowMs: () => number): ReturnType<typeof openLmdbStore> {
  return openLmdbStore({ path, nowMs });
}

function expiryOf(store: ReturnType<typeof openLmdbStore>): number | undefined {
  const into: Delivery[] = [];
  store.pagesOf(1).read(0, 10, into);
  return into[0]?.expiresMs;
}

describe("[D5] [J10] the age of what is kept", () => {
  for (const [name, jumpMs] of [
    ["forward by 30 days", 30 * DAY_MS],
    ["back by a year", -365 * DAY_MS],
  ] as const) {
    it(`does not change when the clock jumps ${name} between two runs`, async () => {
      let nowMs = 1_000;
      const first = open(() => nowMs);
      const delivery = new Delivery(messageOf("t", "x"), 1, false, true, nowMs + AGE_MS);
      delivery.sequence = 1;
      first.putDelivery(1, delivery);
      first.seal();
      nowMs += DAY_MS; // the server sees a day pass
      await first.close();
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + jumpMs });
      const second = open(() => 500);
      expect(expiryOf(second)).toBe(500 + AGE_MS - DAY_MS);
      await second.close();
    });
  }

  it("counts what passed until about a minute before a crash", async () => {
    let nowMs = 1_000;
    const first = open(() => nowMs);
    const delivery = new Delivery(messageOf("t", "x"), 1, false, true, nowMs + AGE_MS);
    delivery.sequence = 1;
    first.putDelivery(1, delivery);
    first.seal();
    await until(() => first.committedTicket === first.openTicket - 1);
    nowMs += DAY_MS;
    const before = first.openTicket;
    await until(() => first.openTicket > before); // nothing else happens: the time alone is kept
    await until(() => first.committedTicket === first.openTicket - 1);
    nowMs += 59_000; // and this is lost with the crash
    const commits = first.counts.commits;
    expect(commits).toBe(2);
    const { cpSync } = await import("node:fs");
    const copy = `${path}-crashed`;
    cpSync(path, copy, { recursive: true });
    await first.close();
    rmSync(join(copy, "beeline.lock"));
    const second = openLmdbStore({ path: copy, nowMs: () => 500 });
    expect(expiryOf(second)).toBe(500 + AGE_MS - DAY_MS);
    await second.close();
    rmSync(copy, { recursive: true });
  });
});

async function until(isTrue: () => boolean): Promise<void> {
  const endMs = performance.now() + 5_000;
  while (!isTrue() && performance.now() < endMs) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(isTrue()).toBe(true);
}
