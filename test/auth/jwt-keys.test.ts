import { generateKeyPairSync, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { readJwtKeys } from "../../src/auth/jwt-keys.js";
import { scratch } from "./attempt.js";

const folder = scratch();
const rsa = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const p256 = generateKeyPairSync("ec", { namedCurve: "P-256" });
const ed = generateKeyPairSync("ed25519");
const pem = (key: typeof rsa.publicKey): string =>
  key.export({ type: "spki", format: "pem" }).toString();
const jwk = (key: typeof rsa.publicKey): object => key.export({ format: "jwk" });
const secret = { kty: "oct", k: randomBytes(32).toString("base64url") };

async function algorithms(text: string): Promise<unknown[]> {
  const keys = await readJwtKeys(folder.file("key", text));
  return keys.map(({ id, algorithms: [first] }) => [id, first]);
}

describe("keys for JWTs", () => {
  it("come as PEM, as a JWK, as a JWKS, or as a secret; each fits its own algorithms only", async () => {
    expect(await algorithms(pem(rsa.publicKey))).toEqual([[undefined, "RS256"]]);
    expect(await algorithms(pem(p256.publicKey))).toEqual([[undefined, "ES256"]]);
    expect(await algorithms(JSON.stringify(jwk(ed.publicKey)))).toEqual([[undefined, "EdDSA"]]);
    expect(await algorithms(`${"s".repeat(32)}\n`)).toEqual([[undefined, "HS256"]]);
    const keys = [
      { ...jwk(rsa.publicKey), kid: "1", alg: "PS512", use: "sig" },
      { ...jwk(p256.publicKey), kid: "2" },
      { ...secret, kid: "3", alg: "HS384" },
      { ...jwk(rsa.publicKey), use: "enc" },
    ];
    expect(await algorithms(JSON.stringify({ keys }))).toEqual([
      ["1", "PS512"],
      ["2", "ES256"],
      ["3", "HS384"],
    ]);
  });

  it("is the file as it is: a line break at the end is none of the secret", async () => {
    const [one] = await readJwtKeys(folder.file("one", `${"s".repeat(32)}\r\n`));
    expect(one?.key.export().toString()).toBe("s".repeat(32));
    await expect(readJwtKeys(folder.file("short", `${"s".repeat(31)}\n`))).rejects.toThrow(
      "a secret of 32 bytes",
    );
  });

  const small = generateKeyPairSync("rsa", { modulusLength: 1_024 });
  it.each([
    ["hunter2", /key: expected: a JWK or JWKS in JSON/],
    ["", /key: expected: a JWK or JWKS/],
    ['{"kty": "oct", "k": "hunter2"', /its JSON cannot be read/],
    ['{"kty": "oct", "k": "aHVudGVyMg"}', /expected: 32 bytes or more in key 1/],
    ['{"keys": []}', /it holds no key for signatures/],
    ['{"keys": [null]}', /expected: a JWK in key 1/],
    [JSON.stringify({ keys: [secret, { kty: "other" }] }), /expected: a JWK of kty .* in key 2/],
    [JSON.stringify({ ...secret, alg: "RS256" }), /its alg does not fit the key in key 1/],
    [JSON.stringify(p256.privateKey.export({ format: "jwk" })), /expected: public keys only/],
    [rsa.privateKey.export({ type: "pkcs8", format: "pem" }).toString(), /it holds a private key/],
    [pem(small.publicKey), /expected: RSA from 2048 bits on/],
    ["-----BEGIN PUBLIC KEY-----\nhunter2\n-----END PUBLIC KEY-----", /its PEM cannot be read/],
  ])("[H05] [M03] %#: what is no such key is refused, and not shown", async (text, words) => {
    const reading = readJwtKeys(folder.file("key", text));
    await expect(reading).rejects.toThrow(words);
    await expect(reading).rejects.not.toThrow(/hunter2|aHVudGVyMg/);
  });
});
