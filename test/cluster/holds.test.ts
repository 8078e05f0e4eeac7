import { describe, expect, it } from "vitest";
import { Holds } from "../../src/cluster/holds.js";
import { Member } from "../../src/cluster/order-state.js";

function holdsOf(...clientIds: readonly string[]): Holds {
  const holds = new Holds();
  const member = new Member("0123456789abcdef");
  member.name = "n1";
  const holder = { member, username: "u", sequence: 1 };
  for (const clientId of clientIds) holds.set(clientId, { clientId, holder });
  return holds;
}

const idsOf = (holds: Holds, after?: string, limit = 10) =>
  holds.page({ after, limit }).items.map(({ clientId }) => clientId);

describe("who has which Client", () => {
  it("is found by identifier, and told in pages in their order", () => {
    const holds = holdsOf("b", "c", "a");
    expect([holds.size, holds.has("b"), holds.get("x")]).toEqual([3, true, undefined]);
    expect(holds.page({ after: undefined, limit: 2 })).toEqual({
      items: ["a", "b"].map((clientId) => ({ clientId, username: "u", nodeName: "n1" })),
      next: "b",
    });
    expect(holds.page({ after: "b", limit: 2 })).toMatchObject({ next: undefined });
    expect(idsOf(holds, "b")).toEqual(["c"]);
  });

  it("pages follow who comes and goes after the first was read", () => {
    const holds = holdsOf("a", "c");
    expect(idsOf(holds)).toEqual(["a", "c"]);
    const [hold] = [...holds.values()];
    if (hold !== undefined) holds.set("b", { ...hold, clientId: "b" });
    holds.delete("a");
    expect(idsOf(holds)).toEqual(["b", "c"]);
    expect(idsOf(holds, "a", 1)).toEqual(["b"]); // it has gone, and its place is known
  });
});
