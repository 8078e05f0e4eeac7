import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { notifyReady } from "../../src/server/notify-ready.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "beeline-notify-"));
  vi.stubEnv("PATH", `${folder}:/usr/bin:/bin`);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** A program in the place of systemd's, which writes down how it is called. */
function program(code: number): void {
  const file = join(folder, "systemd-notify");
  writeFileSync(file, `#!/bin/sh\necho "$@" > ${folder}/called\nexit ${code}\n`);
  chmodSync(file, 0o755);
}

describe("systemd", () => {
  it("is told of the start, and of which process", async () => {
    program(0);
    const fail = vi.fn();
    notifyReady({ NOTIFY_SOCKET: "/run/x" }, fail);
    await vi.waitFor(() => {
      expect(readFileSync(join(folder, "called"), "utf8")).toBe(`--ready --pid=${process.pid}\n`);
    });
    expect(fail).not.toHaveBeenCalled();
  });

  it("is told nothing where it does not wait", () => {
    program(0);
    notifyReady({}, vi.fn());
    expect(existsSync(join(folder, "called"))).toBe(false);
  });

  it("that cannot be told is a line in the log", async () => {
    program(3);
    const why = await new Promise((resolve) => notifyReady({ NOTIFY_SOCKET: "/run/x" }, resolve));
    expect(why).toBe("systemd-notify ended with 3");
    vi.stubEnv("PATH", join(folder, "nothing"));
    const other = await new Promise((resolve) => notifyReady({ NOTIFY_SOCKET: "/run/x" }, resolve));
    expect(other).toMatch(/ENOENT/);
  });
});
