import { expect, it } from "vitest";
import { calmest } from "../../../bench/attacks/calmest.js";
import type { Outcome } from "../../../bench/attacks/report.js";

/** Outcomes with so much waiting of server and pair, one after the other; p99 tells which it was. */
function attacks(...waits: readonly (readonly [number, number] | undefined)[]) {
  let count = 0;
  return (): Promise<Outcome> => {
    const found = waits[count];
    count += 1;
    return Promise.resolve({
      ...{ name: "T1", title: "", notes: {}, failings: [] },
      canary: { p50Ms: 0, p99Ms: count, longestSilenceMs: 0, sent: 1, lost: 0 },
      ...(found && { waits: { serverMs: found[0], canaryMs: found[1] } }),
    });
  };
}

const which = ({ canary }: Outcome): number => canary.p99Ms;

it("attacks once when nobody waits a tenth of the time, or nobody knows", async () => {
  expect(which(await calmest(3, 10, attacks([1_000, 1_000], [0, 0])))).toBe(1);
  expect(which(await calmest(3, 10, attacks(undefined, [0, 0])))).toBe(1);
});

it("takes the one with the least waiting, of server or pair, and no more than it may", async () => {
  expect(which(await calmest(3, 10, attacks([5_000, 0], [0, 2_000], [3_000, 3_000], [0, 0])))).toBe(
    2,
  );
  expect(which(await calmest(1, 10, attacks([5_000, 5_000], [0, 0])))).toBe(1);
  expect(which(await calmest(3, 10, attacks([0, 1_001], [900, 0], [0, 0])))).toBe(2);
});
