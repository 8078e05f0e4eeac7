import { expect, it } from "vitest";
import type { ClientDirectory, ClientSession } from "../../src/state/client-directory.js";
import { QueueSurvey } from "../../src/state/queue-survey.js";

/** As much of a directory as a survey looks at. */
function directory(...sessions: { inFlightCount: number; queuedCount: number }[]): ClientDirectory {
  const all = sessions.map((counts) => ({
    outbound: { ...counts, queuedBytes: 10 * counts.queuedCount },
  }));
  const found = { sessions: () => all.values() as Iterator<unknown> as Iterator<ClientSession> };
  return found as ClientDirectory; // it asks for nothing else
}

it("adds up what waits, a few sessions at a time, and tells whole rounds only", () => {
  const survey = new QueueSurvey(
    directory({ inFlightCount: 1, queuedCount: 2 }, { inFlightCount: 3, queuedCount: 0 }),
  );
  const none = { inFlight: 0, queued: 0, queuedBytes: 0 };
  const all = { inFlight: 4, queued: 2, queuedBytes: 20 };
  expect(survey.go(2)).toEqual(none); // whether it was the last one is known at the next step
  expect(survey.go(2)).toEqual(all);
  expect(survey.go(1)).toEqual(all);
  expect(survey.go(10)).toEqual(all);
  expect(survey.go(10)).toEqual(all);
});

it("finds nothing where nobody is", () => {
  expect(new QueueSurvey(directory()).go(5)).toEqual({ inFlight: 0, queued: 0, queuedBytes: 0 });
});
