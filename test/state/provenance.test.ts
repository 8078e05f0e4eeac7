import { describe, expect, it } from "vitest";
import { Provenance } from "../../src/state/provenance.js";

describe("[M36] where a message comes from", () => {
  it("is said once, and at first nobody else has it", () => {
    const provenance = new Provenance("p", 1, 5, 4, 3);
    expect(provenance).toMatchObject({
      ...{ publisherId: "p", packetId: 1, number: 5, floor: 4, againAbove: 3 },
      ...{ isAway: false, here: [] },
    });
  });
});
