import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { asNobody, IS_ROOT, NOBODY } from "../support/other-user.js";
import { Child } from "./child.js";

const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

let parent = "";
let folder = "";
const children: Child[] = [];
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "beeline-data-folder-"));
  chmodSync(parent, 0o755);
  folder = join(parent, "data");
});
afterEach(() => {
  for (const child of children.splice(0)) child.signal("SIGKILL");
  rmSync(parent, { recursive: true, force: true });
});

function start(...args: string[]): Child {
  const child = new Child("start", "--port", "0", "--data-dir", folder, ...args);
  children.push(child);
  return child;
}

async function stopped(child: Child): Promise<number | string> {
  child.signal("SIGTERM");
  return child.ended;
}

/** The user to run the built command as: another than the owner of the folder, where that can be. */
function otherUser(): { uid?: number; gid?: number } {
  try {
    asNobody(() => accessSync(main, constants.R_OK));
  } catch {
    return {}; // in a clone that not every user may read
  }
  return IS_ROOT ? { uid: NOBODY, gid: NOBODY } : {};
}

describe("beeline start with a data folder", () => {
  it("that belongs to root and a group of its own, mode 2775, as another user: starts", async () => {
    mkdirSync(folder);
    if (IS_ROOT) chownSync(folder, 0, NOBODY);
    chmodSync(folder, 0o2775);
    const args = [main, "start", "--port", "0", "--no-admin", "--data-dir", folder];
    const child = spawn(process.execPath, args, otherUser());
    let said = "";
    child.stderr.on("data", (chunk) => {
      said += String(chunk);
    });
    let listening = "";
    for await (const chunk of child.stdout) {
      listening += String(chunk);
      if (listening.includes("listening")) break;
    }
    child.kill("SIGTERM");
    const [code] = await once(child, "close");
    expect({ code, listening }).toEqual({ code: 0, listening: expect.stringContaining("mqtt://") });
    expect(said).toContain(`can look into the data folder ${folder} (mode 2775)`);
    expect(statSync(folder).mode & 0o7777).toBe(0o2775);
    expect(statSync(join(folder, "data.mdb")).mode & 0o777).toBe(0o600);
  });

  it("[J12] that is there: leaves its mode alone, and warns when others can look into it", async () => {
    mkdirSync(folder);
    for (const [mode, warns] of [
      [0o755, true],
      [0o750, false],
    ] as const) {
      chmodSync(folder, mode);
      const child = start();
      await child.listening();
      expect(await stopped(child)).toBe(0);
      expect(child.err.includes("every user of this machine can look into")).toBe(warns);
      expect(statSync(folder).mode & 0o777).toBe(mode);
    }
  });

  it("that can never be: does not try for ever, and says what to do", async () => {
    const child = new Child("start", "--port", "0", "--data-dir", "/proc/x");
    children.push(child);
    expect(await child.ended).toBe(1);
    expect(child.err).toMatch(
      /^error: the data folder \/proc\/x cannot be used: .*: choose another folder with --data-dir\n$/,
    );
    expect(child.out).toBe("");
  });

  it("[J07] that is damaged: says where --move-damaged-store has moved it", async () => {
    mkdirSync(folder);
    writeFileSync(join(folder, "data.mdb"), "no store");
    const child = start("--move-damaged-store");
    await child.listening();
    expect(await stopped(child)).toBe(0);
    const aside = /is damaged; it is now in (\S+), and an empty one is used/.exec(child.err)?.[1];
    expect(existsSync(join(aside ?? "", "data.mdb"))).toBe(true);
  });
});
