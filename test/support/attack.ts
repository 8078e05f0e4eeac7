import { expect } from "vitest";
import type { EngineOptions, ViolationCode } from "../../src/engine.js";
import { type ConnectOptions, Harness, type Peer } from "./harness.js";

/**
 * A broker with a pair of well-behaved Clients on it and a witness who sees all ordinary topics:
 * whatever an attacker does, it must cost nobody but itself.
 */
export class Attack {
  readonly harness: Harness;
  readonly witness: Peer;
  readonly #sender: Peer;
  readonly #receiver: Peer;
  readonly #before: unknown;

  constructor(options: Partial<EngineOptions> = {}) {
    this.harness = new Harness(options);
    this.witness = this.harness.connect({ clientId: "witness" });
    this.witness.subscribe(["#", 2]);
    this.#sender = this.harness.connect({ clientId: "canary-sender" });
    this.#receiver = this.harness.connect({ clientId: "canary-receiver" });
    this.#before = this.#tables();
  }

  /** The attacker, not yet connected as far as MQTT goes. */
  open(): Peer {
    return this.harness.open();
  }

  /** The attacker, accepted. */
  connect(options: ConnectOptions = {}): Peer {
    return this.harness.connect({ clientId: "attacker", ...options });
  }

  /** The canary pair still works, at once, and the witness has seen nothing of the attacker. */
  expectUnharmed(): void {
    this.#sender.publish("x/p2p/canary-receiver", "tweet", { qos: 1 });
    expect(this.#receiver.acknowledgeAll()).toMatchObject([{ qos: 1 }]);
    expect(this.#sender.packets()).toHaveLength(1);
    expect(this.witness.packets()).toEqual([]);
  }

  /** What the attacker sent was refused: closed, counted under one reason, nothing of it left. */
  expectRefused(attacker: Peer, code?: ViolationCode): void {
    expect(attacker.isClosed).toBe(true);
    const { violations } = this.harness.broker.stats;
    expect([...violations.values()]).toEqual([1]);
    if (code !== undefined) expect([...violations.keys()]).toEqual([code]);
    expect(this.harness.closes.filter(({ reason }) => reason !== "refused")).toMatchObject([
      { reason: "violation" },
    ]);
    this.expectUnharmed();
    expect(this.#tables()).toEqual(this.#before);
  }

  #tables(): unknown {
    const { connections, willBytes, pointToPointKept, retainedBytes } = this.harness.broker.stats;
    const { gauges } = this.harness.broker;
    return { ...gauges, connections, willBytes, pointToPointKept, retainedBytes };
  }
}
