import { describe, expect, it } from "vitest";
import { rocketMqLacks } from "../rocketmq/real-rocketmq.js";
import { runFaults } from "./run-faults.js";

/** Of each of the three; `npm run rocketmq:faults` does it 20 times. */
const KILLS = 1;
const MESSAGES = 300;
const TIME_LIMIT_MS = 400_000; // for a machine with other work, and a first run that fetches

describe.skipIf(rocketMqLacks() !== undefined)("two servers and the RocketMQ between them", () => {
  // Side by side, each with a RocketMQ of its own: most of the time is waiting for what it hides.
  it.concurrent.each(["grpc", "remoting"] as const)(
    "[M26] lose nothing acknowledged and keep the order over kill -9, by %s",
    { timeout: TIME_LIMIT_MS },
    async (protocol) => {
      const options = { protocol, kills: KILLS, messages: MESSAGES, seed: 20141029 };
      const result = await runFaults({ ...options, say: () => undefined });
      expect(result.problems).toEqual([]);
      expect(result.acknowledged).toBe(MESSAGES);
      expect(result.settled).toBeGreaterThan(0); // else it has proven less
    },
  );
});
