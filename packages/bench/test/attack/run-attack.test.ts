import { afterEach, beforeEach, expect, it } from "vitest";
import type { CanaryFigures } from "../../src/attack/canary.js";
import type { Attack } from "../../src/attack/room.js";
import { type AttackOptions, runAttack } from "../../src/attack/run-attack.js";
import type { Watch } from "../../src/attack/watch.js";
import { StubBroker } from "../stub-broker.js";

let stub: StubBroker;
let options: AttackOptions;
const steps: string[] = [];

beforeEach(async () => {
  stub = await StubBroker.start();
  const address = { host: "127.0.0.1", port: stub.port };
  options = {
    address,
    seconds: 0.05,
    scale: 1,
    pid: undefined,
    sigterm: false,
    settleSeconds: 0.1,
  };
  steps.length = 0;
});

afterEach(() => stub.stop());

const FINE: CanaryFigures = {
  ...{ p50Ms: 1, p99Ms: 2, longestSilenceMs: 11, sent: 10, lost: 0, cutOff: undefined },
};

/** Sees what it is told to see. */
function watching(canary: Partial<CanaryFigures> = {}): Watch {
  return {
    start: async () => void steps.push("watch"),
    begin: async () => void steps.push("begin"),
    end: async () => {
      steps.push("end");
      return { canary: { ...FINE, ...canary }, peakBytes: 1, waits: { serverMs: 2, canaryMs: 1 } };
    },
    close: async () => void steps.push("close"),
  };
}

const attack: Attack = {
  ...{ name: "T0", title: "does little", p99MsMax: 50 },
  prepare: async () => void steps.push("prepare"),
  run: async (room) => {
    steps.push("run");
    while (!room.over) await room.rest();
    room.note("things done", 3);
    steps.push("over");
  },
  cleanUp: async () => void steps.push("clean up"),
};

it("prepares, watches while it goes on, and takes back", async () => {
  const outcome = await runAttack(attack, options, watching());
  expect(steps.join(", ")).toBe("watch, prepare, begin, run, end, over, clean up, close");
  expect(outcome).toEqual({
    ...{ name: "T0", title: "does little", canary: FINE, memory: undefined },
    waits: { serverMs: 2, canaryMs: 1 },
    ...{ sigtermMs: undefined, notes: { "things done": 3 }, failings: [] },
  });
});

it("says in words what did not hold", async () => {
  const seen = { p99Ms: 50.1, lost: 2, cutOff: "closed" };
  const outcome = await runAttack(attack, options, watching(seen));
  expect(outcome.failings).toEqual([
    "the canary: closed",
    "p99 over 50 ms",
    "2 messages of the canary lost",
  ]);
});

it("says so when the server is gone", async () => {
  const fatal: Attack = { ...attack, run: () => stub.stop() };
  const outcome = await runAttack(fatal, options, watching());
  expect(outcome.failings).toEqual(["the server takes no clients any more"]);
  stub = await StubBroker.start();
});

it("closes the watch when the attack cannot begin", async () => {
  const watch = { ...watching(), start: () => Promise.reject(new Error("nobody there")) };
  await expect(runAttack(attack, options, watch)).rejects.toThrow("nobody there");
  expect(steps).toEqual(["close"]);
});

it("looks at the memory of a process before, meanwhile and after", {
  timeout: 20_000,
}, async () => {
  const outcome = await runAttack(attack, { ...options, pid: process.pid }, watching());
  const { before = 0, peak = 0, after = 0 } = outcome.memory ?? {};
  expect(before).toBeGreaterThan(1e6);
  expect(peak).toBe(before);
  expect(after).toBeGreaterThan(1e6);
});
