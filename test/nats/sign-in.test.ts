import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nkeys } from "@nats-io/transport-node";
import { afterAll, describe, expect, it } from "vitest";
import { signInFrom } from "../../src/nats/sign-in.js";
import { ClusterError } from "../../src/nats/words.js";

const folder = mkdtempSync(join(tmpdir(), "beeline-sign-in-"));
afterAll(() => rmSync(folder, { recursive: true }));

let count = 0;
function file(text: string): string {
  count += 1;
  const path = join(folder, `${count}`);
  writeFileSync(path, text);
  return path;
}

const seedOf = (pair: { getSeed(): Uint8Array }) => new TextDecoder().decode(pair.getSeed());

describe("signInFrom", () => {
  it("takes user:password, the password with colons as well", () => {
    expect(signInFrom(file("node:pass:word\n"))()).toEqual({ user: "node", pass: "pass:word" });
  });

  it("takes a token", () => {
    expect(signInFrom(file("s3cr3t\n"))()).toEqual({ auth_token: "s3cr3t" });
  });

  it("takes the seed of an nkey, and signs with it", () => {
    const user = nkeys.createUser();
    expect(signInFrom(file(`${seedOf(user)}\n`))("nonce")).toMatchObject({
      nkey: user.getPublicKey(),
      sig: expect.any(String) as string,
    });
  });

  it("takes a credentials file of NATS", () => {
    const user = nkeys.createUser();
    const creds = [
      ...["-----BEGIN NATS USER JWT-----", "ey.J0.eXAi", "------END NATS USER JWT------", ""],
      ...["-----BEGIN USER NKEY SEED-----", seedOf(user), "------END USER NKEY SEED------", ""],
    ].join("\n");
    expect(signInFrom(file(creds))("nonce")).toMatchObject({
      jwt: "ey.J0.eXAi",
      nkey: user.getPublicKey(),
    });
  });

  it("reads the file again at each connect, and goes on with what it knows while it cannot", () => {
    const path = file("node:old");
    const signIn = signInFrom(path);
    writeFileSync(path, "node:new");
    expect(signIn()).toEqual({ user: "node", pass: "new" });
    writeFileSync(path, "");
    expect(signIn()).toEqual({ user: "node", pass: "new" });
    rmSync(path);
    expect(signIn()).toEqual({ user: "node", pass: "new" });
  });

  it.each([
    ["", "nothing"],
    ["two\nlines", "two lines"],
    ["-----BEGIN NATS USER JWT-----\nabc\n", "half a credentials file"],
    [`SU${"A".repeat(56)}`, "a seed with a wrong checksum"],
  ])("refuses a file with %j (%s), and says what it takes", (text) => {
    const path = file(text);
    expect(() => signInFrom(path)).toThrow(ClusterError);
    expect(() => signInFrom(path)).toThrow(
      `${path} (cluster.credentials) holds nothing that signs`,
    );
  });

  it("refuses a file that is not there", () => {
    expect(() => signInFrom(join(folder, "none"))).toThrow(
      /^the file of cluster\.credentials cannot be read: ENOENT/,
    );
  });
});
