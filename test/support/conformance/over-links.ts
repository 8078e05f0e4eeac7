import { describe, expect, it } from "vitest";
import { fullTitle, type Section } from "../../../src/conformance/case.js";
import type { Knowledge } from "../../../src/conformance/lab.js";
import { runCase } from "../../../src/conformance/runner.js";
import type { ConnectAttempt, Identity, Limits, Verdict } from "../../../src/engine.js";
import { EngineTarget } from "./engine-target.js";

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

/** One test for each case of a section, each on an engine of its own, over fake links. */
export function overLinks(section: Section): void {
  describe(`${section.title}, over links`, () => {
    for (const one of section.cases) {
      it(fullTitle(one), async () => {
        const isWide = one.needs?.includes("window") ?? false;
        const [target, knowledge] = isWide
          ? [engineWith(WIDE), { ...KNOWLEDGE, window: WIDE.inFlightMax }]
          : [engineWith({}), KNOWLEDGE];
        const { outcome, detail } = await runCase(target, section, one, "case", knowledge);
        expect(`${outcome} ${detail}`.trim()).toBe("pass");
      });
    }
  });
}

function engineWith(limits: Partial<Limits>): EngineTarget {
  const { authenticate, mayPublish, maySubscribe } = policyOfTheSuite();
  return new EngineTarget({
    limits,
    policy: {
      authenticate: (attempt, answer) => answer(authenticate(attempt), 1),
      mayPublish,
      maySubscribe,
    },
  });
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
