import { describe, expect, it } from "vitest";
import { defaultsOf } from "../../src/options/check.js";
import { ADMIN_ROWS } from "../../src/server/admin-rows.js";

describe("the options of the admin listener", () => {
  it("answer this machine only by default", () => {
    expect(defaultsOf(ADMIN_ROWS)).toEqual({
      ...{
        enabled: true,
        host: "127.0.0.1",
        port: 18_083,
        workPercentMax: 10,
        loopLagMsMax: 5_000,
      },
      tokenFile: undefined,
    });
  });

  it("take a host that there can be, and a file of a name", () => {
    const { host, tokenFile } = ADMIN_ROWS;
    expect(["::1", "admin.example", ""].map(host.isAllowed)).toEqual([true, true, false]);
    expect(["token", "", "a\0b"].map(tokenFile.isAllowed)).toEqual([true, false, false]);
  });
});
