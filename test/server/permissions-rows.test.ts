import { expect, it } from "vitest";
import { OPTIONS } from "../../src/server/option-table.js";
import { PERMISSIONS_ROWS } from "../../src/server/permissions-rows.js";

it("[M04] files of rules are named by a path, in every spelling of an option", () => {
  for (const row of Object.values(PERMISSIONS_ROWS)) {
    expect(["rules.yaml", "", "a\0b"].map((path) => row.isAllowed(path))).toEqual([
      true,
      false,
      false,
    ]);
    expect([row.isPath, row.live]).toEqual([true, false]);
  }
  const names = OPTIONS.filter(({ group }) => group === "permissions");
  expect(names.map(({ path, flag, variable }) => [path, flag, variable])).toEqual([
    ["permissions.rulesFile", "--rules-file", "BEELINE_PERMISSIONS__RULES_FILE"],
    ["permissions.aclFile", "--acl-file", "BEELINE_PERMISSIONS__ACL_FILE"],
  ]);
});
