import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeEntry,
  decodeOperations,
  EntryKind,
  encodeEntry,
  encodeOperations,
  HEADER_BYTES,
  LogEntryError,
} from "../../src/replica/log-entry.js";
import type { Operation } from "../../src/store/backend.js";

const bytes = fc.uint8Array({ maxLength: 40 });
const key = fc.uint8Array({ minLength: 1, maxLength: 20 });
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ kind: fc.constant("put" as const), key, value: bytes }),
  fc.record({ kind: fc.constant("delete" as const), key }),
  fc.record({ kind: fc.constant("delete-range" as const), from: key, to: key }),
);
const run = "00c0ffee12345678";

describe("an entry of the log of a replica", () => {
  it("is read as it was written, in as many parts as it needs", () => {
    fc.assert(
      fc.property(
        fc.array(operation, { maxLength: 20 }),
        fc.integer({ min: HEADER_BYTES + 1, max: 200 }),
        fc.nat({ max: Number.MAX_SAFE_INTEGER % 2 ** 48 }),
        (operations, bytesMax, number) => {
          const head = { kind: EntryKind.COMMIT, run, number };
          const parts = encodeEntry(head, encodeOperations(operations), bytesMax);
          const entries = parts.map(decodeEntry);
          expect(parts.every(({ length }) => length <= bytesMax)).toBe(true);
          expect(entries.map(({ part }) => part)).toEqual(parts.map((_, at) => at));
          expect(entries.map(({ isLast }) => isLast)).toEqual(
            parts.map((_, at) => at === parts.length - 1),
          );
          for (const entry of entries) expect(entry).toMatchObject({ ...head, isFresh: false });
          const body = Buffer.concat(entries.map((entry) => entry.body));
          expect(decodeOperations(body).map(plain)).toEqual(operations.map(plain));
        },
      ),
    );
  });

  it("says of an epoch whether the log begins with it", () => {
    const [first] = encodeEntry(
      { kind: EntryKind.EPOCH, isFresh: true, run, number: 1 },
      new Uint8Array(0),
      1_000,
    );
    expect(decodeEntry(first as Uint8Array)).toMatchObject({ isFresh: true, isLast: true });
  });

  it("refuses with a word whatever is none", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (garbage) => {
        expect(() => decodeEntry(garbage)).toThrow(LogEntryError);
      }),
    );
    const [whole = new Uint8Array(0)] = encodeEntry(
      { kind: EntryKind.COPY_END, run, number: 1 },
      new Uint8Array(0),
      1_000,
    );
    const newer = whole.slice();
    newer[3] = 9;
    expect(() => decodeEntry(newer)).toThrow("it has version 9, this program reads 1");
    const other = whole.slice();
    other[4] = 77;
    expect(() => decodeEntry(other)).toThrow("its kind 77 is not known");
  });

  it("refuses operations that are cut off, or of no known kind", () => {
    fc.assert(
      fc.property(fc.array(operation, { minLength: 1, maxLength: 5 }), fc.nat(), (all, at) => {
        const encoded = encodeOperations(all);
        const end = at % encoded.length;
        let cut: number;
        try {
          cut = encodeOperations(decodeOperations(encoded.subarray(0, end))).length;
        } catch (error) {
          expect(error).toBeInstanceOf(LogEntryError);
          return;
        }
        expect(cut).toBe(end); // it was cut between two
      }),
    );
    const odd = encodeOperations([{ kind: "delete", key: Uint8Array.of(1) }]);
    odd[0] = 9;
    expect(() => decodeOperations(odd)).toThrow("an operation of kind 9");
  });
});

function plain(one: Operation): unknown {
  return Object.fromEntries(
    Object.entries(one).map(([name, value]) => [
      name,
      value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value,
    ]),
  );
}
