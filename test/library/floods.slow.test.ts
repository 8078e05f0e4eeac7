import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { FLOODS } from "../../packages/bench/src/attack/floods.js";
import type { Attack } from "../../packages/bench/src/attack/room.js";
import { type AttackOutcome, runAttack } from "../../packages/bench/src/attack/run-attack.js";
import { LocalWatch } from "../../packages/bench/src/attack/watch.js";
import { openCredentials } from "../../src/auth/index.js";
import type { ListenerOptions } from "../../src/library/listener-rows.js";
import { createBroker, type MqttBroker } from "../../src/library/mqtt-broker.js";
import { scratch } from "../auth/attempt.js";
import { cheapHash } from "../auth/cheap-hash.js";
import { collector } from "../support/garbage.js";
import { TestCa } from "../support/test-ca.js";

/**
 * Broker, floods and canary share this process and a machine with other work: what is held here are
 * counts and memory. How long the canary waits, at most 50 ms in 99 of 100, `npm run attack` measures.
 */
const SECONDS = 0.5;
/** Of those whose connections the server closes after a second. */
const LONG: readonly string[] = ["I01", "I02"];
const LONG_SECONDS = 1.5;
const SCALE = 0.1;

/** What a flood may leave behind in a process that runs tests, too. */
const LEFT_BYTES_MAX = 24 * 1024 * 1024;

/** The ways in; WebSockets over TLS are these two, one in the other. */
const DOORS = ["tcp", "tls", "ws"] as const;
type Door = (typeof DOORS)[number];

const folder = scratch();
const ca = new TestCa();
let broker: MqttBroker;
let close: () => Promise<void>;
let runs = 0;
const collect = collector();
let heapBefore = 0;
const ports = new Map<Door, number>();

beforeAll(async () => {
  const users = folder.file("users", `anna:${cheapHash("right")}\n`);
  const credentials = await openCredentials([{ kind: "passwords", file: users }]);
  broker = createBroker({
    authenticate: credentials.authenticate,
    // Answers that are held back would only make this longer: auth-failures.test.ts has them.
    limits: {
      authFailuresMax: 1_000_000,
      connectTimeoutMs: 1_000,
      handshakeTimeoutMs: 1_000,
      handshakesMax: 50,
    },
  });
  for (const type of DOORS) {
    const files = type === "tls" ? ca.issue() : {};
    const options = { type, port: 0, ...files } as ListenerOptions; // as its type asks
    ports.set(type, (await broker.listen(options)).port);
  }
  close = async () => {
    credentials.close();
    await broker.close();
  };
  for (const flood of FLOODS) await floodThrough("tcp", flood); // code is compiled, tables have their size
  collect();
  heapBefore = process.memoryUsage().heapUsed;
}, 120_000);
afterAll(async () => {
  await close();
  ca.remove();
});

async function floodThrough(door: Door, flood: Attack): Promise<AttackOutcome> {
  const port = ports.get(door) as number; // the broker has them all
  const tlsPort = ports.get("tls");
  const address = { host: "127.0.0.1", port, door, tlsPort, username: "anna", password: "right" };
  const seconds = LONG.includes(flood.name) ? LONG_SECONDS : SECONDS;
  const options = {
    address,
    seconds,
    scale: SCALE,
    pid: undefined,
    sigterm: false,
    settleSeconds: 0,
  };
  const outcome = await runAttack(flood, options, new LocalWatch());
  runs += 1;
  await vi.waitUntil(() => broker.stats().connections === 0, { timeout: 20_000 });
  return outcome;
}

/** What shows of each flood that it has reached what it is aimed at. */
const REACHED: Readonly<Record<string, (notes: AttackOutcome["notes"]) => number | undefined>> = {
  I01: () => broker.stats().closes["connect-timeout"],
  I02: () => broker.stats().closes["connect-timeout"],
  I03: (notes) => notes["connections opened"],
  K11: (notes) => notes["connections opened"], // the last test counts what became of them
  M02: () => broker.stats().refusals["bad-credentials"],
};

describe.each(DOORS)("over %s", (door) => {
  it.each(FLOODS)(
    "[$name] costs an innocent pair no message: $title",
    async (flood) => {
      const reached = (notes = {}) => REACHED[flood.name]?.(notes) ?? 0;
      const before = reached();
      const { canary, notes } = await floodThrough(door, flood);
      expect(canary).toMatchObject({ lost: 0, cutOff: undefined });
      expect(canary.sent).toBeGreaterThan(0);
      expect(reached(notes)).toBeGreaterThan(before);
    },
    120_000,
  );
});

it("[I01] [I02] [I03] [K11] [M02] they leave nothing behind", () => {
  collect();
  expect(process.memoryUsage().heapUsed - heapBefore).toBeLessThan(LEFT_BYTES_MAX);
  const { sessions, retained, willBytes, unfinishedBytes, connectionsOpened, closes } =
    broker.stats();
  expect({ sessions, retained, willBytes, unfinishedBytes }).toEqual({
    ...{ sessions: 0, retained: 0, willBytes: 0, unfinishedBytes: 0 },
  });
  const ended = Object.values(closes).reduce((sum, count) => sum + count, 0);
  expect(ended).toBe(connectionsOpened);
});

it("nobody was let in who brought a wrong password, and everybody who was refused is counted", () => {
  const { refusals, connectsAccepted, turnedAway } = broker.stats();
  expect(refusals["bad-credentials"]).toBeGreaterThan(0);
  expect(turnedAway["tls-failed"]).toBeGreaterThan(0); // [K11]
  const pairs = 2 * runs;
  const lookedAfterwards = runs; // while guesses are being checked it may have to wait too long
  expect(connectsAccepted).toBeGreaterThanOrEqual(pairs);
  expect(connectsAccepted).toBeLessThanOrEqual(pairs + lookedAfterwards);
});
