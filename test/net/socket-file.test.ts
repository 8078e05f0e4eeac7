import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, it } from "vitest";
import { listenAtFile } from "../../src/net/socket-file.js";
import { tcpListener } from "../../src/net/tcp-listener.js";

const folder = mkdtempSync(join(tmpdir(), "beeline-socket-"));
afterAll(() => rmSync(folder, { recursive: true }));
const closers: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function listening(path: string, mode = "660", owner?: string): Promise<void> {
  const listener = tcpListener(
    (socket) => socket.on("error", () => undefined).end("hello"),
    (error) => expect.fail(error.message),
  );
  await listenAtFile(listener, { path, mode, owner });
  closers.push(() => listener.close());
}

async function greeting(path: string): Promise<string> {
  const peer = connect(path);
  const [bytes] = (await once(peer, "data")) as [Buffer];
  return String(bytes);
}

it("has the mode that was asked for, and never a wider one", async () => {
  const path = join(folder, "mode");
  const umask = process.umask();
  await listening(path, "0606");
  expect(statSync(path).mode & 0o777).toBe(0o606);
  expect(process.umask()).toBe(umask);
  expect(await greeting(path)).toBe("hello");
});

it("replaces a file that a server has left behind", async () => {
  const path = join(folder, "stale");
  const script = join(folder, "leave.cjs");
  writeFileSync(
    script,
    `require("node:net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`,
  );
  await once(fork(script), "exit");
  expect(existsSync(path)).toBe(true);
  await listening(path);
  expect(await greeting(path)).toBe("hello");
});

it("leaves alone what somebody listens at, and what is no socket", async () => {
  const path = join(folder, "served");
  await listening(path);
  await expect(listening(path)).rejects.toMatchObject({ code: "EADDRINUSE" });
  expect(await greeting(path)).toBe("hello");
  const file = join(folder, "file");
  writeFileSync(file, "precious");
  await expect(listening(file)).rejects.toMatchObject({ code: "EADDRINUSE" });
  expect(statSync(file).size).toBe(8);
});

it("belongs to whom it was given, by name or by number", async () => {
  const user = process.getuid?.() ?? 0;
  const group = process.getgid?.() ?? 0;
  await listening(join(folder, "numbers"), "600", `${user}:${group}`);
  expect(statSync(join(folder, "numbers"))).toMatchObject({ uid: user, gid: group });
  if (user === 0) {
    await listening(join(folder, "names"), "600", "nobody:daemon");
    expect(statSync(join(folder, "names")).uid).toBeGreaterThan(0);
  }
  await expect(listening(join(folder, "unknown"), "600", "no-such-user")).rejects.toThrow(
    "there is no user no-such-user on this machine",
  );
  await expect(listening(join(folder, "unknown"), "600", ":no-such-group")).rejects.toThrow(
    "there is no group no-such-group on this machine",
  );
});
