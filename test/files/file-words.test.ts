import { describe, expect, it } from "vitest";
import { readingWords, writingWords } from "../../src/files/file-words.js";

const failed = (code: string): Error => Object.assign(new Error(`raw ${code}`), { code });

describe("what the system says of files", () => {
  it("is put in words", () => {
    expect(readingWords(failed("ENOENT"))).toBe("there is no such file");
    expect(readingWords(failed("EACCES"))).toBe("this user may not read it");
    expect(writingWords(failed("ENOENT"), "nope/users")).toBe("the folder nope is not there");
    expect(writingWords(failed("ENOSPC"), "users")).toBe("the disk is full");
  });

  it("is shown as it is where there are no words for it", () => {
    expect(readingWords(failed("EIO"))).toBe("raw EIO");
    expect(writingWords(failed("EIO"), "f")).toBe("raw EIO");
    expect(readingWords(new Error("why"))).toBe("why");
    expect(writingWords("why", "f")).toBe("why");
  });
});
