import { expect, it } from "vitest";
import { PROFILES, type Profile } from "./profiles.js";
import { simulate } from "./simulation.js";

/** Beyond those of the fast tests. */
const FIRST = 1_001;

function profileOf(seed: number): Profile {
  return PROFILES[seed % PROFILES.length] as Profile; // in bounds
}

/** A seed in so many is run a second time: no divisor of the number of profiles, so that each has its turn. */
const TWICE_ONE_IN = 5;

it("1,000 seeds over all profiles keep every promise, and 200 give the same trace again", {
  timeout: 240_000,
}, () => {
  const failed: string[] = [];
  const profilesRunTwice = new Set<Profile>();
  for (let seed = FIRST; seed < FIRST + 1_000; seed += 1) {
    const profile = profileOf(seed);
    const { problems, hash } = simulate(seed, profile);
    const [problem] = problems;
    if (problem !== undefined) failed.push(`seed ${seed}, ${profile}: ${problem}`);
    if (seed % TWICE_ONE_IN > 0) continue;
    profilesRunTwice.add(profile);
    expect({ seed, hash: simulate(seed, profile).hash }).toEqual({ seed, hash });
  }
  expect(failed).toEqual([]);
  expect([...profilesRunTwice].sort()).toEqual([...PROFILES].sort());
});
