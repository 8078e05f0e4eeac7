import { describe, expect, it } from "vitest";
import { AccessKeys, signatureOf } from "../../src/auth/access-keys.js";
import { scratch } from "./attempt.js";

const folder = scratch();
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("accounts", () => {
  it("sign as the commercial service does", () => {
    expect(signatureOf("exampleSecret", "GID_Test@@@0001")).toBe("L6ApYSRZNEKYlpZRovaW39uQHYY=");
    expect(signatureOf("exampleSecret", "GID_AAA@@@BBB001")).toBe("qY+rIbHDwf+cKS0tKSoeoeq20ck=");
  });

  it("are known by their secret, and by nothing else", async () => {
    const keys = await AccessKeys.open(
      folder.file("keys", "# accounts\nAK:exampleSecret\n__proto__:x\n"),
    );
    const good = bytes("L6ApYSRZNEKYlpZRovaW39uQHYY=");
    expect(keys.isSigned("AK", "GID_Test@@@0001", good)).toBe(true);
    expect(keys.isSigned("AK", "GID_Test@@@0002", good)).toBe(false);
    expect(keys.isSigned("BK", "GID_Test@@@0001", good)).toBe(false);
    for (const wrong of [
      "",
      "x",
      "L6ApYSRZNEKYlpZRovaW39uQHYY",
      "L6ApYSRZNEKYlpZRovaW39uQHYY=\0",
    ]) {
      expect(keys.isSigned("AK", "GID_Test@@@0001", bytes(wrong))).toBe(false);
    }
    expect([keys.has("AK"), keys.has("constructor"), keys.has("__proto__")]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it("[H05] [H06] change with their file, which says where it is broken", async () => {
    const file = folder.file("changing", "AK:one\n");
    const keys = await AccessKeys.open(file);
    folder.file("changing", "BK:two\n");
    const commit = await keys.prepare();
    expect([keys.has("AK"), keys.has("BK")]).toEqual([true, false]);
    commit();
    expect([keys.has("AK"), keys.has("BK")]).toEqual([false, true]);
    folder.file("changing", "BK:two\nhunter2\n");
    await expect(keys.prepare()).rejects.toThrow(`${file}:2: expected: AccessKey:secret`);
    expect(keys.has("BK")).toBe(true);
  });
});
