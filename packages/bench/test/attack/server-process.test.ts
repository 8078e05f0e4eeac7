import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { expect, it } from "vitest";
import { listensOn, residentBytes, terminate } from "../../src/attack/server-process.js";

it("knows who listens on a port", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  const port = typeof bound === "object" ? (bound?.port ?? 0) : 0;
  expect(listensOn(process.pid, port)).toBe(true);
  expect(listensOn(process.ppid, port)).toBe(false);
  expect(listensOn(999_999_999, port)).toBe(false);
  await new Promise((resolve) => server.close(resolve));
  expect(listensOn(process.pid, port)).toBe(false);
});

it("looks at a process's memory, if there is one", () => {
  expect(residentBytes(process.pid)).toBeGreaterThan(0);
  expect(residentBytes(undefined)).toBeUndefined();
  expect(residentBytes(999_999_999)).toBeUndefined();
});

/** Starts a Node that says when it is ready. */
async function started(script: string) {
  const child = spawn(process.execPath, ["-e", `${script}; console.log("ready")`]);
  await once(child.stdout, "data");
  return child;
}

it("measures how long a process takes to end", async () => {
  const child = await started("setInterval(() => {}, 1000)");
  expect(await terminate(child.pid ?? 0, 10_000)).toBeGreaterThanOrEqual(0);
});

it("gives up on one that does not", async () => {
  const child = await started('setInterval(() => {}, 1000); process.on("SIGTERM", () => {})');
  expect(await terminate(child.pid ?? 0, 50)).toBeUndefined();
  child.kill("SIGKILL");
});
