import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { accountIn } from "../../src/auth/account-name.js";
import { openCredentials } from "../../src/auth/index.js";
import { attempt, scratch } from "./attempt.js";

const folder = scratch();
const HASH =
  "$6$f/S0yXefa4bu8SQB$f6idpJYv7W/rmFj/UXTPLcJ2Omz79ydvmjCTQUqHRVBQ27wDyAI+VCcIDge4U3V4nulNzGVCEMrN80KXtWQ8rA==";

/** Names out of what means something somewhere. */
const name = fc
  .array(
    fc.constantFrom(
      "anna",
      "Signature|AK|i",
      "Token",
      "|",
      ":",
      "/",
      "+",
      "#",
      "\0",
      "%",
      "%s",
      "$" + "{",
      "clientId}",
      "__proto__",
      "\n",
      "é",
      "a",
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(""));

describe("strange names", () => {
  it("[H02] never let in anybody: only the very name in the file does", async () => {
    const list = await openCredentials([
      { kind: "certificate" },
      { kind: "signature", keysFile: folder.file("keys", "AK:exampleSecret\n") },
      { kind: "token", keysFile: folder.path("keys"), stateDir: folder.path("tokens") },
      { kind: "passwords", file: folder.file("users", `anna:${HASH}\n`) },
    ]);
    list.serve({ notify: () => undefined, setRules: () => false, on: () => undefined });
    await fc.assert(
      fc.asyncProperty(name, name, async (username, clientId) => {
        const verdict = await list.authenticate(
          attempt({ username, clientId, password: "pass:word" }),
        );
        expect(verdict.kind).toBe(username === "anna" ? "accepted" : "refused");
        if (verdict.kind === "accepted") expect(verdict).toEqual({ kind: "accepted" });
      }),
    );
    list.close();
  });

  it("are accounts only where they have three whole parts", () => {
    fc.assert(
      fc.property(name, (text) => {
        const account = accountIn(text, "Signature");
        if (typeof account !== "object") return;
        expect(`Signature|${account.accessKey}|${account.instanceId}`).toBe(text);
      }),
    );
  });
});
