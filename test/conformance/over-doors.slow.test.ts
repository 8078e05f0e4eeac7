import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fullTitle, type Section } from "../../packages/conformance/src/case.js";
import { type CaseResult, runSections } from "../../packages/conformance/src/runner.js";
import { SECTIONS } from "../../packages/conformance/src/sections.js";
import type { ListenerOptions } from "../../src/library/listener-rows.js";
import { createBroker } from "../../src/library/mqtt-broker.js";
import { KNOWLEDGE, policyOfTheSuite } from "../support/conformance/over-links.js";
import { DoorTarget } from "../support/door-target.js";
import { TestCa } from "../support/test-ca.js";

/** The other ways of speaking: `over-tcp.slow.test.ts` has plain TCP. */
const DOORS = ["tls", "ws", "wss"] as const;

/** The runs, through all doors at once, have to be over by then. */
const RUN_MAX_MS = 600_000;

/** Cases side by side through one door: they wait for silence most of the time. */
const CONCURRENCY = 6;

/**
 * The bad inputs of framing, CONNECT, point-to-point and resources. Those that need a broker with the
 * widest window run over TCP; time limits are held, door by door, in `listeners.attacks.test.ts`, where
 * they are short and nothing else runs.
 */
const sections: readonly Section[] = SECTIONS.map((section) => ({
  ...section,
  cases: section.cases.filter(
    ({ proves, needs = [], lastsSeconds }) =>
      proves.some((citation) => /^[ABGI]\d\d$/.test(citation)) &&
      !needs.includes("window") &&
      lastsSeconds === undefined,
  ),
})).filter(({ cases }) => cases.length > 0);

const ca = new TestCa();
const doors = DOORS.map((door) => ({
  door,
  results: new Map<string, CaseResult>(),
  /** The suite has topics and identifiers as long as the standard allows. */
  broker: createBroker({
    ...policyOfTheSuite(),
    limits: { topicBytesMax: 65_535, clientIdBytesMax: 65_535 },
  }),
}));

beforeAll(async () => {
  const through = async ({ door, results, broker }: (typeof doors)[number]): Promise<void> => {
    const files = door === "ws" ? {} : ca.issue();
    const options = { type: door, port: 0, ...files } as ListenerOptions; // as its type asks
    const target = new DoorTarget(door, await broker.listen(options));
    const run = { knowledge: KNOWLEDGE, concurrency: CONCURRENCY };
    for (const result of await runSections(target, sections, run)) {
      results.set(fullTitle(result.case), result);
    }
  };
  await Promise.all(doors.map(through));
}, RUN_MAX_MS);

afterAll(async () => {
  for (const { broker } of doors) await broker.close();
  ca.remove();
});

describe.each(doors)("bad input over $door", ({ results, broker }) => {
  for (const one of sections.flatMap(({ cases }) => cases)) {
    it(fullTitle(one), () => {
      const { outcome, detail } = results.get(fullTitle(one)) ?? { outcome: "did not run" };
      expect(`${outcome} ${detail ?? ""}`.trim()).toBe("pass");
    });
  }

  it("leaves no connection, no Session and no retained message behind", async () => {
    const left = () => {
      const { connections, sessions, retained, willBytes } = broker.stats();
      return { connections, sessions, retained, willBytes };
    };
    const nothing = { connections: 0, sessions: 0, retained: 0, willBytes: 0 };
    await expect.poll(left, { timeout: 10_000 }).toEqual(nothing);
  });
});
