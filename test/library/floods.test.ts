import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FLOODS } from "../../packages/bench/src/attack/floods.js";
import { runAttack } from "../../packages/bench/src/attack/run-attack.js";
import { LocalWatch } from "../../packages/bench/src/attack/watch.js";
import { openCredentials } from "../../src/auth/index.js";
import { hashOf } from "../../src/auth/password-hash.js";
import { createBroker, type MqttBroker } from "../../src/library/mqtt-broker.js";
import { scratch } from "../auth/attempt.js";
import { collector } from "../support/garbage.js";
import { TestCa } from "../support/test-ca.js";

/**
 * Broker, floods and canary share this process and a machine with other work: what is held here are
 * counts and memory. How long the canary waits, at most 50 ms in 99 of 100, `npm run attack` measures.
 */
const SECONDS = 1.5;
const SCALE = 0.1;

/** What a flood may leave behind in a process that runs tests, too. */
const LEFT_BYTES_MAX = 24 * 1024 * 1024;

const folder = scratch();
const ca = new TestCa();
let broker: MqttBroker;
let close: () => Promise<void>;
let address: Parameters<typeof runAttack>[1]["address"];

beforeAll(async () => {
  const hash = await hashOf(new TextEncoder().encode("right"));
  const users = folder.file("users", `anna:${hash}\n`);
  const credentials = await openCredentials([{ kind: "passwords", file: users }]);
  broker = createBroker({
    authenticate: credentials.authenticate,
    limits: { connectTimeoutMs: 1_000, handshakeTimeoutMs: 1_000, handshakesMax: 50 },
  });
  const { host, port } = await broker.listen({ type: "tcp", port: 0 });
  const { port: tlsPort } = await broker.listen({ type: "tls", port: 0, ...ca.issue() });
  address = { host, port, tlsPort, username: "anna", password: "right" };
  close = async () => {
    credentials.close();
    await broker.close();
  };
});
afterAll(async () => {
  await close();
  ca.remove();
});

describe.each(FLOODS)("[$name] $title", (flood) => {
  it("costs an innocent pair no message, and leaves nothing behind", async () => {
    const collect = collector();
    const run = async () => {
      const options = { address, seconds: SECONDS, scale: SCALE, pid: undefined, sigterm: false };
      const outcome = await runAttack(flood, options, new LocalWatch());
      await expect.poll(() => broker.stats().connections, { timeout: 20_000 }).toBe(0);
      collect();
      return outcome;
    };
    await run(); // code is compiled, and tables have their size
    const before = process.memoryUsage().heapUsed;
    const { canary, notes } = await run();
    expect(canary).toMatchObject({ lost: 0, cutOff: undefined });
    expect(canary.sent).toBeGreaterThan(0);
    expect(notes["connections opened"]).toBeGreaterThan(0);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(LEFT_BYTES_MAX);
    const { sessions, retained, willBytes, unfinishedBytes, connectionsOpened, closes } =
      broker.stats();
    expect({ sessions, retained, willBytes, unfinishedBytes }).toEqual({
      ...{ sessions: 0, retained: 0, willBytes: 0, unfinishedBytes: 0 },
    });
    const ended = Object.values(closes).reduce((sum, count) => sum + count, 0);
    expect(ended).toBe(connectionsOpened);
  }, 180_000);
});

it("nobody was let in who brought a wrong password, and everybody who was refused is counted", () => {
  const { refusals, connectsAccepted, turnedAway, closes } = broker.stats();
  expect(refusals["bad-credentials"]).toBeGreaterThan(0);
  expect(closes["connect-timeout"]).toBeGreaterThan(0); // [I01] [I02]
  expect(turnedAway["tls-failed"]).toBeGreaterThan(0); // [K11]
  const pairs = 2 * 2 * FLOODS.length;
  const lookedAfterwards = 2 * FLOODS.length; // while guesses are being checked it may have to wait too long
  expect(connectsAccepted).toBeGreaterThanOrEqual(pairs);
  expect(connectsAccepted).toBeLessThanOrEqual(pairs + lookedAfterwards);
});
