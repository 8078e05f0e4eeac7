import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { examineFormat1 } from "../../src/store/format-1.js";
import { inboundKey } from "../../src/store/keys.js";
import { LmdbBackend } from "../../src/store/lmdb-backend.js";
import { format1Operations, OLD_WORLD } from "../support/format-1.js";

let path = "";
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), "beeline-format-"));
});
afterEach(() => rmSync(path, { recursive: true, force: true }));

it("[J09] is looked at as it will be, and counts nothing against its queues", async () => {
  const backend = new LmdbBackend({ path });
  backend.commitNow(format1Operations());
  // Too short for what it should be, and for any checksum.
  backend.commitNow([{ kind: "put", key: Uint8Array.of(0x73, 1), value: Uint8Array.of(1) }]);
  backend.commitNow([{ kind: "put", key: inboundKey(3, 9), value: Uint8Array.of(1) }]);
  await backend.close();
  const handle = openSync(join(path, "data.mdb"), "r");
  const findings = examineFormat1(handle);
  closeSync(handle);
  expect(findings).toMatchObject({ format: 1, queues: [], structure: [], lost: [] });
  expect(findings.damaged).toHaveLength(1);
  expect(findings.counts).toMatchObject({
    deliveries: OLD_WORLD.deliveries,
    inbound: OLD_WORLD.sessions + 1,
  });
});
