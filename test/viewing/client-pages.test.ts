import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import type { ClientQuery } from "../../src/viewing/client-pages.js";
import { LOOKED_AT_MAX } from "../../src/viewing/page.js";
import { Harness } from "../support/harness.js";

const EVERYBODY: ClientQuery = { after: undefined, limit: 3, connected: undefined, text: "" };

/** Client Identifiers from the first page to the last. */
function walk(harness: Harness, query: Partial<ClientQuery> = {}, between?: () => void): string[] {
  const found: string[] = [];
  let after: string | undefined;
  do {
    const page = harness.broker.view.clients({ ...EVERYBODY, ...query, after });
    found.push(...page.items.map(({ clientId }) => clientId));
    after = page.next;
    between?.();
  } while (after !== undefined);
  return found;
}

describe("pages of Clients", () => {
  it("are in the order of their identifiers, and end with the last", () => {
    const harness = new Harness();
    for (const clientId of ["c", "a", "10", "9", "b"]) harness.connect({ clientId });
    const first = harness.broker.view.clients(EVERYBODY);
    expect(first.items.map(({ clientId }) => clientId)).toEqual(["10", "9", "a"]);
    expect(first.next).toBe("a");
    const last = harness.broker.view.clients({ ...EVERYBODY, after: "a" });
    expect(last.items.map(({ clientId }) => clientId)).toEqual(["b", "c"]);
    expect(last.next).toBeUndefined();
    expect(harness.broker.view.clients({ ...EVERYBODY, after: "c" })).toEqual({
      items: [],
      next: undefined,
    });
  });

  it("hold only those that are connected, or are not", () => {
    const harness = new Harness();
    for (const clientId of ["a", "b", "c", "d"]) harness.connect({ clientId, cleanSession: false });
    harness.connect({ clientId: "b", cleanSession: false }).cut();
    expect(walk(harness, { connected: true })).toEqual(["a", "c", "d"]);
    expect(walk(harness, { connected: false })).toEqual(["b"]);
  });

  it("hold only those with a text in their identifier or user name", () => {
    const harness = new Harness();
    harness.connect({ clientId: "pump-7", username: "hall" });
    harness.connect({ clientId: "valve-7", username: "pumps", cleanSession: false }).cut();
    harness.connect({ clientId: "other" });
    expect(walk(harness, { text: "pump" })).toEqual(["pump-7", "valve-7"]);
    expect(walk(harness, { text: "Pump" })).toEqual([]);
  });

  it("look at a bounded number, even where nobody is wanted", () => {
    const harness = new Harness();
    for (let n = 0; n <= LOOKED_AT_MAX; n += 1) harness.connect({ clientId: `${100_000 + n}` });
    const page = harness.broker.view.clients({ ...EVERYBODY, text: "nobody" });
    expect(page).toEqual({ items: [], next: `${100_000 + LOOKED_AT_MAX - 1}` });
    expect(
      harness.broker.view.clients({ ...EVERYBODY, text: "nobody", after: page.next }).next,
    ).toBeUndefined();
  });
});

test("whoever stays is found exactly once, whatever happens between two pages", () => {
  const clientId = fc.constantFrom(..."abcdefghijklmnop");
  const change = fc.record({ clientId, comes: fc.boolean() });
  fc.assert(
    fc.property(
      fc.uniqueArray(clientId),
      fc.array(change, { maxLength: 30 }),
      fc.integer({ min: 1, max: 4 }),
      (first, changes, limit) => {
        const harness = new Harness();
        const peers = new Map(first.map((id) => [id, harness.connect({ clientId: id })]));
        const stayed = new Set(first);
        const rest = [...changes];
        const found = walk(harness, { limit }, () => {
          for (const { clientId: id, comes } of rest.splice(0, 3)) {
            if (comes) peers.set(id, harness.connect({ clientId: id }));
            else if (peers.has(id)) {
              peers.get(id)?.cut();
              stayed.delete(id);
            }
          }
        });
        expect(new Set(found).size).toBe(found.length);
        expect(found).toEqual([...found].sort());
        expect(found).toEqual(expect.arrayContaining([...stayed]));
      },
    ),
    { numRuns: 100 },
  );
});
