import { expect, it } from "vitest";
import { explained } from "../../src/store/folder-error.js";
import { StoreError } from "../../src/store/store-error.js";

const errorWith = (code: unknown, path?: string): Error =>
  Object.assign(new Error(`${String(code)}: raw, open`), { code, path });

it.each([
  ["EACCES", "may not write there (/d/data.mdb): give it to that user, or choose another folder"],
  ["EPERM", "may not write there (/d/data.mdb)"],
  ["EROFS", "/d/data.mdb is on a file system that is read-only"],
  ["ENOENT", "no folder or file can be made at /d/data.mdb"],
  ["ENOTDIR", "a part of /d/data.mdb is a file, not a folder"],
  ["EEXIST", "a part of /d/data.mdb is a file, not a folder"],
  ["EISDIR", "/d/data.mdb is a folder where there should be a file"],
  ["ELOOP", "the links of /d/data.mdb lead in a circle"],
  ["ENAMETOOLONG", "/d/data.mdb is longer than a name can be"],
  ["ENOSPC", "there is no space left for /d/data.mdb: make room, or choose another folder"],
  ["EDQUOT", "there is no space left for /d/data.mdb"],
])("%s is said in words, with what to do", (code, sentence) => {
  const said = explained(errorWith(code, "/d/data.mdb"), "/d");
  expect(said).toBeInstanceOf(StoreError);
  const { message } = said as StoreError; // as the line above says
  expect(message).toMatch(/^the data folder \/d cannot be used: .* --data-dir$/);
  expect(message).toContain(sentence);
});

it("knows the numbers that LMDB gives, which say no place", () => {
  expect(explained(errorWith(13), "/d")).toMatchObject({
    message: expect.stringContaining("may not write there (/d): give it"),
  });
  expect(explained(errorWith(28), "/d")).toMatchObject({
    message: expect.stringContaining("no space left for /d"),
  });
});

it.each([errorWith("EMFILE", "/d"), errorWith(99), new Error("other"), "text", undefined])(
  "%s is left as it is",
  (error) => {
    expect(explained(error, "/d")).toBe(error);
  },
);
