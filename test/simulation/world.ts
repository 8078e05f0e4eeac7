import type { Operation } from "../../src/store/backend.js";
import { KeyedStore } from "../../src/store/keyed-store.js";
import { MemoryBackend } from "../../src/store/memory-store.js";
import type { DurableClient } from "../support/durable-client.js";
import { Harness } from "../support/harness.js";

/** Where a disk fails: the commit with this number, counted from 1. */
export type Fault =
  /** The power goes before the commit has reached the disk. */
  | { readonly kind: "power-loss-before"; readonly commit: number }
  /** The power goes when the disk has it, but nobody knows yet. */
  | { readonly kind: "power-loss-after"; readonly commit: number }
  /** The disk reports an error, once; the power stays. */
  | { readonly kind: "error"; readonly commit: number }
  | { readonly kind: "none" };

class PowerLoss extends Error {}

/** A disk that keeps what was committed, and fails as told. */
class Disk extends MemoryBackend {
  commits = 0;
  fault: Fault = { kind: "none" };

  #isReported = false;

  /** Whether the fault has happened since the last call. */
  hasJustFailed(): boolean {
    const { fault } = this;
    if (this.#isReported || fault.kind === "none" || this.commits < fault.commit) return false;
    this.#isReported = true;
    return true;
  }

  override commit(operations: readonly Operation[], done: (error?: Error) => void): void {
    this.commits += 1;
    const { fault } = this;
    const isHere = fault.kind !== "none" && fault.commit === this.commits;
    if (!isHere) {
      super.commit(operations, done);
      return;
    }
    if (fault.kind === "error") {
      done(new Error("EIO: i/o error"));
      return;
    }
    if (fault.kind === "power-loss-after") for (const one of operations) this.apply(one);
    throw new PowerLoss();
  }
}

/** A script for one world: it names what Clients do; the world does the rest. */
export interface Scenario {
  readonly name: string;
  readonly inFlightMax?: number;
  /** Client Identifier -> how the payloads begin that this very Client must have got. */
  readonly owed?: Readonly<Record<string, string>>;
  readonly clients: readonly (() => DurableClient)[];
  readonly steps: readonly ((world: World) => void)[];
}

/**
 * One broker over one disk, and Clients that keep their word. When the power goes the broker is
 * gone with all that was in memory; a new one starts over the same disk.
 */
export class World {
  readonly clients = new Map<string, DurableClient>();
  readonly disk = new Disk();
  readonly #scenario: Scenario;
  readonly #turnsPerCommit: number;
  #harness: Harness;
  #due: (() => void)[] = [];
  #restarts = 0;

  constructor(scenario: Scenario, fault: Fault, turnsPerCommit: number) {
    this.#scenario = scenario;
    this.#turnsPerCommit = turnsPerCommit;
    for (const make of scenario.clients) {
      const client = make();
      this.clients.set(client.clientId, client);
    }
    this.disk.fault = fault;
    this.#harness = this.#start();
  }

  get restarts(): number {
    return this.#restarts;
  }

  client(clientId: string): DurableClient {
    const client = this.clients.get(clientId);
    if (client === undefined) throw new Error(`no client ${clientId}`);
    return client;
  }

  connect(clientId: string): void {
    this.client(clientId).connect(this.#harness);
  }

  /** Runs the script to its end, whatever happens in between. */
  run(): void {
    for (const step of this.#scenario.steps) {
      this.#survive(() => step(this));
      this.#survive(() => this.#settle(this.#turnsPerCommit));
      // What a Client was not granted, nobody has promised it: the script goes on when it is.
      if (this.disk.hasJustFailed()) this.finish();
    }
    this.finish();
  }

  /** Everybody connects, and everything that can be delivered is. */
  finish(): void {
    for (let round = 0; round < 50; round += 1) {
      this.#survive(() => {
        for (const client of this.clients.values()) {
          if (!client.isConnected) client.connect(this.#harness);
        }
        this.#settle(1);
      });
      const isQuiet = [...this.clients.values()].every((one) => one.isConnected && one.isQuiet);
      if (isQuiet) return;
    }
    throw new Error("the clients never came to rest");
  }

  /** The power goes now: memory is lost, the disk keeps what it has. */
  powerLoss(): void {
    this.#restarts += 1;
    for (const client of this.clients.values()) client.lose();
    this.#due = [];
    this.#harness = this.#start();
  }

  #start(): Harness {
    const store = new KeyedStore({
      backend: this.disk,
      gather: (commit) => void this.#due.push(commit),
      retry: (commit) => void this.#due.push(commit),
    });
    const { inFlightMax = 32 } = this.#scenario;
    const harness = new Harness({ store, limits: { inFlightMax } });
    store.onCommitted = () => {
      if (!harness.broker.inTurn) harness.broker.committed(harness.nowMs);
    };
    store.onFailed = (error) => harness.broker.storeFailed(harness.nowMs, error);
    harness.broker.restore(harness.nowMs);
    return harness;
  }

  #survive(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!(error instanceof PowerLoss)) throw error;
      this.powerLoss();
    }
  }

  /** What the broker may send although the disk is not done. @returns whether there was any. */
  #work(): boolean {
    const { broker, nowMs } = this.#harness;
    if (!broker.needsWork) return false;
    broker.work(nowMs);
    broker.flush();
    return true;
  }

  /** Clients answer and the disk commits until nothing moves any more. */
  #settle(roundsPerCommit: number): void {
    for (let round = 1; round < 10_000; round += 1) {
      const worked = [...this.clients.values()].map((client) => client.work());
      let moved = worked.includes(true) || this.#work();
      if (!moved || round % roundsPerCommit === 0) {
        const due = this.#due;
        this.#due = [];
        for (const commit of due) commit();
        this.#harness.broker.flush();
        moved ||= due.length > 0;
      }
      if (!moved) return;
    }
    throw new Error("the world never came to rest");
  }
}
