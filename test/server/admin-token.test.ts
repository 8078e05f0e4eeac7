import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { adminToken, checkAdminToken } from "../../src/server/admin-token.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "admin-token-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

it("makes a token once, for its user alone", () => {
  const data = join(folder, "data"); // the store comes later
  const made = adminToken(undefined, data);
  expect(made?.file).toBe(join(data, "admin-token"));
  expect(made?.token).toMatch(/^[\w-]{32}$/);
  expect(readFileSync(join(data, "admin-token"), "utf8")).toBe(`${made?.token}\n`);
  expect(statSync(join(data, "admin-token")).mode & 0o777).toBe(0o600);
  expect(adminToken(undefined, data)).toEqual(made);
});

it("reads the file that it is given, and makes none there", () => {
  const file = join(folder, "token");
  expect(() => adminToken(file, folder)).toThrow(
    `the admin token in ${file} cannot be read: there is no such file`,
  );
  writeFileSync(file, "  sixteen-letters-\r\n");
  expect(adminToken(file, folder)).toEqual({ file, token: "sixteen-letters-" });
});

it("takes no token that could be guessed", () => {
  const file = join(folder, "token");
  writeFileSync(file, "fifteen-letters\n");
  expect(() => adminToken(file, folder)).toThrow(
    `the admin token in ${file} has 15 characters; at least 16 are needed`,
  );
  for (const text of ["sixteen-letters-\nand-more", "sixteen-letters-é"]) {
    writeFileSync(file, text);
    expect(() => adminToken(file, folder)).toThrow("is not one line of ASCII characters");
  }
  mkdirSync(join(folder, "admin-token"));
  expect(() => adminToken(undefined, folder)).toThrow("cannot be read: it is a folder");
});

it("is none where there is neither a file nor a folder", () => {
  expect(adminToken(undefined, undefined)).toBeUndefined();
});

it("[M04] tells before a start what a start would say, and makes none", () => {
  const store = { path: folder };
  expect(checkAdminToken({ admin: {}, store })).toEqual([]);
  expect(existsSync(join(folder, "admin-token"))).toBe(false);
  const tokenFile = join(folder, "none");
  expect(() => checkAdminToken({ admin: { tokenFile }, store })).toThrow("there is no such file");
  expect(checkAdminToken({ store })).toEqual([]);
  expect(checkAdminToken({ admin: {} })).toEqual([]);
  writeFileSync(join(folder, "admin-token"), "short");
  expect(() => checkAdminToken({ admin: {}, store })).toThrow("has 5 characters");
});
