import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ApiClient } from "../../../src/cli/ctl/api-client.js";
import { type Asked, listClients, listRetained, tailLog } from "../../../src/cli/ctl/commands.js";
import { type AdminWorld, adminWorld, TOKEN } from "../../support/admin.js";

const folder = mkdtempSync(join(tmpdir(), "ctl-commands-"));
let world: AdminWorld;
let api: ApiClient;
beforeAll(async () => {
  world = adminWorld();
  writeFileSync(join(folder, "token"), TOKEN);
  api = new ApiClient({ url: await world.listen(), tokenFile: join(folder, "token") });
});
afterAll(async () => {
  await world.close();
  rmSync(folder, { recursive: true });
});

async function linesOf(run: (asked: Asked) => Promise<void>, json = false): Promise<string[]> {
  const lines: string[] = [];
  await run({ api, json, out: (line) => lines.push(...line.split("\n")) });
  return lines;
}

it("fetches page after page, and no more than was asked for", async () => {
  for (let at = 0; at < 1_200; at += 1) {
    void world.broker.publish({ topicName: `t/${at}`, payload: "x", retain: true });
  }
  expect(await linesOf((asked) => listRetained(asked, "#", 5_000))).toHaveLength(1_201);
  expect(await linesOf((asked) => listRetained(asked, "#", 1_100), true)).toHaveLength(1_100);
  expect(await linesOf((asked) => listRetained(asked, "t/7", 10))).toEqual([
    "TOPIC  QOS  BYTES",
    "t/7    0    1",
  ]);
});

it("[C14] shows clients with nothing in them that a terminal obeys", async () => {
  await world.broker.connectInProcess({ clientId: "a\u200bb", username: "\u2028next" });
  const [, line] = await linesOf((asked) => listClients(asked, undefined, { most: 10 }));
  expect(line).toContain("a\\u{200b}b");
  expect(line).toContain("\\u{2028}next");
});

it("follows the log", async () => {
  const log = world.log.behind({ warn: () => undefined });
  log.warn?.("the disk is slow", {});
  const first = new Promise<string>((resolve) => {
    tailLog({ api, json: false, out: resolve }).catch(() => undefined); // ends with the server
  });
  expect(await first).toMatch(/^\d{4}-.*Z warn the disk is slow$/);
});
