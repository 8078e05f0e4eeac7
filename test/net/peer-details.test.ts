import { Duplex } from "node:stream";
import { describe, expect, it } from "vitest";
import { addressOf, type ConnectionDetails, detailsOf } from "../../src/net/peer-details.js";

/** A stream with the peer's address, or more. */
function stream(more: object = {}): Duplex & { remoteAddress?: string } {
  return Object.assign(new Duplex(), more);
}
const certificate = { subject: { CN: "device-7" }, fingerprint256: "3A:F0" };

describe("the address of a peer", () => {
  const request = { headers: {}, socket: { remoteAddress: "192.0.2.1", remotePort: 7 } };

  it.each([
    [
      "what it is told",
      stream({ remoteAddress: "::1" }),
      { remoteAddress: "given:1", request },
      "given:1",
    ],
    ["the stream's", stream({ remoteAddress: "::1", remotePort: 5 }), { request }, "[::1]:5"],
    ["that of the request's socket", stream(), { request }, "192.0.2.1:7"],
    ["unknown", stream(), { request: { headers: {} } }, ""],
    ["unknown, too", stream(), {}, ""],
  ])("is %s", (_, one, details, address) => {
    expect(addressOf(one, details)).toBe(address);
  });
});

describe("what hooks are shown besides", () => {
  const requestOf = (request: NonNullable<ConnectionDetails["request"]>) =>
    detailsOf(stream(), { request }, true)?.request;
  const certificateOf = (one: Duplex, details: ConnectionDetails) =>
    detailsOf(one, details, false)?.certificate;

  it("is frozen and plain: a copy of the request's path and headers", () => {
    const headers = { "x-user": "u", "set-cookie": ["a", "b"], missing: undefined };
    const request = requestOf({ url: "/mqtt", headers });
    expect(request).toEqual({ url: "/mqtt", headers });
    headers["set-cookie"].push("c");
    expect(request?.headers["set-cookie"]).toEqual(["a", "b"]);
    for (const part of [request, request?.headers, request?.headers["set-cookie"]]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
    expect(requestOf({ headers: {} })?.url).toBe("");
  });

  it("is a header of any name, and never one that nobody sent", () => {
    const headers = JSON.parse('{"__proto__":"x"}');
    const request = requestOf({ headers });
    expect(Object.entries(request?.headers ?? {})).toEqual([["__proto__", "x"]]);
    expect("constructor" in (request?.headers ?? {})).toBe(false);
  });

  it("is nothing where nothing is known", () => {
    expect(detailsOf(stream(), {}, true)).toBeUndefined();
  });

  it("is the certificate it is given, or that of a TLS socket that found it valid", () => {
    const tls = (authorized: boolean) =>
      stream({ encrypted: true, authorized, getPeerCertificate: () => certificate });
    expect(certificateOf(stream(), { certificate })).toEqual(certificate);
    expect(certificateOf(tls(true), {})).toEqual(certificate);
    expect(Object.isFrozen(certificateOf(tls(true), {}))).toBe(true);
    expect(certificateOf(tls(false), {})).toBeUndefined();
    const request = { headers: {}, socket: tls(true) };
    expect(certificateOf(stream(), { request })).toEqual(certificate);
    expect(detailsOf(stream(), { request }, false)?.request).toBeUndefined();
  });

  it("is of a certificate what hooks are promised, plain and frozen to its last part", () => {
    const theirs = { subject: { CN: ["a", "b"], O: "o" }, fingerprint256: "3A:F0", raw: "long" };
    const shown = certificateOf(stream(), { certificate: theirs });
    expect(shown).toEqual({ subject: { CN: ["a", "b"], O: "o" }, fingerprint256: "3A:F0" });
    for (const part of [shown, shown?.subject, shown?.subject.CN]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
    theirs.subject.CN.push("c");
    expect(shown?.subject.CN).toEqual(["a", "b"]);
  });
});
