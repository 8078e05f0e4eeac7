import { describe, expect, it } from "vitest";
import type { Operation } from "../../src/store/backend.js";
import { NEXT_KEY, Numbers, TIME_KEY } from "../../src/store/numbers.js";
import { Times } from "../../src/store/times.js";

const put = (key: Uint8Array): Operation => ({ kind: "put", key, value: key });

function written(
  numbers: Numbers,
  operations: Operation[] = [put(Uint8Array.of(1))],
): Uint8Array[] {
  const before = operations.length;
  numbers.write(operations);
  return operations.slice(before).map((one) => (one.kind === "delete-range" ? one.from : one.key));
}

describe("the numbers of a store", () => {
  it("are written with the records that need them, until that commit is done", () => {
    const numbers = new Numbers(5, new Times(0), undefined);
    expect(written(numbers)).toEqual([]);
    expect([numbers.next(), numbers.isStored(5), numbers.isStored(6)]).toEqual([6, true, false]);
    expect(written(numbers, [])).toEqual([]);
    expect(written(numbers)).toEqual([NEXT_KEY]);
    numbers.failed();
    numbers.committed();
    expect(numbers.isStored(6)).toBe(false);
    expect(written(numbers)).toEqual([NEXT_KEY]);
    numbers.committed();
    expect(numbers.isStored(6)).toBe(true);
    expect(written(numbers)).toEqual([]);
  });

  it("[D5] tell the time once a minute, whatever else is written", () => {
    let nowMs = 10;
    const numbers = new Numbers(0, new Times(1_000), () => nowMs);
    expect([numbers.isTimeDue, written(numbers, [])]).toEqual([true, [TIME_KEY]]);
    nowMs += 59_999;
    expect([numbers.isTimeDue, written(numbers, [])]).toEqual([false, []]);
    nowMs += 1;
    expect(written(numbers, [])).toEqual([TIME_KEY]);
    numbers.failed();
    expect(written(numbers, [])).toEqual([TIME_KEY]);
  });
});
