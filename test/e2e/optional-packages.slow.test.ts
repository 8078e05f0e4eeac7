import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** What `npm ci --omit=optional` leaves out. */
const OPTIONAL = ["koffi", "@koromix", "@lmdb"];

const folder = mkdtempSync(join(tmpdir(), "beeline-optional-"));
beforeAll(() => {
  cpSync(join(root, "dist"), join(folder, "dist"), { recursive: true });
  cpSync(join(root, "package.json"), join(folder, "package.json"));
  mkdirSync(join(folder, "node_modules"));
  for (const name of readdirSync(join(root, "node_modules"))) {
    if (OPTIONAL.includes(name)) continue;
    symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name));
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Starts the command there. @returns its output when it has ended, or said this. */
function start(
  flags: readonly string[],
  until: string,
): Promise<{ code: number | null; said: string }> {
  const links = ["--preserve-symlinks", "--preserve-symlinks-main"]; // else packages are found beside the real ones
  const command = ["dist/cli/main.js", "start", "--port", "0", "--no-admin", ...flags];
  const server = spawn(process.execPath, [...links, ...command], { cwd: folder });
  return new Promise((resolve) => {
    let said = "";
    const hear = (bytes: Buffer): void => {
      said += bytes;
      if (said.includes(until) && !server.killed) server.kill(); // a second signal is a harder one
    };
    server.stdout.on("data", hear);
    server.stderr.on("data", hear);
    server.once("close", (code) => resolve({ code, said }));
  });
}

describe("without optional packages", () => {
  it("the server runs in memory over Node's sockets, and says why", async () => {
    const { code, said } = await start(["--memory"], "listening on mqtt://");
    expect(said).toContain("the optional package koffi cannot be loaded");
    expect(said).toContain("listening on mqtt://127.0.0.1:");
    expect(code).toBe(0);
  });

  it("a data folder is refused with what to do", async () => {
    const { code, said } = await start(["--data-dir", join(folder, "data")], "never said");
    expect(said).toContain("the data folder needs the package lmdb, which cannot be loaded");
    expect(said).toContain("npm ci without --omit=optional");
    expect(said).toContain("--memory");
    expect(said.trim().split("\n")).toHaveLength(1);
    expect(code).toBe(1);
  });
});
