import { describe, expect, it } from "vitest";
import { fullTitle, type Section } from "../../../packages/conformance/src/case.js";
import type { Knowledge } from "../../../packages/conformance/src/lab.js";
import { runCase } from "../../../packages/conformance/src/runner.js";
import type { Answer, ConnectAttempt, Identity, Limits, Verdict } from "../../../src/engine.js";
import { EngineTarget } from "./engine-target.js";
import { SlowDisk } from "./slow-disk.js";

const FORBIDDEN = "forbidden/by/policy";

/** What the suite is told about a broker with {@link policyOfTheSuite}: all, so every case can tell. */
export const KNOWLEDGE: Knowledge = {
  username: "user",
  password: "right",
  refusedUsername: "user",
  refusedPassword: "wrong",
  forbiddenTopic: FORBIDDEN,
  forbiddenFilter: "forbidden/filter/#",
  refusedClientId: "nobody",
};

/** Room for every identifier in flight, and for one message more. */
const WIDE = { inFlightMax: 65_535, queueMessagesMax: 65_535 };

/** All that the standard allows. [T4] */
const LONG = { topicBytesMax: 65_535, clientIdBytesMax: 65_535 };

/**
 * One test for each case of a section, each on an engine of its own, over fake links.
 *
 * @param isDurable - With a Store whose disk is slow, so that acknowledgements have to wait for it.
 */
export function overLinks(section: Section, isDurable = false): void {
  describe(`${section.title}, over links${isDurable ? " and a slow disk" : ""}`, () => {
    for (const one of section.cases) {
      it(fullTitle(one), async () => {
        const isWide = one.needs?.includes("window") ?? false;
        const [target, knowledge] = isWide
          ? [
              engineWith({ ...LONG, ...WIDE }, isDurable),
              { ...KNOWLEDGE, window: WIDE.inFlightMax },
            ]
          : [engineWith(LONG, isDurable), KNOWLEDGE];
        const { outcome, detail } = await runCase(target, section, one, "case", knowledge);
        expect(`${outcome} ${detail}`.trim()).toBe("pass");
        expectNothingLeft(target);
      });
    }
  });
}

/**
 * The rule for every case, attacks above all: what a peer made grow is gone with it, and every end
 * of a connection was counted under a reason.
 */
export function expectNothingLeft({ broker }: EngineTarget): void {
  const { stats, gauges } = broker;
  const grown = Object.entries(gauges).filter(([, count]) => count !== 0);
  expect(grown).toEqual([]);
  const { connections, retainedBytes, willBytes, pointToPointKept } = stats;
  expect([connections, retainedBytes, willBytes, pointToPointKept]).toEqual([0, 0, 0, 0]);
  const sum = (counts: Iterable<number>) => [...counts].reduce((left, right) => left + right, 0);
  expect(sum(stats.closes.values())).toBe(stats.connectionsOpened);
  // An unacceptable level is a violation that is answered: its connection counts as refused.
  const answered = stats.violations.get("unacceptable-protocol-level") ?? 0;
  expect(sum(stats.violations.values()) - answered).toBe(stats.closes.get("violation") ?? 0);
}

function engineWith(limits: Partial<Limits>, isDurable: boolean): EngineTarget {
  const { authenticate, mayPublish, maySubscribe } = policyOfTheSuite();
  const options = {
    limits,
    policy: {
      authenticate: (attempt: ConnectAttempt, answer: Answer) => answer(authenticate(attempt), 1),
      mayPublish,
      maySubscribe,
    },
  };
  return new EngineTarget(options, isDurable ? new SlowDisk() : undefined);
}

/** Refuses one user, one identifier, one topic and one filter, and allows all others. */
export function policyOfTheSuite() {
  return {
    authenticate: verdictOn,
    mayPublish: (_from: Identity, topicName: string) => topicName !== FORBIDDEN,
    maySubscribe: (_from: Identity, topicFilter: string) => topicFilter !== "forbidden/filter/#",
  };
}

function verdictOn({ clientId, username, password }: ConnectAttempt): Verdict {
  if (clientId === "nobody") return { kind: "refused", returnCode: 2 };
  const isWrong = username === "user" && new TextDecoder().decode(password) === "wrong";
  return isWrong ? { kind: "refused", returnCode: 4 } : { kind: "accepted" };
}
