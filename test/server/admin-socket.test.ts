import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Admin, askReload, openAdminSocket } from "../../src/server/admin-socket.js";

let folder = "";
const closers: (() => void)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "beeline-socket-"));
});
afterEach(() => {
  for (const close of closers.splice(0)) close();
  rmSync(folder, { recursive: true, force: true });
});

async function open(admin: Partial<Admin> = {}) {
  const reload = async () => ({ changed: ["limits.heldMax"], needRestart: ["port"] });
  const socket = await openAdminSocket(folder, { reload, ...admin });
  closers.push(() => socket.close());
}

function status(method: string, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const socketPath = join(folder, "beeline.sock");
    request({ socketPath, method, path }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .on("error", reject)
      .end();
  });
}

describe("the socket of a server", () => {
  it("takes a reload and answers with what it has done", async () => {
    await open();
    expect(await askReload(folder)).toEqual({ changed: ["limits.heldMax"], needRestart: ["port"] });
  });

  it("answers with what is wrong when nothing was reloaded", async () => {
    await open({ reload: () => Promise.reject(new Error("b.yaml:1:1: unknown key x")) });
    await expect(askReload(folder)).rejects.toThrow("b.yaml:1:1: unknown key x");
  });

  it("is for the user of the server alone, whatever that user's mask is", async () => {
    const mask = process.umask(0);
    try {
      await open();
      expect(statSync(join(folder, "beeline.sock")).mode & 0o777).toBe(0o600);
      expect(process.umask()).toBe(0);
    } finally {
      process.umask(mask);
    }
  });

  it("takes the place of what a server that was killed has left, and is gone after the end", async () => {
    writeFileSync(join(folder, "beeline.sock"), "");
    await open();
    expect(await status("POST", "/api/v1/reload")).toBe(200);
    for (const close of closers.splice(0)) close();
    expect(existsSync(join(folder, "beeline.sock"))).toBe(false);
    await expect(askReload(folder)).rejects.toThrow("no server runs on this data folder");
  });

  it("answers nothing else", async () => {
    await open();
    expect(await status("GET", "/api/v1/reload")).toBe(405);
    expect(await status("POST", "/api/v1/other")).toBe(404);
  });

  it("says so when the folder's name is too long for a socket", async () => {
    await expect(askReload(join(folder, "x".repeat(100)))).rejects.toThrow(/longer than the name/);
  });
});
