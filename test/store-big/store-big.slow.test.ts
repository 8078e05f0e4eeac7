import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";

const SESSIONS = 2_000;
const MESSAGES = 50_000;
const TIME_LIMIT_MS = 300_000; // compiling included

describe("many sessions and long queues, small", () => {
  it(
    "keeps queued messages on disk, not in memory, and finds all of them after a restart",
    () => {
      const sizes = ["--sessions", `${SESSIONS}`, "--messages", `${MESSAGES}`];
      const run = spawnSync(process.execPath, ["scripts/program.mjs", "store-big", ...sizes], {
        encoding: "utf8",
        timeout: TIME_LIMIT_MS,
      });
      expect(run.status, run.stderr).toBe(0);
      const { filled, restarts } = JSON.parse(run.stdout) as {
        filled: { sessions: number; queued: number; heapBytesPerMessage: number };
        restarts: { found: number; received: number }[];
      };
      expect(filled).toMatchObject({ sessions: SESSIONS, queued: MESSAGES });
      // A message in memory would cost its 100 bytes of payload, and two objects.
      expect(filled.heapBytesPerMessage).toBeLessThan(80);
      expect(restarts).toHaveLength(3);
      for (const { found, received } of restarts) {
        expect({ found, received }).toEqual({ found: SESSIONS, received: MESSAGES / SESSIONS });
      }
    },
    TIME_LIMIT_MS,
  );
});
