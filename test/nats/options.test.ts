import { describe, expect, it } from "vitest";
import { checkServers, isServerUrl, wantsTls } from "../../src/nats/options.js";

describe("isServerUrl", () => {
  it.each([
    "nats://10.0.0.1:4222",
    "tls://nats.example.org:4222",
    "nats://nats.example.org",
    "nats.example.org",
    "localhost:4222",
    "nats://[::1]:4222",
    "nats://a/",
  ])("takes %s", (url) => {
    expect(isServerUrl(url)).toBe(true);
  });

  it.each([
    "",
    "nats://",
    "http://a:4222",
    "nats://user:secret@a:4222",
    "nats://a:0",
    "nats://a:65536",
    "nats://a:x",
    "nats://a/path",
    "nats://a?x=1",
    "nats://a b",
  ])("refuses %j", (url) => {
    expect(isServerUrl(url)).toBe(false);
  });
});

describe("checkServers", () => {
  it("wants at least one", () => {
    expect(() => checkServers([])).toThrow("cluster.servers is empty; allowed: nats://host:port");
  });

  it("does not show a password that somebody has put into a URL", () => {
    const check = () => checkServers(["nats://a:4222", "nats://user:secret@b:4222"]);
    expect(check).toThrow(/^cluster\.servers has one that cannot be; allowed: .* without user/);
    expect(check).not.toThrow(/secret/);
  });
});

describe("wantsTls", () => {
  it("speaks TLS where a URL or a file says so, and never without it then", () => {
    const of = (...servers: string[]) => ({ name: "a", servers });
    expect(wantsTls(of("nats://a", "b"))).toBe(false);
    expect(wantsTls(of("nats://a", "tls://b"))).toBe(true);
    expect(wantsTls({ ...of("a"), tls: { ca: "ca.pem" } })).toBe(true);
  });
});
