import { inspect } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { signatureOf } from "../../src/auth/access-keys.js";
import { type CredentialOptions, openCredentials } from "../../src/auth/index.js";
import { hashOf } from "../../src/auth/password-hash.js";
import { signedText } from "../../src/auth/token-issuer.js";
import { createBroker } from "../../src/index.js";
import { scratch } from "./attempt.js";

const folder = scratch();
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Everything that must be seen nowhere: what Clients bring, and what is kept to check it. */
const SECRETS = ["right-pass", "wrong-pass", "exampleSecret", "bearer-secret", "query-secret"];

describe("[M03] secrets", () => {
  it("reach no log, no event, no error, no statistics and no Identity, whatever goes wrong", async () => {
    const hash = await hashOf(new TextEncoder().encode("right-pass"));
    const list: CredentialOptions[] = [
      {
        kind: "token",
        keysFile: folder.file("keys", "AK:exampleSecret\n"),
        stateDir: folder.path("t"),
      },
      { kind: "signature", keysFile: folder.path("keys") },
      { kind: "passwords", file: folder.file("users", `anna:${hash}\n`) },
      { kind: "jwt", keyFile: folder.file("jwt", "exampleSecret-exampleSecret-exampleSecret") },
      { kind: "http", url: "http://127.0.0.1:1/?key=query-secret", secret: "bearer-secret" },
    ];
    const credentials = await openCredentials(list);
    const seen: string[] = [];
    const note = (what: unknown): void => {
      seen.push(inspect(what, { depth: 9, showHidden: true }));
    };
    const line = (message: string, fields: object): void => note([message, fields]);
    const broker = createBroker({
      authenticate: credentials.authenticate,
      onServerMessage: credentials.onServerMessage,
      logger: { debug: line, info: line, warn: line, error: line },
    });
    closers.push(
      () => credentials.close(),
      () => broker.close(),
    );
    credentials.serve(broker);
    for (const event of [
      "connect",
      "refused",
      "disconnect",
      "drop",
      "denied",
      "error",
      "publish",
    ] as const) {
      broker.on(event, note);
    }
    const request = {
      ...{ actions: "R,W", resources: "t", instanceId: "mqtt-x", serviceName: "mq" },
      expireTime: `${Date.now() + 60_000}`,
    };
    const signature = signatureOf("exampleSecret", signedText(request));
    const issued = await credentials.tokenRequest("/token/apply", {
      ...request,
      accessKey: "AK",
      signature,
    });
    const { tokenData }: Readonly<Record<string, unknown>> = { ...issued?.body };
    const token = String(tokenData);
    const connect = async (username: string, password: string): Promise<unknown> =>
      broker.connectInProcess({ clientId: "GID_Test@@@0001", username, password }).catch(note);
    await connect("anna", "right-pass");
    await connect("anna", "wrong-pass");
    await connect("nobody", "wrong-pass");
    await connect("Signature|AK|mqtt-x", "L6ApYSRZNEKYlpZRovaW39uQHYY=");
    await connect("Signature|AK|mqtt-x", "wrong-pass");
    const holder = await broker.connectInProcess({
      ...{ clientId: "t", username: "Token|AK|mqtt-x", password: `RW|${token}` },
    });
    await holder.publish({ topicName: "elsewhere", payload: "", qos: 1 }).catch(note);
    await expect.poll(() => seen.some((text) => text.includes("credentials-expired"))).toBe(true);
    folder.file("users", "anna:right-pass\n");
    await credentials.prepare().catch(note);
    note(broker.stats());
    note(credentials);
    const all = seen.join("\n");
    expect(all).toContain("gave no answer about a client");
    expect(all).toContain("is in no known format");
    expect(all).toContain("the user name or the password is wrong");
    for (const secret of [...SECRETS, hash, token, "L6ApYSRZNEKYlpZRovaW39uQHYY="]) {
      expect(all).not.toContain(secret);
    }
  });
});
