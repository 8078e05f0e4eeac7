import fc from "fast-check";
import { expect, it } from "vitest";
import { pagedJson } from "../../src/admin/paged-json.js";

it("is the text that JSON.stringify makes of the page, however many items it has", async () => {
  const items = fc.array(fc.record({ clientId: fc.string() }), { maxLength: 120 });
  const page = fc.record({ items, next: fc.option(fc.string(), { nil: undefined }) });
  await fc.assert(
    fc.asyncProperty(page, async (some) => {
      const answer = pagedJson(some, "items");
      expect(answer.headers.get("content-type")).toBe("application/json");
      expect(await answer.json()).toEqual(JSON.parse(JSON.stringify(some)));
    }),
    { examples: [0, 1, 50, 51, 100, 1_000].map((count) => example(count)) },
  );
});

it("lets others have their turns between two pieces", async () => {
  let turns = 0;
  const turn = (): void => {
    turns += 1;
    immediate = setImmediate(turn);
  };
  let immediate = setImmediate(turn);
  await pagedJson({ items: clients(1_000) }, "items").text();
  clearImmediate(immediate);
  expect(turns).toBeGreaterThanOrEqual(19);
});

function example(count: number): [{ items: { clientId: string }[]; next: string }] {
  return [{ items: clients(count), next: "a" }];
}

function clients(count: number): { clientId: string }[] {
  return Array.from({ length: count }, (_, index) => ({ clientId: `c${index}` }));
}
