import { expect, it } from "vitest";
import { encodeJson } from "../../src/store/records.js";
import { decodePosition, positionRecord, REPLICA_KEY } from "../../src/store/replica-position.js";
import { DamagedRecordError, seal } from "../../src/store/seal.js";

it("says how far a store has followed which log", () => {
  const position = { log: "2026-11-29T00:00:00Z", sequence: 7, isWhole: true };
  const record = positionRecord(position);
  expect(record.kind === "put" && decodePosition(record.value)).toEqual(position);
});

it("refuses a damaged one, and what is none", () => {
  const wrong = (value: unknown) => () => decodePosition(seal(REPLICA_KEY, encodeJson(value)));
  for (const value of [7, null, {}, { log: 1, sequence: 1 }, { log: "a", sequence: 0.5 }]) {
    expect(wrong(value)).toThrow(DamagedRecordError);
  }
  expect(() => decodePosition(Buffer.from("garbage"))).toThrow(DamagedRecordError);
});
