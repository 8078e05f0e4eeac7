import { describe, expect, it } from "vitest";
import { adminPlace } from "../../src/server/admin-place.js";

describe("where a server answers whoever runs it", () => {
  it.each([
    [{}, "http://127.0.0.1:18083", "beeline-data/admin-token"],
    [{ admin: { port: 9 }, store: { dataDir: "/d" } }, "http://127.0.0.1:9", "/d/admin-token"],
    [{ admin: { host: "0.0.0.0" } }, "http://127.0.0.1:18083", "beeline-data/admin-token"],
    [{ admin: { host: "::" } }, "http://[::1]:18083", "beeline-data/admin-token"],
    [{ admin: { host: "fd00::1", tokenFile: "t" } }, "http://[fd00::1]:18083", "t"],
    [{ store: { memory: true } }, "http://127.0.0.1:18083", undefined],
  ])("%j", (given, url, tokenFile) => {
    expect(adminPlace(given)).toEqual({ url, tokenFile });
  });

  it("says why it cannot be known", () => {
    expect(() => adminPlace({ admin: { enabled: false } })).toThrow("admin.enabled is false");
    expect(() => adminPlace({ admin: { port: 0 } })).toThrow("admin.port is 0");
  });
});
