import { describe, expect, it } from "vitest";
import { certificateCredential } from "../../src/auth/certificate.js";
import type { ClientCertificate } from "../../src/engine.js";
import { attempt } from "./attempt.js";

const of = (certificate: Partial<ClientCertificate>): ClientCertificate => ({
  subject: {},
  fingerprint256: "3A:F0",
  ...certificate,
});
const check = (type: "cn" | "dns" | "email" | "uri" | undefined, certificate?: ClientCertificate) =>
  certificateCredential(type === undefined ? {} : { username: type }).check(
    attempt({ username: "admin", password: "x", certificate }),
  );
const REFUSED = { kind: "refused", returnCode: 4 };

describe("a certificate", () => {
  it("makes its common name the user name, whatever CONNECT says", () => {
    expect(check(undefined, of({ subject: { CN: "device 7" } }))).toEqual({
      kind: "accepted",
      username: "device 7",
    });
    expect(check("cn", of({ subject: { CN: ["one"] } }))).toEqual({
      kind: "accepted",
      username: "one",
    });
  });

  it("passes on who has none, or none with such a name", () => {
    expect(check("cn")).toBeUndefined();
    expect(check("cn", of({}))).toBeUndefined();
    expect(check("dns", of({ subject: { CN: "a" }, subjectaltname: "URI:urn:a" }))).toBeUndefined();
    expect(check("dns", of({ subject: { CN: "a" } }))).toBeUndefined();
  });

  it.each([
    ["dns", "DNS:device.example, URI:urn:device:7", "device.example"],
    ["uri", "DNS:device.example, URI:urn:device:7", "urn:device:7"],
    ["email", "email:a@b.example", "a@b.example"],
    ["dns", "IP Address:10.0.0.1, DNS:*.example", "*.example"],
    ["uri", 'URI:"urn:a\\u002c DNS:admin", DNS:b', "urn:a, DNS:admin"],
    ["dns", 'URI:"urn:a\\u002c DNS:admin", DNS:b', "b"],
  ] as const)("takes the %s of %j", (type, subjectaltname, username) => {
    expect(check(type, of({ subjectaltname }))).toEqual({ kind: "accepted", username });
  });

  it.each([
    ["cn", of({ subject: { CN: ["one", "two"] } })],
    ["cn", of({ subject: { CN: "admin\0.example" } })],
    ["cn", of({ subject: { CN: "" } })],
    ["dns", of({ subjectaltname: "DNS:a, DNS:b" })],
    ["dns", of({ subjectaltname: 'DNS:"admin\\u0000.example"' })],
    ["dns", of({ subjectaltname: "DNS:a,DNS:b" })],
    ["dns", of({ subjectaltname: 'DNS:a"b' })],
    ["dns", of({ subjectaltname: "no such thing" })],
  ] as const)("[H14] refuses by %s what names two, or what is no name: %j", (type, certificate) => {
    expect(check(type, certificate)).toEqual(REFUSED);
  });
});
