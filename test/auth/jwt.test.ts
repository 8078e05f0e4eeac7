import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { openJwt } from "../../src/auth/jwt.js";
import { attempt, scratch } from "./attempt.js";

const folder = scratch();
const SECRET = "0123456789abcdef0123456789abcdef-0123456789abcdef0123456789abcdef";
const REFUSED = { kind: "refused", returnCode: 4 };
const inAnHour = Math.floor(Date.now() / 1_000) + 3_600;

function signed(claims: object, key: KeyObject | string = SECRET, alg = "HS256", kid?: string) {
  const bytes = typeof key === "string" ? new TextEncoder().encode(key) : key;
  const header = { alg, ...(kid !== undefined && { kid }) };
  return new SignJWT({ ...claims }).setProtectedHeader(header).sign(bytes);
}

const keyFile = folder.file("secret", SECRET);
async function check(
  token: string | undefined,
  options: Partial<Parameters<typeof openJwt>[0]> = {},
) {
  const jwt = await openJwt({ keyFile, ...options });
  return jwt.check(
    attempt({
      clientId: "c1",
      username: "ignored",
      ...(token !== undefined && { password: token }),
    }),
  );
}

describe("a JSON Web Token as the password", () => {
  it("of RFC 7515, A.1, is verified, and has expired", async () => {
    const k =
      "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
    const file = folder.file("rfc7515", JSON.stringify({ kty: "oct", k }));
    const token =
      "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    expect(await check(token, { keyFile: file })).toEqual(REFUSED);
    const forged = token.replace("dBjft", "dBjfu");
    expect(await check(forged, { keyFile: file })).toBeUndefined();
  });

  it("gives the user name, and the time when the connection ends", async () => {
    const token = await signed({ sub: "anna", exp: inAnHour });
    expect(await check(token)).toEqual({
      kind: "accepted",
      username: "anna",
      expiresAtMs: inAnHour * 1_000,
    });
    expect(await check(token, { leewayMs: 500 })).toMatchObject({
      expiresAtMs: inAnHour * 1_000 + 500,
    });
    expect(await check(await signed({ sub: "anna" }))).toEqual({
      kind: "accepted",
      username: "anna",
    });
  });

  it.each([
    ["RS256", "rsa", { modulusLength: 2_048 }],
    ["PS512", "rsa", { modulusLength: 2_048 }],
    ["ES256", "ec", { namedCurve: "P-256" }],
    ["ES384", "ec", { namedCurve: "P-384" }],
    ["EdDSA", "ed25519", {}],
  ])("may be signed with %s", async (alg, type, details) => {
    const { publicKey, privateKey } = generateKeyPairSync(
      type as "rsa",
      details as { modulusLength: number },
    );
    const file = folder.file("public", publicKey.export({ type: "spki", format: "pem" }));
    const token = await signed({ sub: "anna" }, privateKey, alg);
    expect(await check(token, { keyFile: file })).toEqual({ kind: "accepted", username: "anna" });
    expect(await check(token)).toBeUndefined();
    expect(await check(token, { keyFile: file, algorithms: ["HS256"] })).toBeUndefined();
  });

  it("[M05] cannot make a secret of a public key, and cannot do without a signature", async () => {
    const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
    const pem = publicKey.export({ type: "spki", format: "pem" }).toString();
    const file = folder.file("public", pem);
    expect(await check(await signed({ sub: "admin" }, pem), { keyFile: file })).toBeUndefined();
    const part = (value: object): string =>
      Buffer.from(JSON.stringify(value)).toString("base64url");
    const none = `${part({ alg: "none" })}.${part({ sub: "admin" })}.`;
    expect(await check(none)).toBeUndefined();
    expect(
      await check(`${part({ alg: "HS256", crit: ["x"], x: 1 })}.${part({ sub: "admin" })}.abc`),
    ).toEqual(REFUSED);
  });

  it("finds its key by kid among several", async () => {
    const one = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const two = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const keys = [
      { ...one.publicKey.export({ format: "jwk" }), kid: "one" },
      two.publicKey.export({ format: "jwk" }),
    ];
    const file = folder.file("jwks", JSON.stringify({ keys }));
    const by = async (key: KeyObject, kid?: string) =>
      (await check(await signed({ sub: "a" }, key, "ES256", kid), { keyFile: file }))?.kind;
    expect(await by(one.privateKey, "one")).toBe("accepted");
    expect(await by(one.privateKey)).toBe("accepted");
    expect(await by(two.privateKey, "any")).toBe("accepted");
    expect(await by(one.privateKey, "other")).toBeUndefined();
  });

  it.each([
    [{ sub: "a", exp: 1 }, {}],
    [{ sub: "a", nbf: inAnHour }, {}],
    [{ sub: "a", exp: "soon" }, {}],
    [{ sub: "a", aud: "other" }, { audience: "mqtt" }],
    [{ sub: "a" }, { audience: "mqtt" }],
    [{ sub: "a", iss: "other" }, { issuer: "us" }],
    [{}, {}],
    [{ sub: "" }, {}],
    [{ sub: "a\0b" }, {}],
    [{ sub: "a" }, { usernameClaim: "name" }],
    [{ sub: "a" }, { usernameClaim: "__proto__" }],
    [{ sub: "a" }, { usernameClaim: "constructor" }],
    [{ sub: "a", cid: "c2" }, { clientIdClaim: "cid" }],
    [{ sub: "a" }, { clientIdClaim: "cid" }],
    [{ sub: "a", publish: "everything" }, {}],
    [{ sub: "a", subscribe: ["a/#/b"] }, {}],
  ])("with %j is refused where %j is asked for", async (claims, options) => {
    expect(await check(await signed(claims), options)).toEqual(REFUSED);
  });

  it("may be for several, and bound to one Client Identifier", async () => {
    const token = await signed({ name: "anna", aud: ["x", "mqtt"], iss: "us", cid: "c1" });
    const options = { audience: "mqtt", issuer: "us", usernameClaim: "name", clientIdClaim: "cid" };
    expect(await check(token, options)).toEqual({ kind: "accepted", username: "anna" });
  });

  it("grants what its claims say, as rules that leave nothing to those for everybody", async () => {
    const token = await signed({
      sub: "a",
      publish: ["beds/1/#"],
      subscribe: [],
      sendTo: ["ward/+"],
    });
    expect(await check(token)).toMatchObject({
      rules: [
        { allow: "any", do: ["publish", "retain"], topic: ["beds/1/#"] },
        { allow: "any", do: ["sendTo", "receipt"], parent: "ward", to: "+" },
        { deny: "any", topic: ["#"] },
        { deny: "any", parent: "+", to: "+" },
      ],
    });
  });

  it.each([
    undefined,
    "",
    "secret",
    "a.b",
    "a.b.c",
    "a.b.c.d",
    "....",
    "é.é.é",
    "\0.\0.\0",
    "x".repeat(60_000),
  ])("%# passes on what is none", async (password) => {
    expect(await check(password)).toBeUndefined();
  });

  it("[H06] takes new keys when it is told to, and keeps the old ones when the file is broken", async () => {
    const file = folder.file("changing", SECRET);
    const jwt = await openJwt({ keyFile: file });
    const by = async (secret: string) =>
      (await jwt.check(attempt({ password: await signed({ sub: "a" }, secret) })))?.kind;
    const other = "x".repeat(40);
    folder.file("changing", other);
    (await jwt.prepare?.())?.();
    expect([await by(SECRET), await by(other)]).toEqual([undefined, "accepted"]);
    folder.file("changing", "short");
    await expect(jwt.prepare?.()).rejects.toThrow("changing: expected: a JWK");
    expect(await by(other)).toBe("accepted");
  });
});
