import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lockFolder } from "../../src/store/folder-lock.js";
import { StoreError } from "../../src/store/store-error.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "beeline-lock-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("the lock of a store's folder", () => {
  it("[J08] refuses while its process runs, and names that process", () => {
    // The parent of this process runs for sure.
    const parent = process.ppid;
    const stat = readFileSync(`/proc/${parent}/stat`, "utf8");
    const start = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    writeFileSync(join(folder, "beeline.lock"), `${parent} ${start}\n`);
    expect(() => lockFolder(folder)).toThrow(StoreError);
    expect(() => lockFolder(folder)).toThrow(`in use by process ${parent}`);
  });

  it("[J08] refuses this very process too: two stores over one folder would write over each other", () => {
    const lock = lockFolder(folder);
    expect(() => lockFolder(folder)).toThrow(`in use by this very process, ${process.pid}`);
    lock.release();
    const again = lockFolder(folder);
    lock.release(); // the first lock is gone: it must not take the second one with it
    expect(() => lockFolder(folder)).toThrow(StoreError);
    again.release();
    lockFolder(folder).release();
  });

  it("[J08] counts for nothing when its process is gone, or is another one by now", () => {
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    for (const stale of [`${pid} 1`, `${process.ppid} 1`, `${process.pid} 1`, "nonsense", ""]) {
      writeFileSync(join(folder, "beeline.lock"), stale);
      lockFolder(folder).release();
    }
  });

  it("[J08] tells a copy that was made while its process runs from the folder itself", () => {
    const lock = lockFolder(folder);
    const copy = `${folder}-copy`;
    cpSync(folder, copy, { recursive: true });
    expect(() => lockFolder(copy)).toThrow(
      `the store in ${copy} is a copy, made while this very process, ${process.pid} had the original: it may hold half a write.`,
    );
    rmSync(join(copy, "beeline.lock")); // as it says, for a snapshot
    lockFolder(copy).release();
    cpSync(folder, copy, { recursive: true });
    lock.release();
    const text = readFileSync(join(copy, "beeline.lock"), "utf8");
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    writeFileSync(join(copy, "beeline.lock"), text.replace(/^\d+/, `${pid}`)); // its process has ended
    lockFolder(copy).release();
    rmSync(copy, { recursive: true });
  });

  it("[J08] of an older version does not say which file it is: then it is in use", () => {
    const lock = lockFolder(folder);
    const copy = join(folder, "copy");
    mkdirSync(copy);
    const text = readFileSync(join(folder, "beeline.lock"), "utf8");
    writeFileSync(join(copy, "beeline.lock"), text.replace(/ \S+\n$/, "\n"));
    lock.release();
    expect(() => lockFolder(copy)).toThrow("in use by this very process");
  });

  it("[J12] is a file for its owner alone, and gone after the release", () => {
    const lock = lockFolder(folder);
    expect(statSync(join(folder, "beeline.lock")).mode & 0o777).toBe(0o600);
    lock.release();
    expect(() => statSync(join(folder, "beeline.lock"))).toThrow(/ENOENT/);
  });

  it("says in words when the folder cannot be written", () => {
    expect(() => lockFolder(join(folder, "missing"))).toThrow(
      /^the data folder .*missing cannot be used: no folder or file can be made at/,
    );
  });
});
