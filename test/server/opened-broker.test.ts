import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openedBroker } from "../../src/server/opened-broker.js";
import { StartError } from "../../src/server/start-error.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "beeline-opened-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("opens a broker in memory, or over a folder", async () => {
  for (const store of [undefined, { path: folder }]) {
    const { broker, fenced } = await openedBroker({ broker: {}, store }, {});
    expect(fenced).toBeUndefined();
    await broker.close();
  }
});

it("says why there is no replica", async () => {
  const replica = {
    ...{ name: "test", servers: ["nats://127.0.0.1:1"], credentials: join(folder, "none") },
    tls: undefined,
  };
  const opening = openedBroker({ broker: {}, store: { path: folder }, replica }, {});
  await expect(opening).rejects.toThrow(StartError);
  await expect(opening).rejects.toThrow("the file of replica.credentials cannot be read");
});
