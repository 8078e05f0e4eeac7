import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { RawClient } from "../net/raw-client.js";
import { Child } from "./child.js";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function started(): Promise<{ child: Child; port: number }> {
  const child = new Child("start", "--port", "0", "--memory");
  closers.push(() => child.signal("SIGKILL"));
  return { child, port: await child.listening() };
}

describe("a running server", () => {
  it("outlives SIGHUP, which reloads, says what it did, and stops in order afterwards", async () => {
    const { child, port } = await started();
    const client = await RawClient.accepted(port);
    child.signal("SIGHUP");
    await child.until(() => child.err.includes("reloaded, files too; no option has changed"));
    expect(client.isEnded).toBe(false);
    await RawClient.accepted(port);
    child.signal("SIGTERM");
    await client.ended();
    expect(await child.ended).toBe(0);
  });

  it("logs at another level after a reload that says so, without a restart", async () => {
    const folder = mkdtempSync(join(tmpdir(), "beeline-level-"));
    closers.push(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, "beeline.yaml");
    const write = (level: string) =>
      writeFileSync(file, `store: { memory: true }\nlog: { level: ${level} }\n`);
    write("warn");
    const child = new Child("start", "--port", "0", "-c", file);
    closers.push(() => child.signal("SIGKILL"));
    const port = await child.listening();
    (await RawClient.accepted(port)).socket.destroy();
    write("debug");
    child.signal("SIGHUP");
    await child.until(() => child.err.includes("changed: log.level"));
    expect(child.err).not.toContain("connected client");
    await RawClient.accepted(port);
    await child.until(() => /"debug"|"info".*connected/.test(child.err));
    write("error");
    child.signal("SIGHUP");
    // It is read a moment later, and says nothing of it at that level: from then on nobody is logged.
    const isSilent = async (): Promise<boolean> => {
      const before = child.err.length;
      (await RawClient.accepted(port)).socket.destroy();
      await new Promise((resolve) => setTimeout(resolve, 300));
      return child.err.length === before;
    };
    await vi.waitUntil(isSilent, { timeout: 20_000, interval: 100 });
    child.signal("SIGTERM");
    expect(await child.ended).toBe(0);
  });

  it("opens no debugger on SIGUSR1", async () => {
    const { child, port } = await started();
    child.signal("SIGUSR1");
    await RawClient.accepted(port);
    child.signal("SIGTERM");
    expect(await child.ended).toBe(0);
    expect(child.err).not.toMatch(/debugger/i);
  });

  it("outlives whoever reads what it prints: a terminal that is closed", async () => {
    const { child, port } = await started();
    child.process.stderr?.destroy();
    child.process.stdout?.destroy();
    child.signal("SIGHUP");
    child.signal("SIGHUP");
    await RawClient.accepted(port);
    await RawClient.accepted(port);
    child.signal("SIGTERM");
    expect(await child.ended).toBe(0);
  });
});

describe("what the server says of its state", () => {
  it("comes when its store and its port are open, and not before a start that fails", async () => {
    const folder = mkdtempSync(join(tmpdir(), "beeline-state-"));
    closers.push(() => rmSync(folder, { recursive: true, force: true }));
    const first = new Child("start", "--port", "0", "--data-dir", folder);
    closers.push(() => first.signal("SIGKILL"));
    const port = await first.listening();
    expect(first.out).toMatch(/^beeline keeps its state in .*, safe from power cuts\nbeeline list/);
    for (const args of [
      ["--port", "0", "--data-dir", folder],
      ["--port", `${port}`, "--data-dir", join(folder, "other")],
      ["--port", `${port}`, "--memory"],
    ]) {
      const second = new Child("start", ...args);
      expect(await second.ended).toBe(1);
      expect(second.out).toBe("");
      expect(second.err).toMatch(/^error: .* in use/);
    }
    first.signal("SIGTERM");
    expect(await first.ended).toBe(0);
  });
});
