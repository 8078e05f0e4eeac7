import fc from "fast-check";
import { expect, it } from "vitest";
import { hashOf, PAGES, routeOf } from "../../src/console/route.js";

it("leads back to the place that an address was made of", () => {
  const text = fc.string({ unit: "grapheme", minLength: 1 });
  const query = fc.dictionary(fc.stringMatching(/^[a-z]+$/), text);
  fc.assert(
    fc.property(fc.constantFrom(...PAGES), text, query, (page, item, asked) => {
      expect(routeOf(hashOf({ page, item, query: asked }))).toEqual({
        page,
        item,
        query: { ...asked },
      });
    }),
  );
});

it("leaves empty filters out, and takes what it does not know for the overview", () => {
  expect(hashOf({ page: "clients", query: { q: "", state: "connected" } })).toBe(
    "#/clients?state=connected",
  );
  for (const hash of ["", "#", "#/", "#/nothing/here?a=b"]) {
    expect(routeOf(hash)).toEqual({ page: "overview", item: "", query: {} });
  }
});

it("does not fail at an address that somebody has shortened", () => {
  expect(routeOf("#/clients/a%2").item).toBe("a%2");
});
