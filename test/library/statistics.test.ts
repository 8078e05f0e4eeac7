import { expect, it } from "vitest";
import { Broker } from "../../src/engine.js";
import { statisticsOf } from "../../src/library/statistics.js";
import { TURN_AWAY_REASONS, type TurnAwayReason } from "../../src/ports/reasons.js";
import { FakeLink } from "../support/fake-link.js";

const NONE = Object.fromEntries(TURN_AWAY_REASONS.map((reason) => [reason, 0])) as Record<
  TurnAwayReason,
  number
>; // every reason is a key

it("is a snapshot that JSON can hold, with counters and gauges by name", () => {
  const turnedAway = { ...NONE, "not-tls": 3 };
  const engine = new Broker({ makeClientId: () => "made" });
  const connection = engine.open(new FakeLink(), 1);
  const before = statisticsOf(engine, turnedAway, 7);
  connection.receive(Uint8Array.of(0xc0, 0), 1);
  engine.publish({ topicName: "r", payload: Uint8Array.of(1), qos: 0, retain: true }, 1);
  const after = statisticsOf(engine, turnedAway, 7, 5);
  expect(before).toMatchObject({ connections: 1, closes: {}, logLinesLeftOut: 0, retained: 0 });
  expect(after).toMatchObject({
    connections: 0,
    closes: { violation: 1 },
    violations: { "first-packet-not-connect": 1 },
    retained: 1,
    logLinesLeftOut: 5,
    packetsReceived: 0,
    packetsReceivedByType: { publish: 0, pingreq: 0 },
    packetsSentByType: { connack: 0 },
    drops: { unknown: 0 },
    turnedAway: { "not-tls": 3, "tls-failed": 0 },
  });
  expect(JSON.parse(JSON.stringify(after))).toEqual(after);
});
