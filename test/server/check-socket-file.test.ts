import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { checkSocketFile } from "../../src/server/check-socket-file.js";

const folder = mkdtempSync(join(tmpdir(), "socket-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);

it("[M04] refuses what cannot become a socket file, with the reason", () => {
  expect(() => checkSocketFile(folder)).toThrow(`${folder} is a folder, not a socket file`);
  writeFileSync(at("file"), "");
  expect(() => checkSocketFile(at("file"))).toThrow("is another file, not a socket file");
  symlinkSync(folder, at("link"));
  expect(() => checkSocketFile(at("link"))).toThrow("is another file");
  expect(() => checkSocketFile(at("none/s.sock"))).toThrow(`the folder ${at("none")} is not there`);
  expect(() => checkSocketFile(at("file/s.sock"))).toThrow("what should be its folder is none");
  expect(() => checkSocketFile(at("x".repeat(108)))).toThrow("longer than the name of a socket");
});

it("[M04] refuses a folder that takes nothing, whatever its rights say", (context) => {
  if (!existsSync("/proc/self")) context.skip("a system without /proc");
  expect(() => checkSocketFile("/proc/s.sock")).toThrow(
    /^no socket file can be made at \/proc\/s\.sock: /,
  );
  checkSocketFile(at("other.sock"));
  expect(existsSync(at("other.sock"))).toBe(false);
});

it("takes a path where nothing is, and a socket that is there", async () => {
  checkSocketFile(at("new.sock"));
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(at("old.sock"), resolve));
  checkSocketFile(at("old.sock"));
  await new Promise((resolve) => server.close(resolve));
});
