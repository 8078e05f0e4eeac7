import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { roundsOf } from "../support/quick.js";
import { type Plan, PROFILES, type Profile, planOf } from "./profiles.js";
import { shrink } from "./shrink.js";
import { simulate } from "./simulation.js";

const SEEDS = roundsOf(10, 2);

describe("the engine in virtual time", () => {
  it.each(PROFILES)(
    `[M26] [M1] [M4] [P10] keeps its promises under %s, ${SEEDS} seeds`,
    (profile) => {
      for (let seed = 1; seed <= SEEDS; seed += 1) {
        const { problems, messages } = simulate(seed, profile);
        expect({ seed, problems }).toEqual({ seed, problems: [] });
        expect(messages).toBeGreaterThan(0);
      }
    },
  );

  it("the same seed is the same run, and another one is another", () => {
    const some = PROFILES.slice(0, roundsOf(PROFILES.length, 4));
    const hashes = some.map((profile) => simulate(7, profile).hash);
    expect(some.map((profile) => simulate(7, profile).hash)).toEqual(hashes);
    expect(new Set([...hashes, simulate(8, "calm").hash]).size).toBe(some.length + 1);
  });

  const folder = new URL("regressions/", import.meta.url);
  const found = readdirSync(folder).filter((name) => name.endsWith(".json"));
  it.each(found)("regression: %s", (name) => {
    const text = readFileSync(new URL(name, folder), "utf8");
    const { seed, profile, plan } = JSON.parse(text) as {
      seed: number;
      profile: Profile;
      plan: Partial<Plan>;
    };
    expect(simulate(seed, profile, plan).problems).toEqual([]);
  });
});

describe("shrinking", () => {
  it("leaves nothing that a failure does not need", () => {
    const small = shrink(planOf(3, "crashy"), ({ clients, crashEveryMs, features }) => {
      return clients >= 2 && crashEveryMs > 0 && features.qos1;
    });
    expect(small).toMatchObject({ clients: 2, cutEveryMs: 0, failOneIn: 0, commitMs: 0 });
    expect(small.crashEveryMs).toBeGreaterThan(0);
    expect(Object.values(small.features).filter(Boolean)).toEqual([true]);
  });
});
