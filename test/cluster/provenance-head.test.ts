import { describe, expect, it } from "vitest";
import { FieldReader, FieldWriter, MalformedError } from "../../src/cluster/byte-fields.js";
import { readProvenance, writeProvenance } from "../../src/cluster/provenance-head.js";
import { Provenance } from "../../src/state/provenance.js";

describe("[M36] what stands before the payload of a message that is to be given once", () => {
  it.each([0, 2 ** 39])("is read as it was written, and ends there; again above %i", (above) => {
    const given = new Provenance("cliënt", 65_535, 2 ** 40, 2 ** 38, above);
    const bytes = new FieldWriter().raw(writeProvenance(given)).u8(7).bytes;
    const reader = new FieldReader(bytes);
    const { publisherId, packetId, number, floor, againAbove, isAway } = readProvenance(reader);
    expect([publisherId, packetId, number, floor, againAbove]).toEqual([
      ...["cliënt", 65_535, 2 ** 40, 2 ** 38, above],
    ]);
    expect(isAway).toBe(true); // this node is not the first to have it
    expect([...reader.rest()]).toEqual([7]);
  });

  it("that ends too early is an error", () => {
    const bytes = writeProvenance(new Provenance("p", 1, 2, 0, 0)).slice(0, -1);
    expect(() => readProvenance(new FieldReader(bytes))).toThrow(MalformedError);
  });
});
