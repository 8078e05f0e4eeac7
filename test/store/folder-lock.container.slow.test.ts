import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lockFolder } from "../../src/store/folder-lock.js";
import { encodeIdentity, ownIdentity } from "../../src/store/process-identity.js";
import { BUILT_STORE } from "../support/stored-world.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "beeline-lock-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const OPEN = `const { openLmdbStore } = await import(${JSON.stringify(BUILT_STORE)});
  openLmdbStore({ path: process.argv[1] }); console.log("open"); setInterval(() => {}, 1000);`;
const ARGS = ["--input-type=module", "-e", OPEN];
const UNSHARE = ["--pid", "--fork", "--kill-child"];
const mayUnshare = spawnSync("unshare", [...UNSHARE, "true"]).status === 0;

/** Locks as somebody in another container, whom nothing but the file tells of. */
function writeForeign(boot: string, host: string): string {
  const file = join(folder, "beeline.lock");
  const other = { ...ownIdentity(false, ""), pid: 1, boot, host, namespace: "pid:[1]" };
  writeFileSync(file, encodeIdentity(other));
  return file;
}

describe("[D3] a store that containers share", () => {
  it.skipIf(!mayUnshare)("is refused to a second server in another PID namespace", async () => {
    const first = spawn("unshare", [...UNSHARE, process.execPath, ...ARGS, folder]);
    const ended = new Promise((resolve) => first.once("exit", resolve));
    await new Promise((resolve) => first.stdout.once("data", resolve));
    const second = spawnSync("unshare", [...UNSHARE, process.execPath, ...ARGS, folder], {
      encoding: "utf8",
    });
    expect(second.stdout).toBe("");
    expect(second.stderr).toContain(`the store in ${folder} is in use by`);
    expect(() => lockFolder(folder)).toThrow("is in use by");
    first.kill("SIGKILL"); // and with it the server inside
    await ended;
    await untilFree();
    lockFolder(folder).release();
  });

  it("is refused while somebody on another machine gives signs of life", () => {
    const file = writeForeign("another-boot", "elsewhere");
    const beating = spawn(process.execPath, [
      "-e",
      `setInterval(() => require("fs").utimesSync(${JSON.stringify(file)}, new Date(), new Date()), 50)`,
    ]);
    try {
      expect(() => lockFolder(folder, 5_000)).toThrow("is in use by process 1 of elsewhere");
    } finally {
      beating.kill();
    }
  });

  it("is free when there is no sign of life for long enough", () => {
    const file = writeForeign("another-boot", "elsewhere");
    utimesSync(file, new Date(), new Date());
    lockFolder(folder, 200).release();
  });

  it("is free at once when the lock is from before the last start of this machine", () => {
    writeForeign("another-boot", hostname());
    lockFolder(folder, Number.POSITIVE_INFINITY).release();
  });

  it("tells its holder that the lock was taken away", () => {
    const lock = lockFolder(folder);
    expect(lock.isLost).toBe(false);
    lock.beat();
    expect(lock.isLost).toBe(false);
    rmSync(join(folder, "beeline.lock"));
    expect(lock.isLost).toBe(true);
    lock.release();
  });
});

/** The kernel ends a container some moments after its first process. */
async function untilFree(): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    try {
      lockFolder(folder).release();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
