import { describe, expect, it } from "vitest";
import {
  isFileName,
  isHost,
  isOctalMode,
  isOrigin,
  isProxyAddress,
} from "../../src/library/listener-values.js";

describe("values of listeners", () => {
  it.each([
    ["https://example.com", true],
    ["http://localhost:8080", true],
    ["http://[::1]:81", true],
    ["https://example.com/", false],
    ["https://example.com:443", false],
    ["https://EXAMPLE.com", false],
    ["example.com", false],
    ["*", false],
    ["null", false],
    [7, false],
  ])("knows whether a browser would write %j as an origin: %j", (text, expected) => {
    expect(isOrigin(text)).toBe(expected);
  });

  it.each([
    ["10.0.0.7", true],
    ["10.0.0.0/8", true],
    ["fd00::/8", true],
    ["unix", true],
    ["10.0.0.0/33", false],
    ["::1/129", false],
    ["10.0.0.0/8/8", false],
    ["10.0.0.0/x", false],
    ["proxy.example", false],
  ])("knows whether %j names proxies: %j", (text, expected) => {
    expect(isProxyAddress(text)).toBe(expected);
  });

  it.each([
    ["660", true],
    ["0660", true],
    ["66", false],
    ["888", false],
  ])("knows whether %j is a mode: %j", (text, expected) => {
    expect(isOctalMode(text)).toBe(expected);
  });

  it("knows what can name a file", () => {
    expect(["a b.pem", "", "a\0b", "-----BEGIN\n"].map(isFileName)).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  it.each([
    ["127.0.0.1", true],
    ["::", true],
    ["fe80::1%eth0", true],
    ["localhost", true],
    ["my_host.example", true],
    ["", false],
    ["my host", false],
    ["127.0.0.1:1883", false],
    ["[::1]", false],
    ["mqtt://127.0.0.1", false],
    ["10.0.0.0/8", false],
  ])("knows whether %j can be listened on: %j", (text, expected) => {
    expect(isHost(text)).toBe(expected);
  });
});
