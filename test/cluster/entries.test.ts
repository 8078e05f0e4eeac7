import { describe, expect, it } from "vitest";
import { FieldWriter, ForeignError, MalformedError } from "../../src/cluster/byte-fields.js";
import { decodeAppend, type Entry, encodeAppend, encodeEntry } from "../../src/cluster/entries.js";

const NODE = "0123456789abcdef";
const ALL: readonly Entry[] = [
  { kind: 1, name: "a" },
  { kind: 128, name: "a" },
  { kind: 2 },
  { kind: 3, node: NODE, sequence: 5, isGivenUp: false },
  { kind: 3, node: NODE, sequence: 6, isGivenUp: true },
  { kind: 1, name: "b", keeps: true, standsIn: true },
  { kind: 129 },
  { kind: 130, node: NODE, sequence: 2 ** 40 },
  { kind: 131, clientId: "c", username: undefined, isSameUserOnly: false, isIfFree: true },
  { kind: 131, clientId: "c", username: "", isSameUserOnly: true, isIfFree: false },
  { kind: 132, clientId: "c", sequence: 7 },
  { kind: 133, topicFilter: "a/#" },
  { kind: 134, topicFilter: "$share/g/a" },
  {
    kind: 135,
    node: NODE,
    isLast: true,
    held: [
      { clientId: "x", holder: { node: NODE, username: "u", sequence: 1 }, claimant: undefined },
      {
        clientId: "y",
        holder: { node: NODE, username: undefined, sequence: 2 },
        claimant: { node: NODE, username: "v", sequence: 3 },
      },
    ],
    wanted: ["a", "b"],
  },
];

describe("entries of the order log", () => {
  it("are read as they were written", () => {
    const bytes = encodeAppend(NODE, 9, ALL.map(encodeEntry));
    expect(decodeAppend(bytes)).toEqual({ node: NODE, number: 9, entries: ALL });
  });

  it("[L03] foreign bytes are told from ours, and from what is cut off", () => {
    expect(() => decodeAppend(Uint8Array.of(1, 2, 3, 4, 5))).toThrow(ForeignError);
    const bytes = encodeAppend(NODE, 9, ALL.map(encodeEntry));
    for (let length = 5; length < bytes.length; length += 1) {
      try {
        const { entries } = decodeAppend(bytes.subarray(0, length));
        expect(entries).toEqual(ALL.slice(0, entries.length)); // cut between two of them
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedError);
      }
    }
  });

  it("an unknown kind is passed over below 128, and must be understood from there on", () => {
    const unknown = (kind: number) => new FieldWriter().u8(kind).u32(1).u8(7).bytes;
    const known = encodeEntry({ kind: 129 });
    const { entries } = decodeAppend(encodeAppend(NODE, 1, [unknown(9), known]));
    expect(entries).toEqual([{ kind: 129 }]);
    expect(() => decodeAppend(encodeAppend(NODE, 1, [unknown(200)]))).toThrow("kind 200");
  });
});
