import { expect, it } from "vitest";
import {
  ADDRESSABLE_ID,
  CLIENT_ID,
  parent,
  text,
  topicFilter,
  topicName,
} from "../../src/admin/texts.js";

it.each([
  ["topicName", topicName, "a/b", "a/#"],
  ["topicFilter", topicFilter, "a/#", "a#"],
  ["parent", parent, "demo", "a/b"],
] as const)("a %s is held to its rule", (_, schemaOf, right, wrong) => {
  const schema = schemaOf("what it is");
  expect(schema.safeParse(right).success).toBe(true);
  expect(schema.safeParse(wrong).error?.issues[0]?.message).toMatch(/^allowed: /);
});

it("[P17] takes identifiers that a message can be addressed to", () => {
  const ids = ["a", "GID_x@@@1", "", "a/b", "a+", "#", "\0"];
  expect(ids.filter((id) => ADDRESSABLE_ID.safeParse(id).success)).toEqual(["a", "GID_x@@@1"]);
});

it("takes any text elsewhere: identifiers of clients have no rules", () => {
  for (const schema of [CLIENT_ID, text("")]) expect(schema.parse("a+/#\0")).toBe("a+/#\0");
});
