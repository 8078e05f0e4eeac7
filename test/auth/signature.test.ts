import { describe, expect, it } from "vitest";
import { openSignature } from "../../src/auth/signature.js";
import { attempt, scratch } from "./attempt.js";

const folder = scratch();
const keysFile = folder.file("keys", "AK:exampleSecret\n");
const REFUSED = { kind: "refused", returnCode: 4 };
const PASSWORD = "L6ApYSRZNEKYlpZRovaW39uQHYY=";

async function check(clientId: string, username?: string, password?: string, instanceId?: string) {
  const signature = await openSignature({
    keysFile,
    ...(instanceId !== undefined && { instanceId }),
  });
  const given = {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
  };
  return signature.check(attempt({ clientId, ...given }));
}

describe("a signature", () => {
  it("[P19] lets in the Client whose identifier the account has signed", async () => {
    expect(await check("GID_Test@@@0001", "Signature|AK|mqtt-xxxxx", PASSWORD)).toEqual({
      kind: "accepted",
    });
    const other = await check(
      "GID_AAA@@@BBB001",
      "Signature|AK|mqtt-xxxxx",
      "qY+rIbHDwf+cKS0tKSoeoeq20ck=",
    );
    expect(other).toEqual({ kind: "accepted" });
  });

  it.each([
    ["GID_Test@@@0002", "Signature|AK|mqtt-xxxxx", PASSWORD],
    ["GID_Test@@@0001\0", "Signature|AK|mqtt-xxxxx", PASSWORD],
    ["GID_Test@@@0001", "Signature|AK|mqtt-xxxxx", PASSWORD.toLowerCase()],
    ["GID_Test@@@0001", "Signature|AK|mqtt-xxxxx", ""],
    ["GID_Test@@@0001", "Signature|AK|mqtt-xxxxx", undefined],
    ["GID_Test@@@0001", "Signature|AK", PASSWORD],
    ["GID_Test@@@0001", "Signature|AK|mqtt-xxxxx|", PASSWORD],
  ])("[M01] refuses %j as %j with %j", async (clientId, username, password) => {
    expect(await check(clientId, username, password)).toEqual(REFUSED);
  });

  it("passes on other user names, and accounts that it does not know", async () => {
    for (const username of [
      undefined,
      "",
      "anna",
      "Token|AK|mqtt-xxxxx",
      "Signature|BK|mqtt-xxxxx",
    ]) {
      expect(await check("GID_Test@@@0001", username, PASSWORD)).toBeUndefined();
    }
  });

  it("is for one instance where it is told so", async () => {
    const by = (instance: string) =>
      check("GID_Test@@@0001", "Signature|AK|mqtt-xxxxx", PASSWORD, instance);
    expect(await by("mqtt-xxxxx")).toEqual({ kind: "accepted" });
    expect(await by("mqtt-yyyyy")).toEqual(REFUSED);
  });
});
