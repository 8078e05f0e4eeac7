import { describe, expect, it } from "vitest";
import { openCredential } from "../../src/auth/open-credential.js";
import { attempt, scratch } from "./attempt.js";

const folder = scratch();

describe("openCredential", () => {
  it("makes each kind ready to be asked", async () => {
    const certificate = { subject: { CN: "device" }, fingerprint256: "3A:F0" };
    const one = await openCredential({ kind: "certificate" });
    expect(await one.check(attempt({ certificate }))).toEqual({
      kind: "accepted",
      username: "device",
    });
    const keyFile = folder.file("key", "s".repeat(32));
    const two = await openCredential({ kind: "jwt", keyFile });
    expect(await two.check(attempt({ password: "no token" }))).toBeUndefined();
    const three = await openCredential({ kind: "passwords", file: folder.file("users", "") });
    expect(await three.check(attempt({ username: "a", password: "b" }))).toBeUndefined();
  });

  it("anyone accepts whoever comes, with the name that was shown", async () => {
    const anyone = await openCredential({ kind: "anyone", listeners: ["inside"] });
    for (const shown of [attempt(), attempt({ username: "a", password: "b" })]) {
      expect(await anyone.check(shown)).toEqual({ kind: "accepted" });
    }
  });

  it("[H05] rejects when a file cannot be used", async () => {
    await expect(openCredential({ kind: "jwt", keyFile: folder.path("none") })).rejects.toThrow(
      "no such file",
    );
  });
});
