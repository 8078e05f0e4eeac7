import { expect, it } from "vitest";
import { Entry, Section, type Standing } from "../../src/permissions/section.js";
import { OWN_SPELLING, Template } from "../../src/permissions/template.js";

const NAMES = { clientId: "c1", username: undefined };
const PUBLISH = 1;
const SUBSCRIBE = 4;

function sectionOf(...rules: [allows: boolean, verbs: number, filter: string][]): Section {
  const section = new Section();
  for (const [order, [allows, verbs, text]] of rules.entries()) {
    const template = Template.of(text, OWN_SPELLING);
    section.add(new Entry(order, allows, verbs, template?.filter ?? text, template));
  }
  return section;
}

function standing(): Standing {
  const never = Number.POSITIVE_INFINITY;
  return { coverOrder: never, coverAllows: false, allowOrder: never, denyOrder: never };
}

it("the first rule of the right verb decides, and one that stands before all others stays", () => {
  const section = sectionOf(
    [true, SUBSCRIBE, "a/#"],
    [false, PUBLISH, "a/b"],
    [true, PUBLISH, "a/#"],
  );
  expect(section.first(PUBLISH, "a/b", NAMES, undefined)?.allows).toBe(false);
  expect(section.first(PUBLISH, "a/c", NAMES, undefined)?.allows).toBe(true);
  expect(section.first(PUBLISH, "b", NAMES, undefined)).toBeUndefined();
  const before = new Entry(0, true, PUBLISH, "a/b", undefined);
  expect(section.first(PUBLISH, "a/b", NAMES, before)).toBe(before);
});

it("tells which rules cover a filter, and which concern a part of it", () => {
  const section = sectionOf(
    [false, SUBSCRIBE, "a/x"],
    [true, SUBSCRIBE, "a/${clientId}"],
    [true, SUBSCRIBE, "a/${username}"], // of nobody
    [true, SUBSCRIBE, "#"],
    [true, PUBLISH, "a/+"],
  );
  const found = standing();
  section.stand(SUBSCRIBE, "a/+", NAMES, found);
  expect(found).toEqual({ coverOrder: 3, coverAllows: true, allowOrder: 1, denyOrder: 0 });
});

it("[H02] a deny rule whose place a name cannot take denies all that lies behind that place", () => {
  const section = sectionOf(
    [false, PUBLISH, "a/${clientId}/b"],
    [false, SUBSCRIBE, "${clientId}"],
    [false, SUBSCRIBE, "a/${username}"],
    [true, PUBLISH, "b/${clientId}"],
  );
  expect(section.broadDenials(NAMES)).toEqual([]);
  expect(section.broadDenials({ clientId: "x/y", username: undefined })).toEqual([
    { order: 0, verbs: PUBLISH, filter: "a/#" },
    { order: 1, verbs: SUBSCRIBE, filter: undefined },
  ]);
});
