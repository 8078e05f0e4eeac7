import { Duplex } from "node:stream";
import { describe, expect, it } from "vitest";
import { addressOf, detailsOf } from "../../src/net/peer-details.js";

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

describe("what authenticate is shown besides", () => {
  it("is frozen and plain: a copy of the request's path and headers", () => {
    const headers = { "x-user": "u", "set-cookie": ["a", "b"], missing: undefined };
    const { request } = detailsOf(stream(), { request: { url: "/mqtt", headers } });
    expect(request).toEqual({ url: "/mqtt", headers });
    headers["set-cookie"].push("c");
    expect(request?.headers["set-cookie"]).toEqual(["a", "b"]);
    for (const part of [request, request?.headers, request?.headers["set-cookie"]]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
    expect(detailsOf(stream(), { request: { headers: {} } }).request?.url).toBe("");
  });

  it("is a header of any name, and never one that nobody sent", () => {
    const headers = JSON.parse('{"__proto__":"x"}');
    const { request } = detailsOf(stream(), { request: { headers } });
    expect(Object.entries(request?.headers ?? {})).toEqual([["__proto__", "x"]]);
    expect("constructor" in (request?.headers ?? {})).toBe(false);
  });

  it("is nothing where nothing is known", () => {
    expect(detailsOf(stream(), {})).toEqual({ request: undefined, certificate: undefined });
  });

  it("is the certificate it is given, or that of a TLS socket that found it valid", () => {
    const tls = (authorized: boolean) =>
      stream({ encrypted: true, authorized, getPeerCertificate: () => certificate });
    expect(detailsOf(stream(), { certificate }).certificate).toEqual(certificate);
    expect(detailsOf(tls(true), {}).certificate).toEqual(certificate);
    expect(Object.isFrozen(detailsOf(tls(true), {}).certificate)).toBe(true);
    expect(detailsOf(tls(false), {}).certificate).toBeUndefined();
    const request = { headers: {}, socket: tls(true) };
    expect(detailsOf(stream(), { request }).certificate).toEqual(certificate);
  });
});
