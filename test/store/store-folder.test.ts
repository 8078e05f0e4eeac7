import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openLmdbStore } from "../../src/store/lmdb-store.js";
import { StoreError } from "../../src/store/store-error.js";
import { makeStoreFolder, moveStoreAside, openToOthers } from "../../src/store/store-folder.js";
import { asNobody, IS_ROOT, NOBODY } from "../support/other-user.js";

let parent = "";
let path = "";
beforeEach(() => {
  parent = realpathSync(mkdtempSync(join(tmpdir(), "beeline-folder-")));
  chmodSync(parent, 0o755);
  path = join(parent, "data");
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

const modeOf = (file: string): number => statSync(file).mode & 0o7777;

describe("the folder of a store", () => {
  it("[J12] is private where it is made, with every folder above it that is made too", () => {
    makeStoreFolder(join(path, "a", "b"));
    for (const made of ["", "a", "a/b"]) expect(modeOf(join(path, made))).toBe(0o700);
    for (const file of readdirSync(join(path, "a", "b"))) {
      expect(modeOf(join(path, "a", "b", file))).toBe(0o600);
    }
    expect(modeOf(parent)).toBe(0o755);
  });

  it("[J12] keeps its mode where it is there, and only what is made in it is private", async () => {
    mkdirSync(path);
    for (const mode of [0o755, 0o1777, 0o700]) {
      chmodSync(path, mode);
      await openLmdbStore({ path }).close();
      expect(modeOf(path)).toBe(mode);
      expect(modeOf(join(path, "data.mdb"))).toBe(0o600);
      expect(modeOf(join(path, "lock.mdb"))).toBe(0o600);
    }
  });

  it("[J12] leaves files that are there as they are: somebody has chosen their modes", async () => {
    await openLmdbStore({ path }).close();
    chmodSync(join(path, "data.mdb"), 0o660);
    await openLmdbStore({ path }).close();
    expect(modeOf(join(path, "data.mdb"))).toBe(0o660);
  });

  it("may belong to somebody else and be shared by a group: a volume of Kubernetes", () => {
    mkdirSync(path);
    if (IS_ROOT) chownSync(path, 0, NOBODY);
    chmodSync(path, 0o2775);
    asNobody(() => makeStoreFolder(path));
    expect(modeOf(path)).toBe(0o2775);
    if (IS_ROOT) expect(statSync(join(path, "data.mdb")).uid).toBe(NOBODY);
    expect(modeOf(join(path, "data.mdb"))).toBe(0o600);
  });

  it("may be behind a link", async () => {
    mkdirSync(join(parent, "elsewhere"));
    symlinkSync(join(parent, "elsewhere"), path);
    await openLmdbStore({ path }).close();
    expect(existsSync(join(parent, "elsewhere", "data.mdb"))).toBe(true);
  });

  it("below a link is made where that leads", () => {
    mkdirSync(join(parent, "elsewhere"));
    symlinkSync(join(parent, "elsewhere"), path);
    makeStoreFolder(join(path, "a"));
    expect(existsSync(join(parent, "elsewhere", "a", "data.mdb"))).toBe(true);
  });
});

describe("a folder that cannot be used is refused in a sentence that says what to do", () => {
  const refusal = (place: string): string => {
    const startedMs = performance.now();
    try {
      asNobody(() => openLmdbStore({ path: place }));
    } catch (error) {
      expect(error).toBeInstanceOf(StoreError);
      expect(performance.now() - startedMs).toBeLessThan(1_000);
      const { message } = error as StoreError; // as the line above says
      expect(message).toContain("--data-dir");
      expect(message).not.toMatch(/\b(E[A-Z]{4,}|mkdir|open|syscall)\b/);
      return message;
    }
    return expect.fail("it was opened");
  };

  it("where there can be none: /proc, in which Node 20 tries for ever", () => {
    const message = refusal("/proc/x/y");
    expect(message).toMatch(/^the data folder \/proc\/x\/y cannot be used: .*\/proc\/x/);
  });

  it("that this user may not make", () => {
    chmodSync(parent, 0o555);
    const message = refusal(path);
    chmodSync(parent, 0o755);
    expect(message).toContain(`may not write there (${path}): give it to that user, or choose`);
    expect(message).toMatch(/this user \(id \d+\)/);
  });

  it("that this user may not write to", () => {
    mkdirSync(path);
    chmodSync(path, 0o555);
    expect(refusal(path)).toContain(`may not write there (${join(path, "data.mdb")})`);
  });

  it("whose store this user may not read", () => {
    makeStoreFolder(path);
    chmodSync(path, 0o777);
    chmodSync(join(path, "data.mdb"), 0);
    expect(refusal(path)).toContain("may not write there");
  });

  it("that is a file, or below one", () => {
    writeFileSync(path, "");
    expect(refusal(path)).toContain(`the data folder ${path} is a file: choose another`);
    expect(refusal(join(path, "x"))).toContain("is a file, not a folder");
  });

  it("that is a link to nothing, or to itself", () => {
    symlinkSync(join(parent, "nowhere"), path);
    expect(refusal(path)).toContain(`${path} is a link to a folder that is not there`);
    symlinkSync(join(parent, "circle"), join(parent, "circle"));
    expect(refusal(join(parent, "circle"))).toContain("lead in a circle");
  });

  it("whose name is too long", () => {
    expect(refusal(join(parent, "x".repeat(300)))).toContain("is longer than a name can be");
  });
});

describe("what others can look into is told", () => {
  it("[J12] of a folder with such a mode, or a file; of nothing that we make", () => {
    makeStoreFolder(path);
    expect(openToOthers(path)).toBeUndefined();
    chmodSync(join(path, "data.mdb"), 0o644);
    expect(openToOthers(path)).toMatch(/can read .*data\.mdb \(mode 644\): chmod o= /);
    chmodSync(path, 0o2775);
    expect(openToOthers(path)).toContain(`look into the data folder ${path} (mode 2775)`);
    chmodSync(path, 0o2770);
    chmodSync(join(path, "data.mdb"), 0o660);
    expect(openToOthers(path)).toBeUndefined();
  });
});

describe("a store is moved aside", () => {
  const asideOf = (place: string): string => {
    const aside = moveStoreAside(place);
    expect(existsSync(join(aside, "data.mdb"))).toBe(true);
    expect(existsSync(join(place, "data.mdb"))).toBe(false);
    return aside;
  };

  it("[J07] beside its place, also when its name ends with a slash", () => {
    makeStoreFolder(path);
    writeFileSync(join(path, "beeline.closed"), "");
    const aside = asideOf(`${path}/`);
    expect(aside).toMatch(new RegExp(`^${path}\\.damaged-\\d+$`));
    expect(existsSync(path)).toBe(false);
  });

  it("[J07] inside a folder that holds other things too, which stay", () => {
    makeStoreFolder(path);
    writeFileSync(join(path, "letter.txt"), "mine");
    const aside = asideOf(path);
    expect(aside).toMatch(new RegExp(`^${path}/damaged-\\d+$`));
    expect(modeOf(aside)).toBe(0o700);
    expect(existsSync(join(path, "letter.txt"))).toBe(true);
  });

  it("[J07] inside a folder behind a link, so that the link leads where it did", () => {
    makeStoreFolder(join(parent, "elsewhere"));
    symlinkSync(join(parent, "elsewhere"), path);
    expect(asideOf(path)).toMatch(new RegExp(`^${path}/damaged-\\d+$`));
    expect(existsSync(join(parent, "elsewhere"))).toBe(true);
  });

  it("[J07] inside a folder that cannot be moved, as a volume cannot", () => {
    makeStoreFolder(path);
    for (const file of IS_ROOT ? [".", "data.mdb", "lock.mdb"] : []) {
      chownSync(join(path, file), NOBODY, NOBODY);
    }
    chmodSync(parent, 0o555);
    const aside = asNobody(() => moveStoreAside(path));
    chmodSync(parent, 0o755);
    expect(aside).toMatch(new RegExp(`^${path}/damaged-\\d+$`));
    expect(existsSync(join(aside, "data.mdb"))).toBe(true);
  });
});
