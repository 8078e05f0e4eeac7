import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readTlsFiles, TlsFileError, type TlsFiles } from "../../src/net/tls-files.js";
import { UsageError } from "../../src/protocol/errors.js";
import { type CertificatePair, TestCa } from "../support/test-ca.js";

let ca: TestCa;
let good: CertificatePair;
beforeAll(() => {
  ca = new TestCa();
  good = ca.issue();
});
afterAll(() => ca.remove());

const put = (name: string, text: string): string => {
  const file = join(ca.folder, name);
  writeFileSync(file, text);
  return file;
};
const messageOf = (files: TlsFiles): string => {
  try {
    readTlsFiles(files, Date.now());
  } catch (error) {
    expect(error).toBeInstanceOf(TlsFileError);
    expect(error).toBeInstanceOf(UsageError);
    return (error as Error).message;
  }
  return "no error";
};

describe("[M04] files that TLS cannot be spoken with are refused by name, with what was expected", () => {
  it("when they cannot be read, or are something else", () => {
    const missing = join(ca.folder, "missing.pem");
    expect(messageOf({ ...good, cert: missing })).toContain(
      `${missing} cannot be read: there is no such file`,
    );
    expect(messageOf({ ...good, key: missing })).toContain(
      `${missing} cannot be read: there is no such file`,
    );
    const text = put("text.pem", "no PEM at all");
    expect(messageOf({ ...good, cert: text })).toBe(
      `${text} holds no CERTIFICATE: expected a certificate in PEM`,
    );
    expect(messageOf({ ...good, key: text })).toBe(
      `${text} holds no private key that can be read: expected PEM`,
    );
    const damaged = put(
      "bad.pem",
      "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    );
    expect(messageOf({ ...good, cert: damaged })).toContain(
      "holds a certificate that cannot be read",
    );
  });

  it("when the key is of another certificate, or has a password", () => {
    const other = ca.issue();
    expect(messageOf({ cert: good.cert, key: other.key })).toBe(
      `the key in ${other.key} is not that of the certificate in ${good.cert}: give the two that were made together`,
    );
    const locked = put("locked.key", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END");
    expect(messageOf({ cert: good.cert, key: locked })).toContain("has a password");
  });

  it("when the certificate has expired, or is not valid yet, of every pair", () => {
    const old = ca.issue({ days: -1 });
    expect(messageOf(old)).toMatch(/^the certificate in .* has expired: it was valid until /);
    expect(messageOf({ ...good, certificates: [old] })).toMatch(/has expired/);
    expect(() => readTlsFiles(good, Date.now() - 30 * 86_400_000)).toThrow(/is not valid yet/);
  });

  it("when it is not said whose client certificates are valid", () => {
    expect(messageOf({ ...good, clientCertificate: "required" })).toContain(
      "client certificates are required, and no file says which are valid",
    );
    expect(messageOf({ ...good, crl: good.cert })).toContain("revokes certificates of no ca");
    const authorities = { ...good, clientCertificate: "optional", ca: ca.cert } as const;
    expect(messageOf({ ...authorities, ca: good.key })).toContain("holds no CERTIFICATE");
    expect(messageOf({ ...authorities, crl: good.cert })).toContain("holds no X509 CRL");
    expect(messageOf({ ...authorities, crl: ca.revoke() })).toBe("no error");
  });
});

it("[M03] says nothing of what a key file holds", () => {
  const secret = "MHcCAQEEIOQ4c2VjcmV0";
  const key = put(
    "secret.key",
    `-----BEGIN EC PRIVATE KEY-----\n${secret}\n-----END EC PRIVATE KEY-----\n`,
  );
  expect(messageOf({ cert: good.cert, key })).not.toContain(secret);
});

it("has a context for the hosts a certificate is made out for, the first one first", () => {
  const other = ca.issue({ names: "DNS:b.example" });
  const { contextFor } = readTlsFiles({ ...good, certificates: [other] }, Date.now());
  expect(contextFor("b.example")).toBeDefined();
  expect(contextFor("localhost")).not.toBe(contextFor("b.example"));
  expect(contextFor("c.example")).toBeUndefined();
});
