import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterEach, beforeEach, expect, it } from "vitest";
import { storeCommand } from "../../src/cli/store-command.js";
import { openLmdbStore } from "../../src/store/lmdb-store.js";
import { deliveryOf, messageOf } from "../support/deliveries.js";

let folder = "";
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "beeline-inspect-"));
  const store = openLmdbStore({ path: folder });
  const key = store.nextKey();
  store.putSession({ key, clientId: "a", username: undefined, offlineSinceMs: 1 });
  store.putSubscription(key, "a/#", 1);
  store.putDelivery(key, deliveryOf(1));
  store.putDelivery(key, deliveryOf(2));
  store.putInbound(key, 7);
  store.putRetained(messageOf("r", "y".repeat(100)));
  store.seal();
  await store.close();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function beeline(...args: string[]): Promise<string[]> {
  const out: string[] = [];
  const lines = { out: (line: string) => void out.push(line), err: () => undefined };
  const program = new Command("beeline").addCommand(storeCommand(lines));
  await program.parseAsync(args, { from: "user" });
  return out;
}

it("counts what a stopped store keeps", async () => {
  expect(await beeline("store", "stats", folder)).toEqual([
    "sessions: 1",
    "subscriptions: 1",
    "deliveries: 2",
    "inbound: 1",
    "inboxes: 0",
    "retained: 1",
    "wills: 0",
    "payloads: 0",
    expect.stringMatching(/^bytes: \d+$/),
    "damaged: 0",
  ]);
});

it("[J06] [D2] names every damaged record, and keeps the others on demand", async () => {
  expect(await beeline("store", "check", folder)).toEqual(["every record is as it was written"]);
  const file = join(folder, "data.mdb");
  const bytes = readFileSync(file);
  for (let at = bytes.indexOf("yyyy"); at !== -1; at = bytes.indexOf("yyyy", at + 200)) {
    bytes[at + 2] = 0x7a;
  }
  writeFileSync(file, bytes);
  await expect(beeline("store", "check", folder)).rejects.toThrow(
    "1 thing is damaged or missing: no server starts on it; 'beeline store repair'",
  );
  const repaired = await beeline("store", "repair", folder);
  expect(repaired[0]).toMatch(/^a retained message is damaged/);
  expect(repaired.at(-1)).toMatch(/the damaged file is .*data\.mdb\.damaged-\d+$/);
  expect(await beeline("store", "check", folder)).toEqual(["every record is as it was written"]);
  expect(await beeline("store", "repair", folder)).toEqual([
    "every record is as it was written: nothing was done",
  ]);
  expect(await beeline("store", "stats", folder)).toContain("retained: 0");
});

it("refuses a folder without a store", async () => {
  await expect(beeline("store", "check", join(folder, "nowhere"))).rejects.toThrow(
    "there is no store in",
  );
});
