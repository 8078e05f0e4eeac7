import { expect, it } from "vitest";
import { ADMIN_ROWS } from "../../src/server/admin-rows.js";
import { OPTIONS } from "../../src/server/option-table.js";

it("takes a host that can be one, and a file with the token", () => {
  const { host, tokenFile } = ADMIN_ROWS;
  expect(
    ["127.0.0.1", "::1", "localhost", "", "http://a"].map((text) => host.isAllowed(text)),
  ).toEqual([...[true, true, true, false, false]]);
  expect(["token", "", "a\0b"].map((text) => tokenFile.isAllowed(text))).toEqual([
    true,
    false,
    false,
  ]);
});

it("names its options in every spelling", () => {
  const names = OPTIONS.filter(({ group }) => group === "admin");
  expect(names.map(({ flag }) => flag)).toEqual([
    ...["--admin", "--admin-host", "--admin-port", "--admin-token-file"],
    "--admin-loop-lag-ms-max",
  ]);
});
