/**
 * Most fast test files run one after the other in the same process. Fails a file that leaves behind what
 * the next one would trip over; vitest itself takes back the spies.
 */
import { afterAll, expect, vi } from "vitest";

const EVENTS = ["uncaughtException", "unhandledRejection", "warning"];

const before = state();
afterAll(() => expect(state(), "what this file leaves to the next one").toEqual(before));

function state() {
  return {
    timersAreFake: vi.isFakeTimers(),
    folder: process.cwd(),
    exitCode: process.exitCode,
    environment: { ...process.env },
    listeners: EVENTS.map((name) => `${name}: ${process.listenerCount(name)}`),
  };
}
