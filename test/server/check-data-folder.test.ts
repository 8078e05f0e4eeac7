import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkDataFolder } from "../../src/server/check-data-folder.js";
import { asNobody, IS_ROOT, NOBODY } from "../support/other-user.js";
import { Child } from "./child.js";

const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "beeline-check-folder-"));
  chmodSync(folder, 0o755);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const check = (path: string | undefined) =>
  checkDataFolder({
    listeners: [],
    broker: {},
    store: path === undefined ? undefined : { path },
  });

describe("the check of the data folder", () => {
  it("finds nothing wrong with one that can be made, and makes nothing", () => {
    const path = join(folder, "a", "b");
    expect(check(path)).toEqual([]);
    expect(existsSync(join(folder, "a"))).toBe(false);
    expect(check(undefined)).toEqual([]);
  });

  it("[J12] tells when others can look into one that is there", () => {
    expect(check(folder)).toEqual([expect.stringContaining("every user of this machine can look")]);
    chmodSync(folder, 0o700);
    expect(check(folder)).toEqual([]);
  });

  it("refuses what a start would refuse, with what to do", () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    expect(() => check(join(file, "data"))).toThrow(
      /is a file, not a folder: choose another folder/,
    );
    expect(() => check(file)).toThrow(/is a file, not a folder: choose another folder/);
  });

  it("[M04] refuses one where nothing can be made, whatever its rights say", (context) => {
    if (!existsSync("/proc/self")) context.skip("a system without /proc");
    expect(() => check("/proc/beeline/data")).toThrow(
      "the data folder /proc/beeline/data cannot be used",
    );
    expect(() => check("/proc")).toThrow("the data folder /proc cannot be used");
  });

  it("refuses one that this user may not write into", async (context) => {
    const closed = join(folder, "closed");
    mkdirSync(closed, 0o555);
    try {
      asNobody(() => accessSync(main, constants.R_OK));
    } catch {
      context.skip("a clone that not every user may read");
    }
    const user = IS_ROOT ? { uid: NOBODY, gid: NOBODY } : {};
    const child = new Child(user, "check", "--data-dir", join(closed, "data"));
    expect(await child.ended).toBe(1);
    expect(child.err).toMatch(
      /error: the data folder .*closed\/data cannot be used: this user \(id /,
    );
  });
});
