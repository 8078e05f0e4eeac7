import { expect, it } from "vitest";
import { Broker } from "../../src/engine.js";
import { statisticsOf } from "../../src/library/statistics.js";
import { FakeLink } from "../support/fake-link.js";

it("is a snapshot that JSON can hold, with counters and gauges by name", () => {
  const engine = new Broker({ makeClientId: () => "made" });
  const connection = engine.open(new FakeLink(), 1);
  const before = statisticsOf(engine, 7);
  connection.receive(Uint8Array.of(0xc0, 0), 1);
  engine.publish({ topicName: "r", payload: Uint8Array.of(1), qos: 0, retain: true }, 1);
  const after = statisticsOf(engine, 7);
  expect(before).toMatchObject({ connections: 1, closes: {}, violations: {}, retained: 0 });
  expect(after).toMatchObject({
    connections: 0,
    closes: { violation: 1 },
    violations: { "first-packet-not-connect": 1 },
    retained: 1,
    drops: { unknown: 0 },
  });
  expect(JSON.parse(JSON.stringify(after))).toEqual(after);
});
