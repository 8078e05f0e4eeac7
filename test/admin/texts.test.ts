import { expect, it } from "vitest";
import { CLIENT_ID, parent, text, topicFilter, topicName } from "../../src/admin/texts.js";

it.each([
  ["topicName", topicName, "a/b", "a/#"],
  ["topicFilter", topicFilter, "a/#", "a#"],
  ["parent", parent, "demo", "a/b"],
] as const)("a %s is held to its rule", (_, schemaOf, right, wrong) => {
  const schema = schemaOf("what it is");
  expect(schema.safeParse(right).success).toBe(true);
  expect(schema.safeParse(wrong).error?.issues[0]?.message).toMatch(/^allowed: /);
});

it("takes any text elsewhere: identifiers of clients have no rules", () => {
  for (const schema of [CLIENT_ID, text("")]) expect(schema.parse("a+/#\0")).toBe("a+/#\0");
});
