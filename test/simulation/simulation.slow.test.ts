import { expect, it } from "vitest";
import { PROFILES, type Profile } from "./profiles.js";
import { simulate } from "./simulation.js";

/** Beyond those of the fast tests. */
const FIRST = 1_001;

function profileOf(seed: number): Profile {
  return PROFILES[seed % PROFILES.length] as Profile; // in bounds
}

it("1,000 seeds over all profiles keep every promise", { timeout: 240_000 }, () => {
  const failed: string[] = [];
  for (let seed = FIRST; seed < FIRST + 1_000; seed += 1) {
    const { problems } = simulate(seed, profileOf(seed));
    const [problem] = problems;
    if (problem !== undefined) failed.push(`seed ${seed}, ${profileOf(seed)}: ${problem}`);
  }
  expect(failed).toEqual([]);
});

it("200 seeds give the same trace when they are run again", { timeout: 240_000 }, () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const { hash } = simulate(seed, profileOf(seed));
    expect({ seed, hash: simulate(seed, profileOf(seed)).hash }).toEqual({ seed, hash });
  }
});
