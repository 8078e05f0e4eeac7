import { X509Certificate } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readProxyHeader } from "../../src/net/proxy-header.js";
import { selfSigned } from "../support/certificate.js";
import { proxyV2 } from "./proxy-bytes.js";

const read = (text: string) => readProxyHeader(Buffer.from(text, "latin1"));
const source = (address: string, port: number) => ({
  kind: "header",
  source: { address, port },
  certificate: undefined,
});

describe("version 1", () => {
  it.each([
    ["PROXY TCP4 203.0.113.9 10.0.0.1 50412 1883\r\n\x10", source("203.0.113.9", 50_412)],
    ["PROXY TCP6 2001:db8::9 ::1 1 65535\r\n", source("2001:db8::9", 1)],
  ])("tells whom %j is from", (text, expected) => {
    expect(read(text)).toMatchObject({ ...expected, byteCount: text.indexOf("\n") + 1 });
  });

  it("speaks for itself with UNKNOWN, whatever stands behind", () => {
    expect(read("PROXY UNKNOWN\r\n")).toMatchObject({ source: undefined, byteCount: 15 });
    expect(read("PROXY UNKNOWN a b c\r\n")).toMatchObject({ source: undefined, byteCount: 21 });
  });

  it.each([
    "PROXY TCP4 203.0.113.9 10.0.0.1 50412\r\n",
    "PROXY TCP4 203.0.113.9 10.0.0.1 50412 1883 5\r\n",
    "PROXY TCP4 203.0.113 10.0.0.1 50412 1883\r\n",
    "PROXY TCP4 ::1 ::1 50412 1883\r\n",
    "PROXY TCP6 10.0.0.1 10.0.0.1 50412 1883\r\n",
    "PROXY TCP4 203.0.113.9 10.0.0.1 65536 1883\r\n",
    "PROXY TCP4 203.0.113.9 10.0.0.1 050 1883\r\n",
    "PROXY TCP4 203.0.113.9 10.0.0.1 -1 1883\r\n",
    "PROXY UDP4 203.0.113.9 10.0.0.1 1 2\r\n",
    "PROXY \r\n",
    `PROXY TCP4 ${"1".repeat(120)}`,
    "PROXYTCP4",
    "\x10\x0c\0\x04MQTT",
    "\r\n\r\n\0\r\nQUITx",
  ])("[K14] refuses %j", (text) => {
    expect(read(text).kind).toBe("wrong");
  });
});

describe("version 2", () => {
  it("tells whom it is from, in both families", () => {
    expect(readProxyHeader(proxyV2({ address: "203.0.113.9", port: 50_412 }))).toMatchObject(
      source("203.0.113.9", 50_412),
    );
    const rest = Buffer.from([0x10, 0x0c]);
    const six = proxyV2({ address: "2001:db8:0:0:0:0:0:9", port: 7 });
    expect(readProxyHeader(Buffer.concat([six, rest]))).toMatchObject({
      ...source("2001:db8::9", 7),
      byteCount: six.length,
    });
  });

  it("speaks for itself with LOCAL, with no family, and for a socket file", () => {
    for (const header of [
      proxyV2({ command: 0, family: 0 }),
      proxyV2({ family: 0 }),
      proxyV2({ family: 0x31, addresses: Buffer.alloc(216) }),
    ]) {
      expect(readProxyHeader(header)).toMatchObject({ kind: "header", source: undefined });
    }
  });

  it("reads the certificate that the proxy has found valid, or its name alone", () => {
    const { cert } = selfSigned("device-7");
    const { raw, fingerprint256 } = new X509Certificate(cert);
    const from = { address: "203.0.113.9", port: 1 };
    const whole = proxyV2({
      ...from,
      ssl: { flags: 0x07, verify: 0, name: "x", certificate: raw },
    });
    expect(readProxyHeader(whole)).toMatchObject({
      certificate: { subject: { CN: "device-7" }, fingerprint256 },
    });
    const named = proxyV2({ ...from, ssl: { flags: 0x03, verify: 0, name: "device-8" } });
    expect(readProxyHeader(named)).toMatchObject({
      certificate: { subject: { CN: "device-8" }, fingerprint256: "" },
    });
    for (const ssl of [
      { flags: 0x01, verify: 0, name: "x" },
      { flags: 0x03, verify: 1, name: "x" },
      { flags: 0x03, verify: 0 },
    ]) {
      expect(readProxyHeader(proxyV2({ ...from, ssl }))).toMatchObject({ certificate: undefined });
    }
  });

  it.each([
    ["another version", proxyV2({ versionAndCommand: 0x11 })],
    ["an unknown command", proxyV2({ command: 2 })],
    ["another transport", proxyV2({ family: 0x12, addresses: Buffer.alloc(12) })],
    ["too few addresses", proxyV2({ family: 0x21, addresses: Buffer.alloc(35) })],
    ["more than it may have", proxyV2({ addresses: Buffer.alloc(9_000) })],
    ["a field without a length", proxyV2({ fields: Buffer.from([0x20, 0]) })],
    ["a field beyond its end", proxyV2({ fields: Buffer.from([0x20, 0, 9, 1]) })],
    [
      "a field within a field beyond its end",
      proxyV2({ fields: Buffer.from([0x20, 0, 3, 1, 0, 0]) }),
    ],
    ["no certificate", proxyV2({ ssl: { flags: 7, verify: 0, certificate: Buffer.from("x") } })],
  ])("[K14] refuses %s", (_, header) => {
    expect(readProxyHeader(header).kind).toBe("wrong");
  });
});

it("[K14] waits for more of whatever is cut, and then tells the same", () => {
  for (const header of [
    proxyV2({ address: "203.0.113.9", port: 9, ssl: { flags: 3, verify: 0, name: "n" } }),
    Buffer.from("PROXY TCP4 203.0.113.9 10.0.0.1 50412 1883\r\n"),
  ]) {
    for (let length = 0; length < header.length; length += 1) {
      expect(readProxyHeader(header.subarray(0, length))).toEqual({ kind: "unfinished" });
    }
  }
});

it("[K14] answers any bytes, and throws for none", () => {
  const some = fc.tuple(fc.constantFrom("", "PROXY ", "\r\n\r\n\0\r\nQUIT\n"), fc.uint8Array());
  fc.assert(
    fc.property(some, ([beginning, rest]) => {
      const bytes = Buffer.concat([Buffer.from(beginning, "latin1"), rest]);
      const result = readProxyHeader(bytes);
      if (result.kind === "header") expect(result.byteCount).toBeLessThanOrEqual(bytes.length);
    }),
  );
});
