import { describe, expect, it } from "vitest";
import { SCENARIOS } from "./scenarios.js";
import { type Fault, type Scenario, World } from "./world.js";

/** Runs a scenario to its end and holds it against what the standard promises. */
function run(scenario: Scenario, fault: Fault, turnsPerCommit: number): World {
  const world = new World(scenario, fault, turnsPerCommit);
  world.run();
  judge(world, scenario, fault);
  world.powerLoss();
  world.finish();
  judge(world, scenario, fault);
  return world;
}

/** Nothing acknowledged is lost, QoS 2 comes once, and a kept Session is kept. */
function judge(world: World, { owed = {} }: Scenario, fault: Fault): void {
  const received = [...world.clients.values()].flatMap((client) => client.received);
  const why = JSON.stringify(fault);
  for (const { clientId, acknowledged, sessionPresent } of world.clients.values()) {
    for (const payload of acknowledged) {
      if (payload.startsWith("1:first")) continue; // replaced before anybody could see it
      expect(received, `${clientId} was promised ${payload}, ${why}`).toContain(payload);
    }
    for (const [reader, beginning] of Object.entries(owed)) {
      const its = acknowledged.filter((payload) => payload.startsWith(beginning));
      expect(world.client(reader).received, `${reader}, ${why}`).toEqual(
        expect.arrayContaining(its),
      );
    }
    expect(sessionPresent.slice(1), `${clientId}, ${why}`).not.toContain(false);
  }
  const twice = received.filter((payload) => payload.startsWith("2:"));
  expect(twice, why).toEqual([...new Set(twice)]);
}

/** How many commits a scenario takes when nothing fails. */
function commitsOf(scenario: Scenario, turnsPerCommit: number): number {
  return run(scenario, { kind: "none" }, turnsPerCommit).disk.commits;
}

for (const scenario of SCENARIOS) {
  describe(`[J01] [J02] [M26] ${scenario.name}`, () => {
    for (const turnsPerCommit of [1, 3]) {
      const commits = commitsOf(scenario, turnsPerCommit);

      it(`loses nothing when the power goes at any of ${commits} commits of ${turnsPerCommit} rounds`, () => {
        for (let commit = 1; commit <= commits; commit += 1) {
          for (const kind of ["power-loss-before", "power-loss-after"] as const) {
            run(scenario, { kind, commit }, turnsPerCommit);
          }
        }
      });

      it(`[J03] [J04] loses nothing when any of ${commits} commits of ${turnsPerCommit} rounds fails`, () => {
        for (let commit = 1; commit <= commits; commit += 1) {
          run(scenario, { kind: "error", commit }, turnsPerCommit);
        }
      });
    }
  });
}
